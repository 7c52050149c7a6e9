package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// handling says what we may do with something that the config names.
type handling uint8

const (
	blocked    handling = iota // nothing: it is missing, or not ours
	created                    // it is not there and will be created
	ours                       // it carries our mark
	adopted                    // it will carry our mark after this plan
	additive                   // unmarked: granted access, given members, never edited
	assignOnly                 // another owner's or SCIM's: granted access, nothing else
)

// binding joins a row of the desired state to the row of the live one that it
// means.
type binding struct {
	handling handling
	live     int32 // index into the live table; -1 where there is none
	// noNewAssignments says that a group gets no new assignment.
	noNewAssignments bool
	// maybe are the live accounts that an ambiguous name may mean.
	maybe []int32
	// why is the finding that blocks, or that explains additive and assignOnly.
	why diag.Diagnostic
}

// Bound is a desired state whose names are joined to the ids of a live one.
type Bound struct {
	Desired, Live *access.State
	organization  *access.AccountIndex // of Live
	accounts      []binding
	// namedTwice says that the config names an account by its name and its id.
	namedTwice bool
	users      []binding
	groups     []binding
	sets       []binding
	alike      alike
	options    Options
	// desiredX has, for a live row, the desired one that means it; -1 where the
	// config does not name it.
	desiredUser, desiredGroup, desiredSet []int32
	// Findings say what is missing, ambiguous or not ours, each once; the passes of
	// Diff add theirs.
	Findings diag.List
}

// Bind turns the names of the desired state into the ids of the live one and
// finds what is missing, suspended, or not ours to write.
func Bind(desired, live *access.State, o Options) *Bound {
	b := &binder{&Bound{Desired: desired, Live: live, options: o, organization: access.NewAccountIndex(live.Accounts)}, map[string]bool{}, nil,
		presence.Ask(desired, live, presence.Options{SetUp: o.SetUp, IdP: o.IdP, Owner: o.Owner, Names: o.Names})}
	b.bindAccounts()
	b.bindUsers()
	b.bindGroups()
	b.bindSets()
	b.completeSets()
	b.desiredUser, b.desiredGroup, b.desiredSet = reverse(b.users, len(live.Users)), reverse(b.groups, len(live.Groups)), reverse(b.sets, len(live.Sets))
	b.findAlike()
	return b.Bound
}

// binder binds users and groups, which may have been called otherwise.
type binder struct {
	*Bound
	claimed map[string]bool // former names that a row has taken
	// renamed are groups of the config that are alive under another name.
	renamed map[string]access.Renamed
	names   *presence.Answers // why a name is not there
}

// completeSets brings what the config leaves open to how a live set has it: the
// ids of statements, and the description and tags of one that is adopted. The
// front door's tag is put on.
func (b *Bound) completeSets() {
	copied := *b.Desired
	copied.Sets = slices.Clone(b.Desired.Sets)
	for i := range copied.Sets {
		p := &copied.Sets[i]
		bound := b.sets[i]
		if via := b.viaOf(bound.live, func(i int32) string { return b.Live.Sets[i].Via }, bound.handling); via != "" {
			p.Tags = access.WithTag(p.Tags, access.Tag{Key: access.ViaTag, Value: via})
		}
		if bound.live < 0 {
			continue
		}
		have := b.Live.Sets[bound.live]
		if access.SamePolicy(p.InlinePolicy, have.InlinePolicy) {
			p.InlinePolicy = have.InlinePolicy
		}
		if bound.handling == adopted && p.Description == "" {
			p.Description = have.Description
		}
	}
	copied.Groups = slices.Clone(b.Desired.Groups)
	for i := range copied.Groups {
		if g := &copied.Groups[i]; !g.Referenced {
			g.Via = b.viaOf(b.groups[i].live, func(i int32) string { return b.Live.Groups[i].Via }, b.groups[i].handling)
		}
	}
	b.Desired = &copied
}

// viaOf returns the front door of an object's mark: that of this plan where it is
// made or taken over, else the one that it has. Objects of earlier versions have
// none, and are not written only to have one.
func (b *Bound) viaOf(live int32, have func(int32) string, h handling) string {
	if live >= 0 && h != adopted {
		return have(live)
	}
	return b.options.Via
}

