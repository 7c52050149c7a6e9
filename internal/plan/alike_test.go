package plan_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/internal/access"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// slips are other ways to write a name that people take for the same.
var slips = map[string]func(string) string{
	"case":       strings.ToUpper,
	"look-alike": func(name string) string { return strings.Replace(name, "a", "\u0430", 1) },
	"invisible":  func(name string) string { return name[:1] + "\u200B" + name[1:] },
	"blank":      func(name string) string { return name + " " },
	"dash":       func(name string) string { return strings.Replace(name, "-", "_", 1) },
}

// drawnAccess is who is in which group and what groups hold. A config may write a
// name otherwise at each place.
type drawnAccess struct {
	members [][2]string // group, user
	grants  [][3]string // set, account, group
}

var (
	alikeUsers    = []string{"ann-a@company.com", "bob-a@company.com"}
	alikeGroups   = []string{"Alpha-a", "Beta-a"}
	alikeAccounts = []string{"dev-a", "prod-a"}
	alikeSets     = []string{"Set1", "Set2"}
)

func drawAccess(t *rapid.T) drawnAccess {
	var d drawnAccess
	for _, g := range alikeGroups {
		for _, u := range alikeUsers {
			if rapid.Bool().Draw(t, "member") {
				d.members = append(d.members, [2]string{g, u})
			}
		}
		for _, s := range alikeSets {
			for _, a := range alikeAccounts {
				if rapid.Bool().Draw(t, "grant") {
					d.grants = append(d.grants, [3]string{s, a, g})
				}
			}
		}
	}
	return d
}

// state builds the access; write gives each name as it is written at a place.
func (d drawnAccess) state(live bool, write func(string) string) access.State {
	b := access.Builder{Observed: access.Observed{Read: "deep", Complete: true, Members: map[string]bool{}, Uses: map[string]bool{}, SetUses: map[string]bool{}, SetPrincipals: map[string]bool{}}}
	rows := map[string]int32{}
	once := func(key string, add func() int32) int32 {
		if _, there := rows[key]; !there {
			rows[key] = add()
		}
		return rows[key]
	}
	user := func(name string) int32 {
		written := write(name)
		u := access.User{Username: written, Referenced: true}
		if live {
			u = access.User{Username: name, ID: "u-" + name, SCIM: true}
		}
		return once("user "+written, func() int32 { return b.AddUser(u) })
	}
	group := func(name string) int32 {
		written := write(name)
		g := access.Group{Name: written, Owner: "me", Referenced: written != name}
		if live {
			g.ID = "g-" + name
			b.Observed.Members[g.ID], b.Observed.Uses[g.ID] = true, true
		}
		return once("group "+written, func() int32 { return b.AddGroup(g) })
	}
	account := func(name string) int32 {
		a := access.Account{Name: write(name)}
		if live {
			a.ID, a.State = sketchAccountID(name), access.ActiveState
		}
		return once("account "+a.Name, func() int32 { return b.AddAccount(a) })
	}
	set := func(name string) int32 {
		p := access.PermissionSet{Name: name, SessionDuration: "PT1H", Tags: []access.Tag{{Key: access.OwnerTag, Value: "me"}}, Owner: "me"}
		if live {
			p.ARN = sketchARN(name)
			b.Observed.SetUses[p.ARN], b.Observed.SetPrincipals[p.ARN] = true, true
		}
		return once("set "+name, func() int32 { return b.AddSet(p) })
	}
	if live {
		for _, name := range alikeUsers {
			user(name)
		}
		for _, name := range alikeAccounts {
			account(name)
		}
		for _, name := range alikeGroups {
			group(name)
		}
	}
	for _, m := range d.members {
		b.AddMembership(group(m[0]), user(m[1]), 0)
	}
	for _, g := range d.grants {
		b.AddAssignment(access.Assignment{Set: set(g[0]), Account: account(g[1]), Kind: access.GroupPrincipal, Principal: group(g[2])})
	}
	return b.State()
}

// Whatever a name means that is written otherwise somewhere in the config, the plan
// removes nothing that it would keep if the name were written right, however often it
// is written right elsewhere.
func TestASlipInANameRemovesNothing(t *testing.T) {
	kept := 0
	rapid.Check(t, func(t *rapid.T) {
		have, want := drawAccess(t), drawAccess(t)
		live := have.state(true, func(name string) string { return name })
		right := want.state(false, func(name string) string { return name })
		kinds := make([]string, 0, len(slips))
		for kind := range slips {
			kinds = append(kinds, kind)
		}
		slices.Sort(kinds)
		slipped := want.state(false, func(name string) string {
			if rapid.IntRange(0, 2).Draw(t, "slip") > 0 {
				return name
			}
			return slips[rapid.SampledFrom(kinds).Draw(t, "kind")](name)
		})
		o := options(access.SCIMUsersOnly)
		o.Guards = allowAll().Guards
		meant, got := Diff(&right, &live, o), Diff(&slipped, &live, o)
		for _, c := range got.Changes {
			if c.Action != Delete || c.Kind == PermissionSet {
				continue
			}
			if !slices.ContainsFunc(meant.Changes, func(m Change) bool { return m.ID == c.ID }) {
				t.Fatalf("%s is removed, and the config means to keep it", c.ID)
			}
		}
		for _, b := range got.Blocked {
			if b.Cause == MayBeRenamed {
				kept++
			}
		}
	})
	if kept == 0 {
		t.Error("the case was never met")
	}
}

