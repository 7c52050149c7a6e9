package verify

import (
	"github.com/rolecall-dev/rolecall/internal/access"
)

// Options are what Check needs to know of the config beside the state that it
// asks for.
type Options struct {
	SetUp access.SetUp
	IdP   string // as Config.IdPName gives it
	// Renamed are groups of the config, by their names there, that are alive under
	// another name.
	Renamed map[string]access.Renamed
}

// Check compares what the config asks for with what AWS has.
func Check(desired, live access.State, o Options) Report {
	c := checker{desired: &desired, live: &live, options: o, window: WindowOf(o.IdP)}
	c.report = Report{SetUp: o.SetUp, Items: []Item{}}
	if c.scim() {
		c.report.Window = &c.window
	}
	c.checkGroups()
	c.checkUsers()
	c.checkAccounts()
	return c.report
}

type checker struct {
	desired, live *access.State
	options       Options
	window        Window
	report        Report
}

// scim says that an identity provider brings something to AWS by itself.
func (c *checker) scim() bool {
	return c.options.SetUp == access.SCIM || c.options.SetUp == access.SCIMUsersOnly
}

// idp names the identity provider in a sentence.
func (c *checker) idp() string {
	if c.options.IdP == "" {
		return "the identity provider"
	}
	return c.options.IdP
}

func (c *checker) checkGroups() {
	expected := map[string]bool{}
	for _, g := range c.desired.Groups {
		expected[g.Name] = true
	}
	finder := newFinder(c.live.Groups, func(g access.Group) string { return g.Name }, func(g access.Group) string { return g.ID }, expected)
	for _, g := range c.desired.Groups {
		if at := c.live.GroupIndex(g.Name); at >= 0 {
			c.report.add(c.foundGroup(g, at))
			continue
		}
		suggestions := finder.former(g.Previously, finder.suggest(g.Name))
		c.report.add(c.missingGroup(g, suggestions))
	}
}

func (c *checker) foundGroup(g access.Group, at int) Item {
	have := c.live.Groups[at]
	item := Item{Kind: GroupItem, Name: g.Name, Verdict: There, ID: have.ID, Owner: have.Owner, Origin: c.groupOrigin(have)}
	if c.live.Observed.Members[have.ID] {
		n := len(c.live.Members(at))
		item.Members = &n
		if n == 0 {
			item.Finding = c.noMembers(g)
		}
	}
	if c.options.SetUp == access.SCIM && item.Origin == FromRolecall {
		item.Finding = c.madeInAWS(g, have.Owner)
	}
	return item
}

func (c *checker) groupOrigin(g access.Group) Origin {
	switch {
	case g.SCIM:
		return FromSCIM
	case g.Owner != "":
		return FromRolecall
	case c.scim():
		return FromUnknown
	default:
		return Unmarked
	}
}

func (c *checker) missingGroup(g access.Group, suggestions []Suggestion) Item {
	item := Item{Kind: GroupItem, Name: g.Name, Verdict: WillNotCome, Suggestions: suggestions}
	if r, renamed := c.options.Renamed[g.Name]; renamed {
		return c.renamedGroup(item, g, r)
	}
	switch {
	case !g.Referenced:
		item.Finding = c.notApplied(GroupItem, g.Name, g.Origin)
	case sameName(suggestions):
		item.Finding = c.otherName(GroupItem, g.Name, g.Origin, suggestions)
	case c.options.SetUp == access.SCIM && c.window.Groups:
		item.Verdict = NotYet
		item.Finding = c.notSynced(GroupItem, g.Name, g.Origin)
	case c.scim():
		item.Finding = c.neverSynced(g)
	default:
		item.Finding = c.notDefined(GroupItem, g.Name, g.Origin)
	}
	c.explain(&item)
	return item
}

// renamedGroup is a group that goes by another name now: its id is known, so that
// names which are only near say nothing.
func (c *checker) renamedGroup(item Item, g access.Group, r access.Renamed) Item {
	item.Suggestions = []Suggestion{{Name: r.Now, ID: r.ID, Rung: SameID}}
	f := r.Finding(CodeRenamed, g.Referenced, c.idp())
	f.Range = c.desired.Range(g.Origin)
	item.Finding = &f
	f.Evidence = append(f.Evidence, c.looked(&item))
	return item
}
