package plan

import (
	"fmt"
	"slices"
	"strconv"

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

// countHidden counts what there is that a pattern hides.
func (d *draft) countHidden() {
	if len(d.options.Ignore) == 0 {
		return
	}
	d.hidden.PermissionSets = howMany(d.Live.Sets, func(p access.PermissionSet) bool {
		return p.Owner == d.options.Owner && d.ignored(access.SetThing, p.Name)
	})
	d.hidden.Groups = howMany(d.Live.Groups, func(g access.Group) bool { return d.ignored(access.GroupThing, g.Name) })
	d.hidden.Users = howMany(d.Live.Users, func(u access.User) bool { return d.ignored(access.UserThing, u.Username) })
	d.hidden.Accounts = howMany(d.Live.Accounts, func(a access.Account) bool { return d.ignored(access.AccountThing, a.Names()...) })
}

func howMany[T any](rows []T, is func(T) bool) (n int) {
	for _, row := range rows {
		if is(row) {
			n++
		}
	}
	return n
}

func (b *Bound) assignmentIgnored(g access.Assignment) bool {
	if len(b.options.Ignore) == 0 {
		return false
	}
	account := b.Live.Accounts[g.Account]
	if b.ignored(access.AccountThing, account.Names()...) || b.ignored(access.SetThing, b.Live.Sets[g.Set].Name) {
		return true
	}
	thing, name, _ := b.principalOf(g)
	return thing != "" && b.ignored(thing, name)
}

// outside says that a live assignment is not this plan's to take away: a pattern hides
// it, or it is of somebody whom --only does not name.
func (f *finder) outside(g access.Assignment) bool {
	if f.assignmentIgnored(g) {
		f.hidden.Assignments++
		f.assignments.leftAlone.ignored[g.Set]++
		return true
	}
	if !f.options.Scope.Only || g.Kind == access.OrphanPrincipal && len(f.assignments.instead[keyOf(g)]) > 0 {
		return false
	}
	if g.Kind == access.GroupPrincipal && f.inScope(f.Live.Groups[g.Principal].Name, g.Principal) {
		return false
	}
	f.out.Outside++
	f.assignments.leftAlone.others[g.Set]++
	return true
}

// inScope says that a live group is one of those that --only names, under its
// name or its former one.
func (b *Bound) inScope(name string, live int32) bool {
	return slices.Contains(b.options.Scope.Groups, name) || b.desiredGroup[live] >= 0
}

// leftoverGroup says that a live group is ours, and that the config no longer has
// it; what a pattern hides is counted with all that is hidden.
func (b *Bound) leftoverGroup(i int) bool {
	g := b.Live.Groups[i]
	return g.Owner == b.options.Owner && g.Owner != "" && b.desiredGroup[i] < 0 && b.options.Scope.has(b.options.Scope.Groups, g.Name) && !b.ignored(access.GroupThing, g.Name)
}

// leftoverSet says that a live set is ours, and that the config no longer has it.
func (b *Bound) leftoverSet(i int) bool {
	p := b.Live.Sets[i]
	return b.ownedElsewhere(i) && !b.otherVia(p.Via) && !hasTag(p, access.LockTag)
}

// ownedElsewhere says that a live set carries our mark, whoever put it there, and
// that the config does not have it.
func (b *Bound) ownedElsewhere(i int) bool {
	return b.unwantedSet(i) && b.options.Scope.has(b.options.Scope.Sets, b.Live.Sets[i].Name)
}

func (b *Bound) unwantedSet(i int) bool {
	p := b.Live.Sets[i]
	return p.Owner == b.options.Owner && p.Owner != "" && b.desiredSet[i] < 0 && !b.ignored(access.SetThing, p.Name)
}

// formerSet says that a live set of ours is none that --only looks at: what the
// groups that it names have of it, they had before.
func (b *Bound) formerSet(i int) bool {
	p := b.Live.Sets[i]
	return b.options.Scope.Only && b.unwantedSet(i) && !b.otherVia(p.Via) && !hasTag(p, access.LockTag)
}

// otherDoor says that an object of ours is left to the front door that made it.
func (b *Bound) otherDoor(what, name string) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Note, Code: OtherDoor,
		Summary: fmt.Sprintf("%s %q was created by %s and is left to it", what, name, b.otherDoorName()), Hint: fmt.Sprintf("To remove it, use %s.", b.otherDoorName())}
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
func (b *Bound) tellOtherDoor(what string, names []string) {
	switch len(names) {
	case 0:
		return
	case 1:
		b.addOnce(b.otherDoor(what, names[0]))
		return
	}
	shown := make([]string, min(len(names), maxLeftNames))
	for i := range shown {
		shown[i] = strconv.Quote(names[i])
	}
	b.addOnce(diag.Diagnostic{Severity: diag.Note, Code: OtherDoor,
		Summary: fmt.Sprintf("%d %ss were created by %s and are left to it", len(names), what, b.otherDoorName()),
		Detail:  "They are " + diag.FirstOf(shown, len(names), ", ") + ".", Hint: fmt.Sprintf("To remove them, use %s.", b.otherDoorName())})
}

// otherDoorError says the same of something that the config names.
func (b *Bound) otherDoorError(what, name string, origin int32) diag.Diagnostic {
	f := b.otherDoor(what, name)
	return b.finding(diag.Error, OtherDoor, origin, f.Summary,
		fmt.Sprintf("Manage it in only one of the two. To hand it over to the command, remove it from Terraform's state with a `removed` block that has `destroy = false`, apply that, and then plan with `--adopt %q`.", name))
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
