package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVerdicts(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"go.mod":    "module example.com/toy\n\ngo 1.26.0\n",
		"toy.go":    "package toy\n\nimport \"os\"\n\n// Small says that n is small.\nfunc Small(n int) bool {\n\tif n < 0 {\n\t\treturn false\n\t}\n\treturn n < 10\n}\n\nfunc where() string { return os.Getenv(\"TOY\") }\n",
		"t_test.go": "package toy\n\nimport \"testing\"\n\nfunc TestSmall(t *testing.T) {\n\tif Small(10) && where() != \"0\" {\n\t\tt.Error(\"10 is not small\")\n\t}\n}\n\nfunc TestBroken(t *testing.T) { t.Error() }\n",
		"table.txt": `# the form is at the top of main.go
== found in the second run
test: . -run ^TestSmall$
env: TOY={run}
runs: 3
--- toy.go
	return n < 10
+++
	return n < 11

== survives
test: . -run ^TestSmall$
runs: 2
--- toy.go
	if n < 0 {
		return false
	}
+++
== old text gone
test: . -run ^TestSmall$
--- toy.go
	return n < 12
+++
	return true
== does not build
test: . -run ^TestSmall$
--- toy.go
	return n < 10
+++
	return n
== proves nothing
test: . -run ^TestBroken$
--- toy.go
	return n < 10
+++
	return n < 11
== no such test
test: . -run ^TestNone$
--- toy.go
	return n < 10
+++
	return n < 11
`})
	var out strings.Builder
	ok, err := run(t.Context(), &out, filepath.Join(dir, "table.txt"), "", 0, "", &bench{root: dir, limit: time.Minute})
	if err != nil || ok {
		t.Fatalf("ok %v, %v", ok, err)
	}
	for _, want := range []string{
		"found     run 2 of 3", "survived  run 2 of 2", "no longer in toy.go", "does not build",
		"the test fails without the mutation", "finds no test", "6 mutations, 1 found",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"x\n":                              "before the first ==",
		"== a\n--- f\nold\n+++\n":          "needs a test",
		"== a\ntest: .\nruns: many\n":      "line 3",
		"== a\ntest: .\n--- f\n+++\nnew\n": "no old text",
		"== a\nspeed: 3\n":                 "none of",
		"== a\ntest: .\n--- f\nx\n+++\n== a\ntest: .\n--- f\nx\n+++\n": "stands twice",
	} {
		if _, err := parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// The table's texts fit the code, so that a change of the code shows here and
// not when somebody runs the mutations.
func TestTableFits(t *testing.T) {
	text, err := os.ReadFile("mutations.txt")
	if err != nil {
		t.Fatal(err)
	}
	list, err := parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{root: "../.."}
	for _, m := range list {
		if _, err := b.overlay(t.TempDir(), m); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}

func TestSampleIsOfTheDay(t *testing.T) {
	var list []mutation
	for i := range 40 {
		list = append(list, mutation{name: strconv.Itoa(i)})
	}
	names := func(day string) (out []string) {
		for _, m := range sampleOf(slices.Clone(list), 10, day) {
			out = append(out, m.name)
		}
		return out
	}
	one, two := names("2026-11-25"), names("2026-11-26")
	if len(one) != 10 || !slices.Equal(one, names("2026-11-25")) || slices.Equal(one, two) {
		t.Errorf("%v, then %v", one, two)
	}
}