// otherVia says that an object was made through the other front door. What
// earlier versions made through Terraform does not say so.
func (b *Bound) otherVia(via string) bool {
	return via != b.options.Via && (b.options.Via == "" || via != "")
}

// handedOver says that an object of ours has not this front door's mark: an adopt pattern
// takes it over from the other one.
func (b *Bound) handedOver(owner, via string) bool {
	return owner == b.options.Owner && owner != "" && via != b.options.Via
}

func (b *Bound) finding(severity diag.Severity, code diag.Code, origin int32, summary, hint string) diag.Diagnostic {
	d := diag.Diagnostic{Severity: severity, Code: code, Summary: summary, Hint: hint, Range: b.Desired.Range(origin)}
	b.Findings = append(b.Findings, d)
	return d
}

// unbound blocks a row of the config whose name leads nowhere, although AWS has
// something like it.
func (b *Bound) unbound(kind diag.Kind, name string, code diag.Code, origin int32, summary, hint string) binding {
	b.finding(diag.Error, code, origin, summary, hint)
	why := &b.Findings[len(b.Findings)-1]
	why.Subject = diag.Subject{Kind: kind, Name: name}
	return binding{live: -1, why: *why}
}

// advise adds a finding whose remedy each front door words for itself.
func (b *Bound) advise(severity diag.Severity, code diag.Code, origin int32, summary string, remedy diag.Remedy) diag.Diagnostic {
	f := diag.Diagnostic{Severity: severity, Code: code, Summary: summary, Range: b.Desired.Range(origin)}.With(remedy)
	b.Findings = append(b.Findings, f)
	return f
}

// missing blocks a row of the config that is not there, for the reason that
// presence has for it.
func (b *Bound) missing(code diag.Code, summary string, item presence.Item) binding {
	f := *item.Finding
	f.Code, f.Summary = code, cmp.Or(summary, f.Summary)
	b.Findings = append(b.Findings, f)
	return binding{live: -1, why: f}
}

func (b *binder) bindUsers() {
	folded := foldIndex(b.Live.Users, func(u access.User) string { return u.Username })
	b.users = make([]binding, len(b.Desired.Users))
	for i, u := range b.Desired.Users {
		if b.ignored(access.UserThing, u.Username) {
			b.users[i] = binding{live: int32(b.Live.UserIndex(u.Username)), why: hiddenBy("user", u.Username)}
			continue
		}
		b.users[i] = b.bindUser(i, u, folded)
		if live := b.users[i].live; live >= 0 && b.ignored(access.UserThing, b.Live.Users[live].Username) { // by a former name
			b.users[i] = binding{live: live, why: hiddenBy("user", b.Live.Users[live].Username)}
		}
	}
	b.blockTaken()
}

func (b *binder) bindUser(row int, u access.User, folded map[string]int32) binding {
	live := b.Live.UserIndex(u.Username)
	former := b.Live.UserIndex(u.Previously)
	switch {
	case u.Previously == "":
	case live >= 0 && former >= 0 && former != live:
		b.bothUsers(u)
	case live < 0 && former >= 0 && b.Desired.UserIndex(u.Previously) < 0 && b.claim("user "+u.Previously):
		live = former
	}
	if live >= 0 {
		if u.Referenced {
			return binding{handling: additive, live: int32(live)}
		}
		if b.Live.Users[live].SCIM {
			return binding{handling: assignOnly, live: int32(live)}
		}
		return binding{handling: ours, live: int32(live)}
	}
	if u.Remove {
		return b.bindRemoved(u, folded)
	}
	if near, ok := folded[strings.ToLower(u.Username)]; ok {
		return b.unbound(diag.User, u.Username, NameDiffersInCase, u.Origin,
			fmt.Sprintf("user %q is in AWS as %q", u.Username, b.Live.Users[near].Username), "Write the user name as AWS has it.")
	}
	if near, ok := folded[strings.ToLower(u.Previously)]; ok && former < 0 {
		return binding{live: -1, why: b.finding(diag.Error, NameDiffersInCase, u.Origin,
			fmt.Sprintf("the former name %q of user %q is in AWS as %q", u.Previously, u.Username, b.Live.Users[near].Username), "Write `previously` as AWS has the user name.")}
	}
	if u.Referenced {
		return b.missing(UserMissing, fmt.Sprintf("user %q is not in IAM Identity Center", u.Username), b.names.User(row))
	}
	if u.Previously != "" && former < 0 {
		return b.formerAlike("user", u.Previously, u.Username, u.Origin, b.names.FormerUser(row))
	}
	return binding{handling: created, live: -1}
}

