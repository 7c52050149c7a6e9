package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// hold says what we may do with something that the config names.
type hold uint8

const (
	blocked   hold = iota // nothing: it is missing, or not ours
	fresh                 // it is not there and will be created
	ours                  // it carries our mark
	adopted               // it will carry our mark after this plan
	additive              // unmarked: granted access, given members, never edited
	grantOnly             // another owner's or SCIM's: granted access, nothing else
)

// binding joins a row of the desired state to the row of the live one that it
// means.
type binding struct {
	hold hold
	live int32 // index into the live table; -1 where there is none
	// why is the finding that blocks, or that explains additive and grantOnly.
	why diag.Diagnostic
}

// Bound is a desired state whose names are joined to the ids of a live one.
type Bound struct {
	Desired, Live *access.State
	accounts      []binding
	users         []binding
	groups        []binding
	sets          []binding
	options       Options
	claimed       map[string]bool
	// Findings say what is missing, ambiguous or not ours, each once.
	Findings diag.List
}

// Bind turns the names of the desired state into the ids of the live one and
// finds what is missing, suspended, or not ours to write.
func Bind(desired, live *access.State, o Options) *Bound {
	b := &Bound{Desired: desired, Live: live, options: o, claimed: map[string]bool{}}
	b.bindAccounts()
	b.bindUsers()
	b.bindGroups()
	b.bindSets()
	return b
}

func (b *Bound) finding(severity diag.Severity, code diag.Code, origin int32, summary, hint string) diag.Diagnostic {
	d := diag.Diagnostic{Severity: severity, Code: code, Summary: summary, Hint: hint, Range: b.Desired.Range(origin)}
	b.Findings = append(b.Findings, d)
	return d
}

func (b *Bound) bindAccounts() {
	byName := map[string][]int32{}
	byID := map[string]int32{}
	for i, a := range b.Live.Accounts {
		byName[a.Name] = append(byName[a.Name], int32(i))
		byID[a.ID] = int32(i)
	}
	b.accounts = make([]binding, len(b.Desired.Accounts))
	for i, a := range b.Desired.Accounts {
		found := byName[a.Name]
		if id, ok := byID[a.Name]; ok && len(found) == 0 {
			found = []int32{id}
		}
		b.accounts[i] = b.bindAccount(a, found)
	}
}

func (b *Bound) bindAccount(a access.Account, found []int32) binding {
	switch len(found) {
	case 0:
		return binding{live: -1, why: b.finding(diag.Error, AccountMissing, a.Origin,
			fmt.Sprintf("the organization has no account named %q", a.Name), b.nearAccount(a.Name))}
	case 1:
		live := b.Live.Accounts[found[0]]
		if !active(live) {
			// Grants that are there already stay; only changes are blocked.
			return binding{live: found[0], why: diag.Diagnostic{Severity: diag.Error, Code: AccountInactive,
				Summary: fmt.Sprintf("account %q (%s) is %s, and AWS cannot change access there", live.Name, live.ID, live.State),
				Hint:    "Take the account out of the config, or have it reinstated in AWS Organizations.",
				Range:   b.Desired.Range(a.Origin)}}
		}
		return binding{hold: ours, live: found[0]}
	default:
		ids := make([]string, len(found))
		for i, f := range found {
			ids[i] = b.Live.Accounts[f].ID
		}
		return binding{live: -1, why: b.finding(diag.Error, AccountAmbiguous, a.Origin,
			fmt.Sprintf("%d accounts are named %q: %s", len(found), a.Name, strings.Join(ids, ", ")),
			"Rename one in AWS Organizations, or write the 12-digit id here.")}
	}
}

func active(a access.Account) bool { return a.State == "" || a.State == "ACTIVE" }

func (b *Bound) nearAccount(name string) string {
	for _, a := range b.Live.Accounts {
		if strings.EqualFold(strings.TrimSpace(name), strings.TrimSpace(a.Name)) {
			return fmt.Sprintf("There is an account %q; names must match exactly.", a.Name)
		}
	}
	return "Account names are those of AWS Organizations, matched exactly: correct the name here, or create the account."
}

func (b *Bound) bindUsers() {
	folded := foldIndex(b.Live.Users, func(u access.User) string { return u.Username })
	b.users = make([]binding, len(b.Desired.Users))
	for i, u := range b.Desired.Users {
		b.users[i] = b.bindUser(u, folded)
	}
}

