package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// freeFirst lets a user take an e-mail address, or a user name, only after
// whoever has it now has given it up: AWS keeps both unique. Those who exchange
// theirs would wait for one another.
func (d *draft) freeFirst() {
	freedBy := map[string]*Change{} // by the value
	users := d.userWrites()
	for _, c := range users {
		if c.Before == nil {
			continue
		}
		for _, value := range onlyIn(c.Before, c.After) {
			freedBy[value.key()] = c
		}
	}
	waits := map[ID][]*Change{}
	for _, c := range users {
		for _, value := range onlyIn(c.After, c.Before) {
			if first := freedBy[value.key()]; first != nil && first.ID != c.ID {
				d.waitForValue(c, first, value, waits)
			}
		}
	}
}

// userWrites returns the changes of users that the plan has, to be completed.
func (d *draft) userWrites() []*Change {
	var out []*Change
	for at := range d.changes {
		for i := range d.changes[at] {
			if c := &d.changes[at][i]; c.Kind == User {
				out = append(out, c)
			}
		}
	}
	return out
}

func (d *draft) waitForValue(c, first *Change, value takenValue, waits map[ID][]*Change) {
	if slices.Contains(waits[c.ID], first) {
		return
	}
	if circle := waitsFor(first, c.ID, waits, map[ID]bool{}); circle != nil {
		d.Findings = append(d.Findings, exchange(c, circle, value))
		return
	}
	waits[c.ID] = append(waits[c.ID], first)
	c.DependsOn = unique(append(c.DependsOn[:len(c.DependsOn):len(c.DependsOn)], first.ID))
}

// waitsFor returns the changes that lead from one to the one with the id, by what
// each waits for; nil where none does.
func waitsFor(from *Change, id ID, waits map[ID][]*Change, seen map[ID]bool) []*Change {
	if from.ID == id {
		return []*Change{from}
	}
	seen[from.ID] = true
	for _, next := range waits[from.ID] {
		if seen[next.ID] {
			continue
		}
		if rest := waitsFor(next, id, waits, seen); rest != nil {
			return append([]*Change{from}, rest...)
		}
	}
	return nil
}

// exchange says who would wait for one another, and how they come to what the
// config says all the same. A third address is the user's to choose: mail goes
// there.
func exchange(c *Change, circle []*Change, value takenValue) diag.Diagnostic {
	names := make([]string, len(circle))
	for i, other := range circle {
		names[i] = fmt.Sprintf("%q", other.Key.User)
	}
	slices.Sort(names)
	return diag.Diagnostic{Severity: diag.Error, Code: NameTaken, Range: c.Source,
		Summary: fmt.Sprintf("users %s exchange the %s %q: AWS keeps it unique, so none can be written first", strings.Join(names, ", "), value.what, value.text),
		Hint:    fmt.Sprintf("Set another %[2]s for %[1]q here that nobody has, and apply; then write %[3]q and apply again.", c.Key.User, value.what, value.text)}
}

// takenValue is one of the uniqueValues of a user.
type takenValue struct{ what, text string }

func (v takenValue) key() string { return v.what + "\x00" + strings.ToLower(v.text) }

// onlyIn returns the unique values that a user has in a and not in b.
func onlyIn(a, b *Value) []takenValue {
	if a == nil {
		return nil
	}
	var out []takenValue
	for _, value := range uniqueValues() {
		text := value.of(*a.User)
		if text != "" && (b == nil || !strings.EqualFold(value.of(*b.User), text)) {
			out = append(out, takenValue{value.what, text})
		}
	}
	return out
}