// withAddress returns the user name of whoever has an e-mail address in AWS, "" for
// nobody.
func (b *Bound) withAddress(address string) string {
	i := slices.IndexFunc(b.Live.Users, func(u access.User) bool { return u.Email != "" && strings.EqualFold(u.Email, address) })
	if i < 0 {
		return ""
	}
	return b.Live.Users[i].Username
}

// bindRemoved binds an entry of removed_users whose user is not there: gone, or
// written otherwise than AWS has it. Who leaves must not stay by a slip of the pen.
func (b *Bound) bindRemoved(u access.User, folded map[string]int32) binding {
	if near, ok := folded[strings.ToLower(u.Username)]; ok {
		return binding{live: -1, why: b.finding(diag.Error, NameDiffersInCase, u.Origin,
			fmt.Sprintf("user %q, who is to be removed, is in AWS as %q", u.Username, b.Live.Users[near].Username), "Write the user name as AWS has it.")}
	}
	if name := b.withAddress(u.Username); name != "" {
		b.finding(diag.Warning, UserMissing, u.Origin,
			fmt.Sprintf("there is no user %q to remove, and the user %q has this e-mail address", u.Username, name),
			fmt.Sprintf("`removed_users` lists user names: write %q if that is the right user. Otherwise remove the entry.", name))
	}
	return binding{handling: created, live: -1} // gone already
}

func (b *Bound) bothUsers(u access.User) {
	b.finding(diag.Warning, RenameUnclear, u.Origin,
		fmt.Sprintf("users %q and %q both exist, so nobody is renamed", u.Previously, u.Username),
		fmt.Sprintf("Remove `previously`. If they are the same person, delete one of them first: `removed_users = [%q]`.", u.Previously))
}

// idp names the identity provider in a sentence, also where the config has none.
func (b *Bound) idp() string { return cmp.Or(b.options.IdP, "the identity provider") }

func foldIndex[T any](rows []T, name func(T) string) map[string]int32 {
	out := make(map[string]int32, len(rows))
	for i, r := range rows {
		out[strings.ToLower(name(r))] = int32(i)
	}
	return out
}

func (b *binder) bindGroups() {
	folded := map[string]string{} // AWS has no two that differ in case alone
	for _, g := range slices.Concat(b.options.Names.Groups, b.Live.Groups) {
		folded[strings.ToLower(g.Name)] = g.Name
	}
	b.groups = make([]binding, len(b.Desired.Groups))
	b.findRenamed()
	for i, g := range b.Desired.Groups {
		switch {
		case b.ignored(access.GroupThing, g.Name):
			b.groups[i] = binding{live: int32(b.Live.GroupIndex(g.Name)), why: hiddenBy("group", g.Name)}
		case g.Referenced:
			b.groups[i] = b.bindReferenced(i, g)
		default:
			b.groups[i] = b.bindManaged(int32(i), g, folded)
		}
		if live := b.groups[i].live; live >= 0 && b.ignored(access.GroupThing, b.Live.Groups[live].Name) { // by a former name, too
			b.groups[i] = binding{live: live, why: hiddenBy("group", b.Live.Groups[live].Name)}
		}
	}
}

func (b *binder) bindReferenced(row int, g access.Group) binding {
	i := b.Live.GroupIndex(g.Name)
	if r, renamed := b.renamed[g.Name]; i < 0 && renamed {
		return b.bindRenamed(g, r)
	}
	if i < 0 {
		return b.missing(GroupMissing, fmt.Sprintf("group %q is not in IAM Identity Center", g.Name), b.names.Group(row))
	}
	live := b.Live.Groups[i]
	if moved, here := b.movedHere(g, i); here {
		return moved
	}
	switch {
	case g.SCIM || live.SCIM:
		return binding{handling: assignOnly, live: int32(i), why: b.scimFinding(g)}
	case live.Owner != "" && live.Owner != b.options.Owner:
		return binding{handling: assignOnly, live: int32(i), why: b.otherOwner(g, live)}
	default:
		return binding{handling: additive, live: int32(i)}
	}
}