// What else says who was meant: an account's id with dashes or without its zeros, a
// user's e-mail address. And the plan deletes nobody whom a member list may mean.
func TestWhatAMissingNameMayMeanStays(t *testing.T) {
	live, want := access.Builder{Observed: access.Observed{Read: "deep", Complete: true, Members: map[string]bool{"g-1": true}}}, access.Builder{}
	team := live.AddGroup(access.Group{Name: "Team", ID: "g-1", Owner: "me"})
	asked := want.AddGroup(access.Group{Name: "Team", Owner: "me"})
	other := want.AddGroup(access.Group{Name: "Other", Owner: "me"})
	dev, prod := live.AddAccount(access.Account{Name: "dev", ID: "012345678901"}), live.AddAccount(access.Account{Name: "prod", ID: "123456789012"})
	mjones := live.AddUser(access.User{Username: "mjones", Email: "Mary@company.com", ID: "u-1"})
	leaver := live.AddUser(access.User{Username: "jane@company.com", ID: "u-2"})
	live.AddMembership(team, mjones, 0)
	live.AddMembership(team, leaver, 0)
	want.AddMembership(asked, want.AddUser(access.User{Username: "mary@company.com", Referenced: true}), 0)
	want.AddMembership(other, want.AddUser(access.User{Username: "mjones", Referenced: true}), 0)
	want.AddMembership(asked, want.AddUser(access.User{Username: "j\u0430ne@company.com", Referenced: true}), 0)
	want.AddUser(access.User{Username: "jane@company.com", Remove: true})
	set := access.PermissionSet{Name: "Set", SessionDuration: "PT1H", Owner: "me", Tags: []access.Tag{{Key: access.OwnerTag, Value: "me"}}}
	wanted := want.AddSet(set)
	set.ARN = sketchARN("Set")
	has := live.AddSet(set)
	for _, a := range []int32{dev, prod} {
		live.AddAssignment(access.Assignment{Set: has, Account: a, Kind: access.GroupPrincipal, Principal: team})
	}
	for _, written := range []string{"12345678901", "1234-5678-9012"} {
		want.AddAssignment(access.Assignment{Set: wanted, Account: want.AddAccount(access.Account{Name: written}), Kind: access.GroupPrincipal, Principal: asked})
	}
	for _, right := range []string{"dev", "prod"} { // another group's
		want.AddAssignment(access.Assignment{Set: wanted, Account: want.AddAccount(access.Account{Name: right}), Kind: access.GroupPrincipal, Principal: other})
	}
	o := options(access.SCIMUsersOnly)
	o.Guards = allowAll().Guards
	l, w := live.State(), want.State()
	p := Diff(&w, &l, o)
	for _, c := range p.Changes {
		if c.Action == Delete {
			t.Errorf("%s: %s", c.ID, c.Reason)
		}
	}
	if len(p.Blocked) < 5 {
		t.Errorf("blocked: %+v", p.Blocked)
	}
}

// A member whom an earlier plan added to a group of somebody else's stays, too.
func TestAnAddedMemberMayBeTheMissingOne(t *testing.T) {
	live, want := access.Builder{Observed: access.Observed{Read: "deep", Members: map[string]bool{"g-1": true}}}, access.Builder{}
	live.AddMembership(live.AddGroup(access.Group{Name: "Theirs", ID: "g-1"}), live.AddUser(access.User{Username: "jane@company.com", ID: "u-1"}), 0)
	want.AddMembership(want.AddGroup(access.Group{Name: "Theirs", Referenced: true}), want.AddUser(access.User{Username: "Jane@company.com", Referenced: true}), 0)
	want.AddMembership(want.AddGroup(access.Group{Name: "Other", Owner: "me"}), want.AddUser(access.User{Username: "jane@company.com", Referenced: true}), 0)
	o := options(access.SCIMUsersOnly)
	o.Guards, o.Scope.Added = allowAll().Guards, map[string][]string{"Theirs": {"jane@company.com"}}
	l, w := live.State(), want.State()
	for _, c := range Diff(&w, &l, o).Changes {
		if c.Action == Delete {
			t.Errorf("%s: %s", c.ID, c.Reason)
		}
	}
}
