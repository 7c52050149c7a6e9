package cli

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

var update = flag.Bool("update", false, "write docs/cli.md anew")

// TestReference holds docs/cli.md to the commands and flags that there are.
func TestReference(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "cli.md")
	want := reference((&app{}).root())
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/cli.md is stale; run `go test ./internal/cli -run TestReference -update`:\n%s", diff)
	}
}

func reference(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("# Commands\n\nGenerated from the code; change it there, then run `go test ./internal/cli -run TestReference -update`.\n\n" +
		"Results go to stdout, everything else to stderr. [Exit codes](exit-codes.md) are a contract.\n\n" + root.Long + "\n\n")
	for _, c := range root.Commands() {
		if !c.Hidden {
			fmt.Fprintf(&b, "- [`%s`](#rolecall-%s): %s\n", c.Name(), c.Name(), c.Short)
		}
	}
	for _, c := range root.Commands() {
		if c.Hidden {
			continue
		}
		fmt.Fprintf(&b, "\n## rolecall %s\n\n```\n%s\n```\n\n%s\n", c.Name(), c.UseLine(), c.Long)
		fmt.Fprintf(&b, "\n```sh\n%s\n```\n", strings.ReplaceAll(strings.TrimPrefix(c.Example, "  "), "\n  ", "\n"))
		flags(&b, c)
	}
	return b.String()
}

func flags(b *strings.Builder, c *cobra.Command) {
	b.WriteString("\n| flag | meaning |\n|---|---|\n")
	c.Flags().VisitAll(func(f *pflag.Flag) {
		name := "--" + f.Name
		if kind, _ := pflag.UnquoteUsage(f); kind != "" {
			name += " " + strings.ToUpper(strings.TrimSuffix(kind, "Array"))
		}
		usage := strings.ReplaceAll(f.Usage, "|", `\|`)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "0s" && f.DefValue != "[]" {
			usage += fmt.Sprintf(" (default `%s`)", f.DefValue)
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", name, usage)
	})
	b.WriteString("| `--no-color` | no color, as with `NO_COLOR` |\n")
}

func TestEveryCommandIsExplained(t *testing.T) {
	root := (&app{}).root()
	for _, c := range root.Commands() {
		if c.Hidden {
			continue
		}
		if c.Short == "" || len(c.Long) < 60 || !strings.Contains(c.Example, "rolecall "+c.Name()) {
			t.Errorf("%s lacks a short or long text, or an example", c.Name())
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s --%s does not say what it does", c.Name(), f.Name)
			}
		})
	}
}

// No flag takes a secret.
func TestNoFlagTakesASecret(t *testing.T) {
	secret := regexp.MustCompile(`token|secret|password|access-key|credential`)
	for _, c := range (&app{}).root().Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if secret.MatchString(f.Name) {
				t.Errorf("%s --%s looks like a secret", c.Name(), f.Name)
			}
		})
	}
}

func TestExitCodesAreDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "exit-codes.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| (\d+) \|`).FindAllStringSubmatch(string(text), -1)
	var documented []string
	for _, r := range rows {
		documented = append(documented, r[1])
	}
	source, err := os.ReadFile("exit.go")
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, m := range regexp.MustCompile(`ExitCode\s+= (\d+)`).FindAllSubmatch(source, -1) {
		have = append(have, string(m[1]))
	}
	have = slices.Compact(have) // two names may have one number
	if diff := cmp.Diff(have, documented); diff != "" {
		t.Errorf("exit codes and docs/exit-codes.md differ (-code +docs):\n%s", diff)
	}
	for _, c := range have {
		if _, err := os.Stat(filepath.Join("..", "..", "testdata", "script", "exit-"+c+".txtar")); err != nil {
			t.Errorf("no script shows exit code %s: %v", c, err)
		}
	}
}

func TestCodesSayWhatToDo(t *testing.T) {
	seen := map[diag.Code]bool{}
	for _, c := range codes() {
		if seen[c.Code] || c.Meaning == "" || c.Do == "" || !strings.HasPrefix(string(c.Code), "cli.") {
			t.Errorf("%q is there twice, or lacks its meaning or what to do", c.Code)
		}
		seen[c.Code] = true
	}
}

// Every example of the help is a command line that rolecall understands.
func TestExamplesAreUnderstood(t *testing.T) {
	commands := append((&app{}).root().Commands(), (&app{}).root())
	for _, c := range commands {
		for _, line := range strings.Split(c.Example, "\n") {
			_, after, found := strings.Cut(line, "rolecall ")
			if !found {
				continue
			}
			words := strings.Fields(strings.TrimSuffix(strings.TrimSuffix(after, ")"), " | source"))
			root := (&app{}).root()
			cmd, args, err := root.Find(words)
			if err != nil || cmd == root {
				t.Errorf("%q: no such command (%v)", line, err)
				continue
			}
			if err := cmd.ParseFlags(args); err != nil {
				t.Errorf("%q: %v", line, err)
			}
			if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
				t.Errorf("%q: %v", line, err)
			}
		}
	}
}
