package emulator

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator/internal/model"
	"github.com/rolecall-dev/rolecall/emulator/internal/model/modeltest"
	"github.com/rolecall-dev/rolecall/emulator/internal/scim"
)

var update = flag.Bool("update", false, "write the generated parts of README.md")

var generated = regexp.MustCompile(`(?s)(<!-- made by [^\n]*: (\w+) -->\n).*?(<!-- end -->)`)

// TestREADME compares the generated parts of README.md with the code.
func TestREADME(t *testing.T) {
	have, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{"operations": operationTable(), "decisions": decisionTable()}
	want := generated.ReplaceAllStringFunc(string(have), func(part string) string {
		m := generated.FindStringSubmatch(part)
		return m[1] + parts[m[2]] + m[3]
	})
	if *update {
		if err := os.WriteFile("README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(have) {
		t.Error("README.md is stale: run go test ./emulator -run TestREADME -update")
	}
}

func operationTable() string {
	var b bytes.Buffer
	for _, s := range model.Services() {
		fmt.Fprintf(&b, "### %s\n\n| operation | input, and what is checked | errors | faults |\n|---|---|---|---|\n", s.Name)
		for _, op := range s.Operations {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", op.Name, inputs(op), errorNames(op), specialFaults(op))
		}
		b.WriteString("\n")
	}
	b.WriteString("### SCIM\n\n| operation | request | faults |\n|---|---|---|\n")
	for _, op := range scim.Operations() {
		fault := ""
		if op.Method != "GET" {
			fault = string(Conflict)
		}
		fmt.Fprintf(&b, "| %s | %s %s | %s |\n", op.Name, op.Method, op.Path, fault)
	}
	return b.String() + "\n"
}

func inputs(op *model.Operation) string {
	return strings.ReplaceAll(modeltest.Describe(op.Input), "|", `\|`)
}

func errorNames(op *model.Operation) string {
	var names []string
	for _, e := range op.Errors {
		names = append(names, strings.TrimSuffix(e.Name, "Exception"))
	}
	return strings.Join(names, ", ")
}

func specialFaults(op *model.Operation) string {
	c := &command{Service: op.Service, Operation: op.Name, op: op}
	var kinds []string
	if c.conflicts() {
		kinds = append(kinds, string(Conflict))
	}
	if c.startsJob() {
		kinds = append(kinds, string(FailJob))
	}
	return strings.Join(kinds, ", ")
}

func decisionTable() string {
	var b bytes.Buffer
	b.WriteString("| what | decision | grade | source |\n|---|---|---|---|\n")
	for _, d := range Decisions() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", d.Subject, d.Decision, d.Grade, d.Source)
	}
	return b.String()
}

// TestDecisionsAreWhole: each is graded, and what is not assumed has a source.
func TestDecisionsAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range Decisions() {
		if seen[d.Subject] || d.Decision == "" || d.Grade == "" || d.Grade != Assumed && d.Source == "" {
			t.Errorf("decision is not whole: %+v", d)
		}
		seen[d.Subject] = true
	}
}
