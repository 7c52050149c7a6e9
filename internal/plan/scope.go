package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Hidden counts what an ignore pattern keeps from being written or removed.
type Hidden struct {
	PermissionSets int `json:"permission_sets,omitempty"`
	Groups         int `json:"groups,omitempty"`
	Users          int `json:"users,omitempty"`
	Accounts       int `json:"accounts,omitempty"`
	// Changes are what the config asks for and the patterns hide; Assignments are
	// those on our permission sets that would go.
	Changes     int `json:"changes,omitempty"`
	Assignments int `json:"assignments,omitempty"`
}

// ignored says whether a pattern of the settings hides the thing.
func (b *Bound) ignored(thing string, names ...string) bool {
	return len(b.options.Ignore) > 0 && access.Matches(b.options.Ignore, thing, names...)
}

// hiddenBy is why nothing is done with something that a pattern hides: no
// finding, it is counted.
func hiddenBy(what, name string) diag.Diagnostic {
	return diag.Diagnostic{Code: Ignored, Summary: fmt.Sprintf("%s %q matches an ignore pattern", what, name)}
}

// outside says that a live grant is not this plan's to take away: a pattern hides
// it, or it is of somebody whom --only does not name.
func (d *differ) outside(g access.Grant) bool {
	if d.grantIgnored(g) {
		d.hidden.Assignments++
		d.leave(g, leftOn{ignored: 1})
		return true
	}
	if !d.options.Scope.Only || g.Kind == access.OrphanPrincipal && len(d.instead[keyOf(g)]) > 0 {
		return false
	}
	if g.Kind == access.GroupPrincipal && d.inScope(d.Live.Groups[g.Principal].Name, g.Principal) {
		return false
	}
	d.leftAlone++
	d.leave(g, leftOn{others: 1})
	return true
}

// leftOn counts what of a set is left alone: what a pattern matches, and what
// others have whom --only does not name.
type leftOn struct{ ignored, others int }

func (d *differ) leave(g access.Grant, n leftOn) {
	have := d.leftOn[g.Set]
	d.leftOn[g.Set] = leftOn{have.ignored + n.ignored, have.others + n.others}
}

// inScope says that a live group is one of those that --only names, under its
// name or its former one.
func (d *differ) inScope(name string, live int32) bool {
	return slices.Contains(d.options.Scope.Groups, name) || d.desiredGroup[live] >= 0
}

func (d *differ) grantIgnored(g access.Grant) bool {
	if len(d.options.Ignore) == 0 {
		return false
	}
	account := d.Live.Accounts[g.Account]
	if d.ignored(access.AccountThing, account.Names()...) || d.ignored(access.SetThing, d.Live.Sets[g.Set].Name) {
		return true
	}
	switch g.Kind {
	case access.GroupPrincipal:
		return d.ignored(access.GroupThing, d.Live.Groups[g.Principal].Name)
	case access.UserPrincipal:
		return d.ignored(access.UserThing, d.Live.Users[g.Principal].Username)
	default:
		return false
	}
}

// formerSet says that a live set of ours is none that --only looks at: what the
// groups that it names have of it, they had before.
func (d *differ) formerSet(i int) bool {
	p := d.Live.Sets[i]
	return d.options.Scope.Only && p.Owner == d.options.Owner && p.Owner != "" && d.desiredSet[i] < 0 &&
		!d.otherVia(p.Via) && !hasTag(p, access.LockTag) && !d.ignored(access.SetThing, p.Name)
}

// insideOf leaves out the grants that are not this plan's to take away.
func (d *differ) insideOf(grants []access.Grant) []access.Grant {
	if len(d.options.Ignore) == 0 && !d.options.Scope.Only {
		return grants
	}
	return slices.DeleteFunc(slices.Clone(grants), d.outside)
}

