package architecture

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the repository, seen from this folder.
const root = "../.."

// maxLines is where a file has become about more than one subject.
const maxLines = 500

// minDoc is the least that says what a package is for, what it promises and
// what it leaves out, in characters.
const minDoc = 100

func packagesSayWhatTheyAreFor(t *testing.T, all []listed) {
	for _, p := range all {
		name := strings.TrimPrefix(p.ImportPath, module)
		var docs []string
		for _, file := range p.GoFiles {
			f := parse(t, filepath.Join(p.Dir, file), parser.PackageClauseOnly|parser.ParseComments)
			if f.Doc != nil {
				docs = append(docs, f.Doc.Text())
			}
		}
		switch {
		case len(docs) == 0:
			t.Errorf("%s has no package comment", name)
		case len(docs) > 1:
			t.Errorf("%s has %d package comments; keep one", name, len(docs))
		case !strings.HasPrefix(docs[0], "Package ") && !strings.HasPrefix(docs[0], "Command "):
			t.Errorf("%s: the package comment begins with neither Package nor Command", name)
		case len(docs[0]) < minDoc:
			t.Errorf("%s: the package comment says too little: what it is for, what it promises, what it leaves out", name)
		}
	}
}

func packagesAreNamedForWhatTheyHold(t *testing.T, all []listed) {
	for _, p := range all {
		base := filepath.Base(p.ImportPath)
		if slices.Contains([]string{"util", "utils", "common", "shared", "helpers", "misc", "base", "lib"}, base) {
			t.Errorf("%s: a name that could hold anything will", p.ImportPath)
		}
	}
}

func nothingRunsBeforeMain(t *testing.T, all []listed) {
	for _, p := range all {
		for _, file := range p.GoFiles {
			for _, d := range parse(t, filepath.Join(p.Dir, file), parser.SkipObjectResolution).Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
					t.Errorf("%s/%s has an init function; nothing registers itself, and nothing slows down every command", p.ImportPath, file)
				}
			}
		}
	}
}

func TestFilesAreAboutOneSubject(t *testing.T) {
	seen := map[string]bool{}
	eachFile(t, func(name string, text []byte) {
		if filepath.Ext(name) != ".go" || generated.Match(text) {
			return
		}
		lines := bytes.Count(text, []byte("\n"))
		reason, excused := longFiles()[name]
		seen[name] = excused && lines > maxLines
		if lines > maxLines && reason == "" {
			t.Errorf("%s has %d lines; at most %d, or a reason in longFiles", name, lines, maxLines)
		}
	})
	for name := range longFiles() {
		if !seen[name] {
			t.Errorf("%s is excused for its length and is not long", name)
		}
	}
}

var (
	generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
	// unfinished is what says that something is not done.
	unfinished = regexp.MustCompile(`\b(?:TO` + `DO|FIX` + `ME|X` + `XX|HA` + `CK)\b`)
	// somebodys is a path of one machine.
	somebodys = regexp.MustCompile("(?:^|[\\s\"'`=(:])/(?:home/\\w+/|Users/\\w+/\\w+/|(?:root|work|workspace)/)\\w")
	accessKey = regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`)
	madeUp    = regexp.MustCompile(`EXAMPLE|EMULATOR`)
	secrets   = regexp.MustCompile(`-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----`)
)

func TestNothingIsLeftBehind(t *testing.T) {
	eachFile(t, func(name string, text []byte) {
		if bytes.IndexByte(text, 0) >= 0 {
			return // no text
		}
		for _, m := range []struct {
			what string
			seen *regexp.Regexp
		}{
			{"is unfinished", unfinished}, {"names a path of somebody's machine", somebodys},
			{"has a private key", secrets}, {"has an access key", accessKey},
		} {
			for _, at := range m.seen.FindAllIndex(text, -1) {
				found := text[at[0]:at[1]]
				if m.seen == accessKey && madeUp.Match(found) {
					continue
				}
				t.Errorf("%s:%d %s: %s", name, 1+bytes.Count(text[:at[0]], []byte("\n")), m.what, bytes.TrimSpace(found))
			}
		}
	})
}

// eachFile gives every file of the repository, with its path from the root,
// but what git does not keep and what machines write.
func eachFile(t *testing.T, visit func(name string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, at)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{".git", "node_modules", "bin", "dist", ".terraform"}, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		// In a work tree of its own, .git is a file.
		if !d.Type().IsRegular() || name == ".git" || strings.HasSuffix(name, ".sum") || strings.Contains(name, "/testdata/rapid/") {
			return nil
		}
		text, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		visit(filepath.ToSlash(name), text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func parse(t *testing.T, file string, mode parser.Mode) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, mode)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
