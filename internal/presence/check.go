package presence

import (
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Options are what the answers need to know of the config beside the state that it
// asks for.
type Options struct {
	SetUp access.SetUp
	IdP   string // as Config.IdPName returns it
	// Owner is whose records tell what an account was called; "" asks none.
	Owner string
	// Renamed are groups of the config, by their names there, that are alive under
	// another name.
	Renamed map[string]access.Renamed
	// Names has every group, every user, or both, where the live state has only some:
	// near names are looked for there. Of what it has none of, the live state has all.
	Names access.State
}

// Check compares what the config asks for with what AWS has.
func Check(desired, live access.State, o Options) Report {
	a := Ask(&desired, &live, o)
	r := Report{SetUp: o.SetUp, Items: []Item{}}
	if a.scim() {
		r.Window = &a.window
	}
	for i := range desired.Groups {
		r.add(a.Group(i))
	}
	for i := range desired.Users {
		r.add(a.User(i))
	}
	for i := range desired.Accounts {
		r.add(a.Account(i))
	}
	return r
}

// Answers answer about one name of a config at a time. What finds near names is made
// when the first name is missing.
type Answers struct {
	desired, live *access.State
	allGroups     []access.Group // where near names are looked for
	allUsers      []access.User
	options       Options
	window        Window
	groups        *finder[access.Group]
	users         *userFinder
	organization  *access.AccountIndex
	byEmail       map[string]int    // live users, by folded address
	definedBy     map[string]string // user names that the config defines, by folded address
	named         map[string]bool
}

// Ask makes the answers. The states must not change meanwhile, and the answers are
// not for several goroutines.
func Ask(desired, live *access.State, o Options) *Answers {
	a := &Answers{desired: desired, live: live, allGroups: o.Names.Groups, allUsers: o.Names.Users, options: o, window: WindowOf(o.IdP)}
	if len(a.allGroups) == 0 {
		a.allGroups = live.Groups
	}
	if len(a.allUsers) == 0 {
		a.allUsers = live.Users
	}
	return a
}

// scim says that an identity provider brings something to AWS by itself.
func (a *Answers) scim() bool {
	return a.options.SetUp == access.SCIM || a.options.SetUp == access.SCIMUsersOnly
}

// idp names the identity provider in a sentence.
func (a *Answers) idp() string {
	if a.options.IdP == "" {
		return "the identity provider"
	}
	return a.options.IdP
}

// Group answers about a row of the desired groups.
func (a *Answers) Group(row int) Item {
	g := a.desired.Groups[row]
	if at := a.live.GroupIndex(g.Name); at >= 0 {
		return a.foundGroup(g, at).named()
	}
	a.findGroups()
	return a.missingGroup(g, a.groups.former(g.Previously, a.groups.suggest(g.Name, !g.Referenced))).named()
}

// findGroups makes what finds groups that a missing one may be.
func (a *Answers) findGroups() {
	if a.groups != nil {
		return
	}
	expected := map[string]bool{}
	for _, g := range a.desired.Groups {
		expected[g.Name] = true
	}
	a.groups = newFinder(a.allGroups, func(g access.Group) string { return g.Name }, func(g access.Group) string { return g.ID }, expected)
}

// FormerGroup returns what the former name of a group may have been meant to be, where
// AWS has none of that name: the nearest first.
func (a *Answers) FormerGroup(row int) []Suggestion {
	a.findGroups()
	return a.groups.suggest(a.desired.Groups[row].Previously, true)
}

// FormerUser says so of a user.
func (a *Answers) FormerUser(row int) []Suggestion {
	a.findUsers()
	return a.users.suggest(a.desired.Users[row].Previously, true)
}

func (a *Answers) foundGroup(g access.Group, at int) Item {
	have := a.live.Groups[at]
	item := Item{Kind: GroupItem, Name: g.Name, Verdict: There, ID: have.ID, Owner: have.Owner, Origin: a.groupOrigin(have)}
	if a.live.Observed.Members[have.ID] {
		n := len(a.live.Members(at))
		item.Members = &n
		if n == 0 {
			item.Finding = a.noMembers(g)
		}
	}
	if a.options.SetUp == access.SCIM && item.Origin == FromRolecall {
		item.Finding = a.madeInAWS(g, have.Owner)
	}
	return item
}

func (a *Answers) groupOrigin(g access.Group) Origin {
	switch {
	case g.SCIM:
		return FromSCIM
	case g.Owner != "":
		return FromRolecall
	case a.scim():
		return FromUnknown
	default:
		return Unmarked
	}
}

func (a *Answers) missingGroup(g access.Group, suggestions []Suggestion) Item {
	item := Item{Kind: GroupItem, Name: g.Name, Verdict: WillNotCome, Suggestions: suggestions}
	if r, renamed := a.options.Renamed[g.Name]; renamed {
		return a.renamedGroup(item, g, r)
	}
	switch {
	case !g.Referenced:
		item.Finding = a.notApplied(item, g.Origin)
	case item.Alike():
		item.Finding = a.otherName(item, g.Origin)
	case a.options.SetUp == access.SCIM && a.window.Groups:
		item.Verdict = NotYet
		item.Finding = a.notSynced(item, g.Origin)
	case a.scim():
		item.Finding = a.neverSynced(item, g.Origin)
	default:
		item.Finding = a.notDefined(item, g.Origin)
	}
	a.explain(&item)
	return item
}

// renamedGroup is a group that goes by another name now: its id is known, so that
// names which are only near say nothing.
func (a *Answers) renamedGroup(item Item, g access.Group, r access.Renamed) Item {
	item.Suggestions = []Suggestion{{Name: r.Now, ID: r.ID, Match: SameID}}
	f := r.Finding(CodeRenamed, g.Referenced, a.idp())
	f.Range = a.desired.Range(g.Origin)
	f.Evidence = append(f.Evidence, a.looked(&item))
	item.Finding = &f
	return item
}

// named puts to the item's finding what it is about.
func (i Item) named() Item {
	if i.Finding != nil {
		i.Finding.Subject = i.Subject()
	}
	return i
}

// Subject is what a finding about the item is about.
func (i Item) Subject() diag.Subject { return diag.Subject{Kind: i.Kind, Name: i.Name} }
