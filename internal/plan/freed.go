package plan

import (
	"fmt"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// freeFirst lets a user take an e-mail address, or a user name, only after
// whoever has it now has given it up: AWS keeps both unique. Two who exchange
// theirs would wait for one another.
func (d *differ) freeFirst() {
	freedBy := map[string]*Change{} // by the value
	users := d.userWrites()
	for _, c := range users {
		if c.Before == nil {
			continue
		}
		for _, value := range givenUp(c) {
			freedBy[value] = c
		}
	}
	waits := map[ID]*Change{}
	for _, c := range users {
		for _, value := range takenUp(c) {
			if first := freedBy[value]; first != nil && first.ID != c.ID {
				d.waitForValue(c, first, value, waits)
			}
		}
	}
}

// userWrites gives the changes of users that the plan has, to be completed.
func (d *differ) userWrites() []*Change {
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

func (d *differ) waitForValue(c, first *Change, value string, waits map[ID]*Change) {
	for next := first; next != nil; next = waits[next.ID] {
		if next.ID == c.ID {
			d.Findings = append(d.Findings, diag.Diagnostic{Severity: diag.Error, Code: NameTaken, Range: c.Source,
				Summary: fmt.Sprintf("users exchange %q: AWS keeps it unique, so neither can be written first", value),
				Hint:    "Give one of them a third one, apply, and then its own."})
			return
		}
	}
	waits[c.ID] = first
	c.DependsOn = unique(append(c.DependsOn[:len(c.DependsOn):len(c.DependsOn)], first.ID))
}

// givenUp are the unique values that a user has before a change and not after.
func givenUp(c *Change) []string { return onlyIn(c.Before, c.After) }

// takenUp are those that a user has after it and not before.
func takenUp(c *Change) []string { return onlyIn(c.After, c.Before) }

func onlyIn(a, b *Value) []string {
	if a == nil {
		return nil
	}
	var out []string
	for _, of := range []func(*Value) string{
		func(v *Value) string { return v.User.Email },
		func(v *Value) string { return v.User.Username },
	} {
		value := strings.ToLower(of(a))
		if value != "" && (b == nil || strings.ToLower(of(b)) != value) {
			out = append(out, value)
		}
	}
	return out
}
