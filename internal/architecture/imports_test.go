package architecture

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// listed is what `go list` says of a package.
type listed struct {
	Dir        string
	ImportPath string
	GoFiles    []string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=Dir,ImportPath,GoFiles,Imports", "./...")
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all []listed
	for d := json.NewDecoder(out); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 {
			all = append(all, p)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("go list finds no packages")
	}
	return all
}

func TestPackages(t *testing.T) {
	all := packages(t)
	for name, violations := range map[string]func([]listed) []string{
		"import within the module":    withinTheModule,
		"import beyond the module":    beyondTheModule,
		"import the standard library": ofTheStandardLibrary,
	} {
		t.Run(name, func(t *testing.T) {
			for _, v := range violations(all) {
				t.Error(v)
			}
		})
	}
	t.Run("say what they are for", func(t *testing.T) { packagesSayWhatTheyAreFor(t, all) })
	t.Run("are named for what they hold", func(t *testing.T) { packagesAreNamedForWhatTheyHold(t, all) })
	t.Run("run nothing before main", func(t *testing.T) { nothingRunsBeforeMain(t, all) })
	t.Run("have a room", func(t *testing.T) { packagesHaveARoom(t, all) })
}

func withinTheModule(all []listed) (violations []string) {
	rules := insideRules()
	for _, p := range all {
		from := strings.TrimPrefix(p.ImportPath, module)
		at := slices.IndexFunc(rules, func(r within) bool { return matches(r.from, from) })
		if at < 0 {
			violations = append(violations, from+" is in no rule: say in insideRules what it may import, and why")
			continue
		}
		r := rules[at]
		for _, path := range p.Imports {
			to, ours := strings.CutPrefix(path, module)
			if ours && !strings.HasPrefix(to, from+"/") && !matchesAny(r.to, to) {
				violations = append(violations, fmt.Sprintf("%s imports %s; it may import %v, because %s", from, to, r.to, r.reason))
			}
		}
	}
	return violations
}

func beyondTheModule(all []listed) (violations []string) {
	rules := outsideRules()
	for _, p := range all {
		from := strings.TrimPrefix(p.ImportPath, module)
		for _, path := range p.Imports {
			if standard(path) || strings.HasPrefix(path, module) {
				continue
			}
			at := slices.IndexFunc(rules, func(r beyond) bool { return strings.HasPrefix(path, r.prefix) })
			switch {
			case at < 0:
				violations = append(violations, fmt.Sprintf("%s imports %s, a dependency in no rule: say in outsideRules who may, and why", from, path))
			case !matchesAny(rules[at].by, from):
				violations = append(violations, fmt.Sprintf("%s imports %s; only %v may, because %s", from, path, rules[at].by, rules[at].reason))
			}
		}
	}
	return violations
}

func ofTheStandardLibrary(all []listed) (violations []string) {
	for _, p := range all {
		from := strings.TrimPrefix(p.ImportPath, module)
		for _, r := range standardRules() {
			for _, path := range p.Imports {
				if matches(r.from, from) && standard(path) && matchesAny(r.std, path) {
					violations = append(violations, fmt.Sprintf("%s imports %s; it must not, because %s", from, path, r.reason))
				}
			}
		}
	}
	return violations
}

// A rule that never bites would pass for ever.
func TestRulesBite(t *testing.T) {
	for _, c := range []struct {
		violations func([]listed) []string
		from       string
		imports    []string // of which the last one alone is a violation
	}{
		{withinTheModule, "emulator", []string{module + "emulator/internal/store", module + "internal/access"}},
		{withinTheModule, "internal/cli", []string{module + "emulator/idp", module + "emulator/idp/vendorapi"}},
		{withinTheModule, "internal/diag", []string{module + "internal/access"}},
		{withinTheModule, "internal/plan", []string{module + "internal/access", module + "internal/apply"}},
		{withinTheModule, "internal/directory/okta", []string{module + "internal/directory", module + "internal/directory/entra"}},
		{withinTheModule, "internal/render", []string{module + "internal/plan", module + "internal/identitycenter"}},
		{withinTheModule, "internal/tfprovider", []string{module + "internal/plan", module + "internal/cli"}},
		{withinTheModule, "internal/nowhere", nil},
		{beyondTheModule, "internal/cli", []string{"github.com/spf13/cobra", "github.com/hashicorp/hcl/v2"}},
		{beyondTheModule, "internal/plan", []string{"github.com/aws/aws-sdk-go-v2/aws"}},
		{beyondTheModule, "internal/identitycenter/write", []string{"golang.org/x/sync/errgroup", "github.com/aws/aws-sdk-go-v2/service/ssoadmin"}},
		{beyondTheModule, "emulator", []string{"net/http", "golang.org/x/text/cases"}},
		{beyondTheModule, "internal/config", []string{"github.com/hashicorp/hcl/v2", "example.com/new"}},
		{ofTheStandardLibrary, "internal/plan", []string{"fmt", "time"}},
		{ofTheStandardLibrary, "internal/render", []string{"time", "os"}},
		{ofTheStandardLibrary, "internal/config", []string{"os", "os/exec"}},
		{ofTheStandardLibrary, "internal/apply", []string{"context", "net/http"}},
		{ofTheStandardLibrary, "cmd/rolecall", []string{"os", "testing"}},
	} {
		got := c.violations([]listed{{ImportPath: module + c.from, Imports: c.imports}})
		if len(got) != 1 || len(c.imports) > 0 && !strings.Contains(got[0], strings.TrimPrefix(c.imports[len(c.imports)-1], module)) {
			t.Errorf("%s importing %v: %q", c.from, c.imports, got)
		}
	}
}

// standard says that the path is of the standard library: its first element
// has no dot.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func matchesAny(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, path) })
}

// matches says whether a path is what a pattern means: "a/b" itself, "a/..."
// a and all beneath it, "a/*" what is directly beneath a.
func matches(pattern, name string) bool {
	if pattern == "..." {
		return true
	}
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return name == tree || strings.HasPrefix(name, tree+"/")
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"internal/plan", "internal/plan", true},
		{"internal/plan", "internal/planner", false},
		{"internal/cli/...", "internal/cli", true},
		{"internal/cli/...", "internal/cli/init", true},
		{"internal/cli/...", "internal/client", false},
		{"internal/directory/*", "internal/directory/okta", true},
		{"internal/directory/*", "internal/directory", false},
		{"internal/directory/*", "internal/directory/okta/deep", false},
		{"...", "emulator", true},
		{"net/http/...", "net/url", false},
	} {
		if got := matches(c.pattern, c.name); got != c.want {
			t.Errorf("matches(%q, %q) = %v", c.pattern, c.name, got)
		}
	}
}