func (b *binder) bindManaged(row int32, g access.Group, folded map[string]string) binding {
	if i := b.Live.GroupIndex(g.Name); i >= 0 {
		if moved, here := b.movedHere(g, i); here {
			return moved
		}
		b.warnBothNames(g)
		return b.bindFound(row, g, int32(i))
	}
	if i := b.Live.GroupIndex(g.Previously); b.mayRename(g, i) {
		found := b.bindFound(row, g, int32(i))
		if found.handling != ours && found.handling != adopted {
			found = binding{live: -1, why: b.advise(diag.Error, RenameUnclear, g.Origin,
				fmt.Sprintf("group %q is not ours to rename to %q", g.Previously, g.Name),
				diag.Remedy{Way: diag.TakeOver, Name: g.Previously})}
		}
		return found
	}
	if r, renamed := b.renamed[g.Name]; renamed { // by its id, whatever else is called nearly so
		return b.bindRenamed(g, r)
	}
	if near, ok := folded[strings.ToLower(g.Name)]; ok {
		return b.unbound(diag.Group, g.Name, NameDiffersInCase, g.Origin,
			fmt.Sprintf("group %q is in AWS as %q", g.Name, near), "Write the name as AWS has it.")
	}
	if near, ok := folded[strings.ToLower(g.Previously)]; ok && b.Live.GroupIndex(g.Previously) < 0 {
		return binding{live: -1, why: b.finding(diag.Error, NameDiffersInCase, g.Origin,
			fmt.Sprintf("the former name %q of group %q is in AWS as %q", g.Previously, g.Name, near), "Write `previously` as AWS has the name.")}
	}
	if g.Previously != "" && b.Live.GroupIndex(g.Previously) < 0 {
		return b.formerAlike("group", g.Previously, g.Name, g.Origin, b.names.FormerGroup(int(row)))
	}
	return binding{handling: created, live: -1}
}

// formerAlike binds what the config calls by a new name and AWS has under neither. A
// former name that was misspelled would make it anew, without what it has: where it is
// the name of something but for how it is written, nothing is made.
func (b *binder) formerAlike(what, former, name string, origin int32, near []presence.Suggestion) binding {
	if len(near) == 0 {
		return binding{handling: created, live: -1}
	}
	hint := fmt.Sprintf("Write `previously = %q` if that is the right one; otherwise remove `previously`.", near[0].Name)
	if near[0].Match.SameName() {
		return binding{live: -1, why: b.finding(diag.Error, RenameUnclear, origin,
			fmt.Sprintf("the former name %q of %s %q is in AWS as %q, which differs in %s", former, what, name, near[0].Name, near[0].Match.Words()), hint)}
	}
	b.finding(diag.Warning, RenameUnclear, origin,
		fmt.Sprintf("%s %q is created, because AWS has none with its former name %q; it has %q, which is similar", what, name, former, near[0].Name), hint)
	return binding{handling: created, live: -1}
}

// mayRename says whether the live group i is the former self of g: no other
// group of the config may go by that name.
func (b *binder) mayRename(g access.Group, i int) bool {
	return g.Previously != "" && i >= 0 && b.Desired.GroupIndex(g.Previously) < 0 && b.claim("group "+g.Previously)
}

// claim assigns each former name to one row only.
func (b *binder) claim(name string) bool {
	if b.claimed[name] {
		return false
	}
	b.claimed[name] = true
	return true
}

func (b *Bound) warnBothNames(g access.Group) {
	if g.Previously == "" || b.Live.GroupIndex(g.Previously) < 0 {
		return
	}
	b.advise(diag.Warning, RenameUnclear, g.Origin,
		fmt.Sprintf("groups %q and %q both exist, so nothing is renamed", g.Previously, g.Name), diag.Remedy{Way: diag.DropPreviously})
}