func (b *Bound) bindUser(u access.User, folded map[string]int32) binding {
	live := b.Live.UserIndex(u.Username)
	if i := b.Live.UserIndex(u.Previously); live < 0 && u.Previously != "" && i >= 0 &&
		b.Desired.UserIndex(u.Previously) < 0 && b.claim("user "+u.Previously) {
		live = i
	}
	if live >= 0 {
		if u.Referenced {
			return binding{hold: additive, live: int32(live)}
		}
		if b.Live.Users[live].SCIM {
			return binding{hold: grantOnly, live: int32(live)}
		}
		return binding{hold: ours, live: int32(live)}
	}
	if u.Remove {
		return binding{hold: fresh, live: -1} // gone already
	}
	if near, ok := folded[strings.ToLower(u.Username)]; ok {
		return binding{live: -1, why: b.finding(diag.Error, NameDiffersInCase, u.Origin,
			fmt.Sprintf("user %q is in AWS as %q", u.Username, b.Live.Users[near].Username), "Write the user name as AWS has it.")}
	}
	if u.Referenced {
		return binding{live: -1, why: b.finding(diag.Error, UserMissing, u.Origin,
			fmt.Sprintf("user %q is not in IAM Identity Center", u.Username), b.whereUsersComeFrom())}
	}
	return binding{hold: fresh, live: -1}
}

func (b *Bound) whereUsersComeFrom() string {
	switch b.options.SetUp {
	case access.SCIM, access.SCIMUsersOnly:
		return fmt.Sprintf("Create the user in %s and assign it to the AWS application, then wait for the sync.", b.options.IdP)
	default:
		return "Define the user in `users`, or correct the user name."
	}
}

func foldIndex[T any](rows []T, name func(T) string) map[string]int32 {
	out := make(map[string]int32, len(rows))
	for i, r := range rows {
		out[strings.ToLower(name(r))] = int32(i)
	}
	return out
}

func (b *Bound) bindGroups() {
	folded := foldIndex(b.Live.Groups, func(g access.Group) string { return g.Name })
	b.groups = make([]binding, len(b.Desired.Groups))
	for i, g := range b.Desired.Groups {
		if g.Referenced {
			b.groups[i] = b.bindReferenced(g, folded)
		} else {
			b.groups[i] = b.bindManaged(g, folded)
		}
	}
}

func (b *Bound) bindReferenced(g access.Group, folded map[string]int32) binding {
	i := b.Live.GroupIndex(g.Name)
	if i < 0 {
		hint := "Define the group in `access_groups`, or correct the name."
		if b.options.SetUp == access.SCIM || b.options.SetUp == access.SCIMUsersOnly {
			hint = fmt.Sprintf("Make sure that %s pushes a group of exactly this name to AWS; `rolecall verify` explains what is near.", b.options.IdP)
		}
		if near, ok := folded[strings.ToLower(g.Name)]; ok {
			hint = fmt.Sprintf("There is a group %q; names must match exactly.", b.Live.Groups[near].Name)
		}
		return binding{live: -1, why: b.finding(diag.Error, GroupMissing, g.Origin,
			fmt.Sprintf("group %q is not in IAM Identity Center", g.Name), hint)}
	}
	live := b.Live.Groups[i]
	switch {
	case g.SCIM || live.SCIM:
		return binding{hold: grantOnly, live: int32(i), why: b.scimFinding(g)}
	case live.Owner != "" && live.Owner != b.options.Owner:
		return binding{hold: grantOnly, live: int32(i), why: otherOwner(b, g, live)}
	default:
		return binding{hold: additive, live: int32(i)}
	}
}

func (b *Bound) bindManaged(g access.Group, folded map[string]int32) binding {
	if i := b.Live.GroupIndex(g.Name); i >= 0 {
		b.warnBothNames(g)
		return b.bindFound(g, int32(i))
	}
	if i := b.Live.GroupIndex(g.Previously); b.mayRename(g, i) {
		found := b.bindFound(g, int32(i))
		if found.hold != ours && found.hold != adopted {
			found = binding{live: -1, why: b.finding(diag.Error, RenameUnclear, g.Origin,
				fmt.Sprintf("group %q is not ours to rename to %q", g.Previously, g.Name),
				fmt.Sprintf("`--adopt %q` takes it over.", g.Previously))}
		}
		return found
	}
	if near, ok := folded[strings.ToLower(g.Name)]; ok {
		return binding{live: -1, why: b.finding(diag.Error, NameDiffersInCase, g.Origin,
			fmt.Sprintf("group %q is in AWS as %q", g.Name, b.Live.Groups[near].Name), "Write the name as AWS has it.")}
	}
	return binding{hold: fresh, live: -1}
}

