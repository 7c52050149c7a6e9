package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestDocuments runs the command lines of the documents, in their order, and
// compares the output where they show any. What a reader would have around
// them is in comments of the Markdown, as lines of a script:
//
//	<!-- script: emulator start -->
//
// In ```console, what follows $ is run, and the lines below it have to come in
// its output; ... stands for any lines, "# exits with N" for an exit code. A
// ```sh block is run whole. An ```hcl block that begins with "# FILE" is
// written to that file.
func TestDocuments(t *testing.T) {
	dir := t.TempDir()
	for name, before := range map[string][]string{
		"README.md": nil, "docs/getting-started.md": nil, "docs/lints.md": nil, "docs/access.md": nil,
		"docs/exit-codes.md": {"emulator start", "copy $EXAMPLES/okta-scim access"},
	} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		script := scriptOf(t, before, string(text))
		file := strings.TrimSuffix(strings.ReplaceAll(name, "/", "-"), ".md") + ".txtar"
		if err := os.WriteFile(filepath.Join(dir, file), txtar.Format(script), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmds := verbs()
	cmds["shows"], cmds["profile"] = shows, profile
	testscript.Run(t, testscript.Params{Dir: dir, Setup: setUp, Cmds: cmds})
}

var (
	scriptLine = regexp.MustCompile(`^<!-- script: (.*) -->$`)
	exitsWith  = regexp.MustCompile(`\s+# exits with (\d+)$`)
	// notHere are command lines that this test cannot run, or runs elsewhere.
	notHere = regexp.MustCompile(`^go (test \./\.\.\.|run \./cmd/rolecall demo)$`)
)

// scriptOf makes a script of a document.
func scriptOf(t *testing.T, before []string, text string) *txtar.Archive {
	s := &documentScript{lines: slices.Clone(before)}
	var kind string
	var block []string
	for _, line := range strings.Split(text, "\n") {
		switch fence, isFence := strings.CutPrefix(line, "```"); {
		case isFence && block == nil:
			kind, block = fence, []string{}
		case isFence:
			s.add(kind, block)
			block = nil
		case block != nil:
			block = append(block, line)
		default:
			if m := scriptLine.FindStringSubmatch(line); m != nil {
				s.lines = append(s.lines, m[1])
			}
		}
	}
	if block != nil {
		t.Error("a code block does not end")
	}
	return &txtar.Archive{Comment: []byte(strings.Join(s.lines, "\n") + "\n"), Files: s.files}
}

type documentScript struct {
	lines []string
	files []txtar.File
}

func (s *documentScript) file(name string, lines []string) {
	s.files = append(s.files, txtar.File{Name: name, Data: []byte(strings.Join(lines, "\n") + "\n")})
}

func (s *documentScript) add(kind string, block []string) {
	switch kind {
	case "console":
		s.console(block)
	case "sh":
		block = slices.DeleteFunc(block, func(line string) bool { return notHere.MatchString(line) })
		if len(block) > 0 {
			s.run(0, strings.Join(block, "\n"))
		}
	case "hcl":
		if name, found := strings.CutPrefix(block[0], "# "); found && !strings.Contains(name, " ") {
			// Written when its turn comes: a later block may be the same file.
			from := fmt.Sprintf("block-%d", len(s.files))
			s.file(from, block[1:])
			s.lines = append(s.lines, fmt.Sprintf("exec mkdir -p %s", filepath.Dir(name)), fmt.Sprintf("cp %s %s", from, name))
		}
	}
}

func (s *documentScript) console(block []string) {
	for i := 0; i < len(block); i++ {
		command, found := strings.CutPrefix(block[i], "$ ")
		if !found {
			continue
		}
		code := 0
		if m := exitsWith.FindStringSubmatch(command); m != nil {
			code, _ = strconv.Atoi(m[1]) // it is digits
			command = exitsWith.ReplaceAllString(command, "")
		}
		end := i + 1
		// What the demo prints has command lines of its own.
		demo := strings.HasSuffix(command, " demo")
		for end < len(block) && (demo || !strings.HasPrefix(block[end], "$ ")) {
			end++
		}
		s.run(code, command)
		if end > i+1 {
			name := fmt.Sprintf("block-%d", len(s.files))
			s.file(name, block[i+1:end])
			s.lines = append(s.lines, "shows "+name)
		}
		i = end - 1
	}
}

// run runs a command line, or several, in a shell.
func (s *documentScript) run(code int, command string) {
	if name, value, ok := strings.Cut(strings.TrimPrefix(command, "export "), "="); ok && strings.HasPrefix(command, "export ") {
		s.lines = append(s.lines, fmt.Sprintf("env %s=%s", name, value))
		return
	}
	command = strings.ReplaceAll(command, "go run ./cmd/rolecall", "rolecall")
	name := fmt.Sprintf("block-%d", len(s.files))
	s.file(name, []string{"exec 2>&1", command})
	s.lines = append(s.lines, fmt.Sprintf("exit %d sh %s", code, name))
}

// shows demands that the lines of a file come in the output of the last
// command, together and in this order but where ... stands.
func shows(ts *testscript.TestScript, neg bool, args []string) {
	output := lines(ts.ReadFile("stdout"))
	want := lines(ts.ReadFile(args[0]))
	for len(want) > 0 {
		end := slices.Index(want, "...")
		if end < 0 {
			end = len(want)
		}
		part := want[:end]
		want = want[min(end+1, len(want)):]
		at := indexOf(output, part)
		if at < 0 {
			ts.Fatalf("the output does not have these lines, or not here:\n%s", strings.Join(part, "\n"))
		}
		output = output[at+len(part):]
	}
}

func lines(text string) []string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := range all {
		all[i] = strings.TrimRight(all[i], " ")
	}
	return all
}

func indexOf(all, part []string) int {
	for i := 0; i+len(part) <= len(all); i++ {
		if slices.Equal(all[i:i+len(part)], part) {
			return i
		}
	}
	return -1
}

// profile gives the user an AWS profile, and nothing else to find credentials
// by: profile NAME.
func profile(ts *testscript.TestScript, neg bool, args []string) {
	dir := filepath.Join(ts.Getenv("HOME"), ".aws")
	ts.Check(os.MkdirAll(dir, 0o700))
	text := fmt.Sprintf("[profile %s]\nregion = us-east-1\naws_access_key_id = %s\naws_secret_access_key = emulator\n", args[0], ts.Getenv("AWS_ACCESS_KEY_ID"))
	ts.Check(os.WriteFile(filepath.Join(dir, "config"), []byte(text), 0o600))
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"} {
		ts.Setenv(name, "")
	}
}