// bindFound decides by the mark what we may do with a group that exists.
func (b *Bound) bindFound(row int32, g access.Group, i int32) binding {
	live := b.Live.Groups[i]
	switch {
	case live.SCIM:
		return b.bindForeign(row, g, i)
	case live.Owner == b.options.Owner && live.UnknownMark:
		f := unknownMark(live.Name)
		return binding{handling: assignOnly, live: i, noNewAssignments: true, why: b.finding(diag.Error, f.Code, g.Origin, f.Summary, f.Hint)}
	case b.handedOver(live.Owner, live.Via) && access.Matches(b.options.Adopt, access.GroupThing, g.Name, live.Name):
		return binding{handling: adopted, live: i}
	case live.Owner == b.options.Owner && b.otherVia(live.Via):
		return binding{handling: assignOnly, live: i, noNewAssignments: true, why: b.otherDoorError("group", live.Name, g.Origin)}
	case live.Owner == b.options.Owner:
		return binding{handling: ours, live: i}
	case b.mayAdopt(access.GroupThing, live.Owner, g.Name, live.Name):
		return binding{handling: adopted, live: i}
	default:
		return b.bindForeign(row, g, i)
	}
}

func (b *Bound) otherOwner(g, live access.Group) diag.Diagnostic {
	return b.finding(diag.Warning, GroupOfOther, g.Origin,
		fmt.Sprintf("group %q belongs to owner %q: it is granted access, nothing else", live.Name, live.Owner),
		fmt.Sprintf("Manage its members where %q does.", live.Owner))
}

func (b *Bound) scimFinding(g access.Group) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Error, Code: GroupOfSCIM, Range: b.Desired.Range(g.Origin),
		Summary: fmt.Sprintf("group %q belongs to %s, so its members are managed there", g.Name, b.options.IdP),
		Hint:    fmt.Sprintf("Change the membership in %s.", b.options.IdP)}
}

// mayAdopt says whether something may be taken over that carries no mark, or
// that of the owner who gives it up.
func (b *Bound) mayAdopt(thing, owner string, names ...string) bool {
	if owner != "" && owner != b.options.FromOwner {
		return false
	}
	return access.Matches(b.options.Adopt, thing, names...)
}

func (b *Bound) bindSets() {
	b.sets = make([]binding, len(b.Desired.Sets))
	for i, p := range b.Desired.Sets {
		if b.ignored(access.SetThing, p.Name) {
			b.sets[i] = binding{live: int32(b.Live.SetIndex(p.Name)), why: hiddenBy("permission set", p.Name)}
			continue
		}
		b.sets[i] = b.bindSet(p, b.Live.SetIndex(p.Name))
	}
}

func (b *Bound) bindSet(p access.PermissionSet, i int) binding {
	if i < 0 {
		return binding{handling: created, live: -1}
	}
	live := b.Live.Sets[i]
	switch {
	case live.Owner == b.options.Owner && hasTag(live, access.LockTag):
		f := lockMark(live)
		return binding{live: int32(i), why: b.finding(f.Severity, f.Code, p.Origin, f.Summary, f.Hint)}
	case b.handedOver(live.Owner, live.Via) && access.Matches(b.options.Adopt, access.SetThing, live.Name):
		return binding{handling: adopted, live: int32(i)}
	case live.Owner == b.options.Owner && b.otherVia(live.Via):
		return binding{live: int32(i), why: b.otherDoorError("permission set", live.Name, p.Origin)}
	case live.Owner == b.options.Owner:
		return binding{handling: ours, live: int32(i)}
	case b.mayAdopt(access.SetThing, live.Owner, live.Name):
		return binding{handling: adopted, live: int32(i)}
	case live.Owner == "":
		return binding{live: int32(i), why: b.advise(diag.Error, SetUnmarked, p.Origin,
			fmt.Sprintf("permission set %q was not created by rolecall, so it is not touched", p.Name),
			diag.Remedy{Way: diag.TakeOverSet, Name: p.Name})}
	default:
		return binding{live: int32(i), why: b.advise(diag.Error, SetOfOther, p.Origin,
			fmt.Sprintf("permission set %q belongs to owner %q, so it is not touched", p.Name, live.Owner),
			diag.Remedy{Way: diag.OtherSet, Name: p.Name, System: live.Owner})}
	}
}
