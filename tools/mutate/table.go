package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// mutation is a rule that is taken out of the code, and the test that has to
// notice within a number of runs.
type mutation struct {
	name  string
	test  []string // arguments of go test
	env   []string // NAME=value, {run} stands for the number of the run
	runs  int
	edits []edit
}

// edit is one replacement in a file.
type edit struct{ file, old, new string }

// parse reads a table; its form is at the top of main.go.
func parse(text string) ([]mutation, error) {
	var out []mutation
	var into *string // where lines of code go
	for i, line := range strings.SplitAfter(text, "\n") {
		bare := strings.TrimRight(line, "\r\n")
		name, begins := strings.CutPrefix(bare, "== ")
		file, replaces := strings.CutPrefix(bare, "--- ")
		switch {
		case begins:
			out, into = append(out, mutation{name: strings.TrimSpace(name), runs: 1}), nil
		case len(out) == 0:
			if bare != "" && !strings.HasPrefix(bare, "#") {
				return nil, fmt.Errorf("line %d: %q stands before the first ==", i+1, bare)
			}
		case replaces:
			m := &out[len(out)-1]
			m.edits = append(m.edits, edit{file: strings.TrimSpace(file)})
			into = &m.edits[len(m.edits)-1].old
		case bare == "+++" && into != nil:
			m := &out[len(out)-1]
			into = &m.edits[len(m.edits)-1].new
		case into != nil && !strings.HasPrefix(bare, "# "): // which no line of Go begins with
			*into += line
		case bare == "" || strings.HasPrefix(bare, "#"):
		default:
			if err := out[len(out)-1].set(bare); err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
		}
	}
	return out, errors.Join(checkAll(out)...)
}

func (m *mutation) set(line string) (err error) {
	key, value, _ := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	switch key {
	case "test":
		m.test = strings.Fields(value)
	case "env":
		m.env = append(m.env, value)
	case "runs":
		m.runs, err = strconv.Atoi(value)
	default:
		return fmt.Errorf("%q begins with none of test, env, runs", line)
	}
	return err
}

func checkAll(list []mutation) (wrong []error) {
	seen := map[string]bool{}
	for i := range list {
		m := &list[i]
		for j := range m.edits {
			// Blank lines between blocks are not code.
			m.edits[j].old, m.edits[j].new = strings.TrimRight(m.edits[j].old, "\n"), strings.TrimRight(m.edits[j].new, "\n")
			if m.edits[j].old == "" {
				wrong = append(wrong, fmt.Errorf("%q has no old text for %s", m.name, m.edits[j].file))
			}
		}
		if seen[m.name] {
			wrong = append(wrong, fmt.Errorf("%q stands twice", m.name))
		}
		seen[m.name] = true
		if len(m.test) == 0 || len(m.edits) == 0 || m.runs < 1 {
			wrong = append(wrong, fmt.Errorf("%q needs a test, runs of at least 1, and a ---", m.name))
		}
	}
	return wrong
}

// apply returns the file's text after the edit. An empty new text takes the lines
// out whole.
func (e edit) apply(text string) (string, error) {
	switch n := strings.Count(text, e.old); n {
	case 0:
		return "", fmt.Errorf("the old text is no longer in %s", e.file)
	case 1:
		return strings.Replace(text, e.old, e.new, 1), nil
	default:
		return "", fmt.Errorf("the old text is in %s %d times: say more of it", e.file, n)
	}
}