// heldOutside says that a set which is to change is also that of somebody whom
// --only does not name: what it allows would change for them.
func (d *differ) heldOutside(set int32) *diag.Diagnostic {
	if !d.options.Scope.Only {
		return nil
	}
	for _, g := range d.Live.SetGrants(int(set)) {
		name := ""
		switch {
		case g.Kind == access.UserPrincipal:
			name = d.Live.Users[g.Principal].Username
		case g.Kind == access.GroupPrincipal && !d.inScope(d.Live.Groups[g.Principal].Name, g.Principal):
			name = d.Live.Groups[g.Principal].Name
		default:
			continue
		}
		return d.otherHolder(set, name, g.Kind == access.GroupPrincipal)
	}
	for _, name := range d.options.Scope.Sharing[d.Live.Sets[set].Name] {
		return d.otherHolder(set, name, true)
	}
	return nil
}

func (d *differ) otherHolder(set int32, name string, group bool) *diag.Diagnostic {
	f := diag.Diagnostic{Severity: diag.Error, Code: OutsideScope,
		Summary: fmt.Sprintf("permission set %q is also assigned to user %q, whom --only does not name, so it is not changed", d.Live.Sets[set].Name, name),
		Hint:    "Leave --only out."}
	if group {
		f.Summary = fmt.Sprintf("permission set %q is also that of group %q, which --only does not name, so it is not changed", d.Live.Sets[set].Name, name)
		f.Hint = fmt.Sprintf("Add --only %q, or leave --only out.", name)
	}
	d.once(f)
	return &f
}

// otherDoor says that an object of ours is left to the front door that made it.
func (b *Bound) otherDoor(what, name string) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Note, Code: OtherDoor,
		Summary: fmt.Sprintf("%s %q was made by %s and is left to it", what, name, b.otherDoorName()), Hint: fmt.Sprintf("If it should go, remove it with %s.", b.otherDoorName())}
}

func (b *Bound) otherDoorName() string {
	if b.options.Via == "" {
		return "Terraform"
	}
	return "the rolecall command"
}

// maxLeftNames is how many of what is left to the other front door are named.
const maxLeftNames = 10

// tellOtherDoor says the same of all that the config does not name, at once.
func (d *differ) tellOtherDoor(what string, names []string) {
	switch len(names) {
	case 0:
		return
	case 1:
		d.once(d.otherDoor(what, names[0]))
		return
	}
	shown := make([]string, min(len(names), maxLeftNames))
	for i := range shown {
		shown[i] = strconv.Quote(names[i])
	}
	list := strings.Join(shown, ", ")
	if more := len(names) - len(shown); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	d.once(diag.Diagnostic{Severity: diag.Note, Code: OtherDoor,
		Summary: fmt.Sprintf("%d %ss were made by %s and are left to it", len(names), what, d.otherDoorName()),
		Detail:  "They are " + list + ".", Hint: fmt.Sprintf("If they should go, remove them with %s.", d.otherDoorName())})
}

// otherDoorError says the same of something that the config names.
func (b *Bound) otherDoorError(what, name string, origin int32) diag.Diagnostic {
	f := b.otherDoor(what, name)
	return b.finding(diag.Error, OtherDoor, origin, f.Summary, "Manage it in one of the two only, or give them different owners.")
}

// unknownMark says that a group's mark is of a version that can say more.
func unknownMark(name string) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Note, Code: OtherDoor,
		Summary: fmt.Sprintf("the mark of group %q has a word that this version of rolecall does not know, so the group is left alone", name),
		Hint:    "Use the newest version of rolecall that manages this group."}
}

// lockMark is an error, whether the config has the set or not: the tag must not
// hide it.
func lockMark(p access.PermissionSet) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Error, Code: LockMark,
		Summary: fmt.Sprintf("permission set %q carries our mark and that of a lock, so it is not touched", p.Name),
		Hint:    fmt.Sprintf("Find out who tagged it %s, and remove the tag.", access.LockTag)}
}

func hasTag(p access.PermissionSet, key string) bool {
	return slices.ContainsFunc(p.Tags, func(t access.Tag) bool { return t.Key == key })
}