// mayRename says whether the live group i is the former self of g: no other
// group of the config may go by that name.
func (b *Bound) mayRename(g access.Group, i int) bool {
	return g.Previously != "" && i >= 0 && b.Desired.GroupIndex(g.Previously) < 0 && b.claim("group "+g.Previously)
}

// claim gives each former name to one row only.
func (b *Bound) claim(name string) bool {
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
	b.finding(diag.Warning, RenameUnclear, g.Origin,
		fmt.Sprintf("groups %q and %q both exist, so nothing is renamed", g.Previously, g.Name), "Remove `previously` when the rename is over.")
}

// bindFound decides by the mark what we may do with a group that exists.
func (b *Bound) bindFound(g access.Group, i int32) binding {
	live := b.Live.Groups[i]
	switch {
	case live.Owner == b.options.Owner && !live.SCIM:
		return binding{hold: ours, live: i}
	case live.SCIM:
		return binding{hold: grantOnly, live: i, why: b.scimFinding(g)}
	case b.mayAdopt(live.Owner, g.Name, live.Name):
		return binding{hold: adopted, live: i}
	case live.Owner == "":
		return binding{hold: additive, live: i, why: b.finding(diag.Warning, GroupUnmarked, g.Origin,
			fmt.Sprintf("group %q was not made by rolecall: it is granted access and given members, never edited, and loses no member", live.Name),
			fmt.Sprintf("`--adopt %q` takes it over.", live.Name))}
	default:
		return binding{hold: grantOnly, live: i, why: otherOwner(b, g, live)}
	}
}

func otherOwner(b *Bound, g, live access.Group) diag.Diagnostic {
	return b.finding(diag.Warning, GroupOfOther, g.Origin,
		fmt.Sprintf("group %q belongs to owner %q: it is granted access, nothing else", live.Name, live.Owner),
		fmt.Sprintf("Manage its members where %q does.", live.Owner))
}

func (b *Bound) scimFinding(g access.Group) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Error, Code: GroupOfSCIM, Range: b.Desired.Range(g.Origin),
		Summary: fmt.Sprintf("group %q belongs to %s, so its members are not written here", g.Name, b.options.IdP),
		Hint:    fmt.Sprintf("Change the membership in %s.", b.options.IdP)}
}

func (b *Bound) mayAdopt(owner string, names ...string) bool {
	if owner != "" && owner != b.options.FromOwner {
		return false
	}
	return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(b.options.Adopt, n) })
}

func (b *Bound) bindSets() {
	b.sets = make([]binding, len(b.Desired.Sets))
	for i, p := range b.Desired.Sets {
		b.sets[i] = b.bindSet(p, b.Live.SetIndex(p.Name))
	}
}

func (b *Bound) bindSet(p access.PermissionSet, i int) binding {
	if i < 0 {
		return binding{hold: fresh, live: -1}
	}
	live := b.Live.Sets[i]
	switch {
	case live.Owner == b.options.Owner:
		return binding{hold: ours, live: int32(i)}
	case b.mayAdopt(live.Owner, live.Name):
		return binding{hold: adopted, live: int32(i)}
	case live.Owner == "":
		return binding{live: int32(i), why: b.finding(diag.Error, SetUnmarked, p.Origin,
			fmt.Sprintf("permission set %q was not made by rolecall, so it is not touched", p.Name),
			fmt.Sprintf("`--adopt %q` takes it over, or choose another permission_set_name.", p.Name))}
	default:
		return binding{live: int32(i), why: b.finding(diag.Error, SetOfOther, p.Origin,
			fmt.Sprintf("permission set %q belongs to owner %q, so it is not touched", p.Name, live.Owner),
			fmt.Sprintf("Choose another permission_set_name, or `--adopt %q --from-owner %s`.", p.Name, live.Owner))}
	}
}
