package write

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// arriving are writes that give something to whoever is there, and what somebody
// does by hand before them.
var arriving = []struct {
	name   string
	change func(*between)
	stops  []string
}{
	{"somebody put into the group", func(b *between) { b.member("Developers", "bob") }, []string{"assign", "assign, outdated", "provision", "provision up"}},
	{"another group assigned", func(b *between) { b.assign("Theirs", "200000000000"); b.outdated() }, []string{"assign, outdated", "provision", "provision up"}},
	{"a user assigned", func(b *between) {
		b.assignTo(b.set(), access.UserPrincipal, b.user("bob"), "200000000000")
		b.outdated()
	}, []string{"provision"}},
	{"an account of the group renamed", func(b *between) {
		b.must(b.e.Change(emulator.Change{Account: &emulator.AccountChange{Account: "200000000000", Name: "other"}}))
	}, []string{"join"}},
	{"the group assigned elsewhere", func(b *between) { b.assign("Developers", "200000000002") }, []string{"join"}},
}

// outdated makes the set outdated in account-000 again, which the assignment by
// hand has provisioned: only then is it as the plan saw it.
func (b *between) outdated() {
	b.attach(powerUser)
	b.detach(powerUser)
	_, err := b.other.ProvisionPermissionSet(b.t.Context(), b.set(), "200000000001")
	b.must(err)
}

func (b *between) arrival(what string) plan.Change {
	name := map[string]string{"assign, outdated": "assign", "provision up": "provision", "provision down": "provision"}[what]
	if name == "" {
		return b.planned(what)
	}
	ch := b.planned(name)
	switch what {
	case "assign, outdated":
		ch.Key.Account, ch.Key.AccountName = "200000000000", "account-000"
	case "provision up":
		ch.Key.Level = plan.Up
	case "provision down":
		ch.Key.Level = plan.Down
	}
	return ch
}

// Whoever came after AWS was read gets nothing by a write that comes more than a
// minute later.
func TestArrivalsStopWhatTheyWouldGet(t *testing.T) {
	for _, test := range arriving {
		for _, what := range test.stops {
			t.Run(test.name+", "+what, func(t *testing.T) {
				b := newBetween(t)
				b.live.Observed.Began = time.Now().Add(-2 * LookLimit).UnixNano()
				ch := b.arrival(what)
				test.change(b)
				before := b.e.State()
				result := b.run(ch)
				if len(result.Failed) != 1 || result.Failed[0].Finding.Code != identitycenter.CodeChanged {
					t.Errorf("failed %+v, want that something changed", result.Failed)
				}
				if diff := cmp.Diff(before, b.e.State()); diff != "" {
					t.Errorf("it was written all the same (-before +after):\n%s", diff)
				}
			})
		}
	}
}

// Whom the plan brings itself is no arrival, whoever leaves stops nothing, a step
// down gives nobody more, and a read that is young is the look.
func TestNoArrivals(t *testing.T) {
	for name, c := range map[string]struct {
		age    time.Duration
		change func(*between)
		what   []string
	}{
		"nothing happened": {2 * LookLimit, func(*between) {}, []string{"assign", "assign, outdated", "provision", "join"}},
		"the plan's own":   {2 * LookLimit, func(*between) {}, []string{"join", "assign", "user's", "provision"}},
		"somebody left":    {2 * LookLimit, func(b *between) { b.run(b.planned("leave"), b.planned("revoke")) }, []string{"assign", "provision"}},
		"down":             {2 * LookLimit, func(b *between) { b.member("Developers", "bob") }, []string{"provision down"}},
		"a young read":     {time.Second, func(b *between) { b.member("Developers", "bob") }, []string{"assign"}},
		"members that no one read": {2 * LookLimit, func(b *between) {
			delete(b.live.Observed.Members, b.group("Developers"))
			b.member("Developers", "bob")
		}, []string{"assign"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBetween(t)
			b.live.Observed.Began = time.Now().Add(-c.age).UnixNano()
			var changes []plan.Change
			for _, what := range c.what {
				ch := b.arrival(what)
				if n := len(changes); n > 0 {
					ch.DependsOn = []plan.ID{changes[n-1].ID}
				}
				ch.ID = plan.ID(what)
				changes = append(changes, ch)
			}
			c.change(b)
			if result := b.run(changes...); len(result.Failed)+len(result.Left) > 0 {
				t.Errorf("failed %+v, left %+v", result.Failed, result.Left)
			}
		})
	}
}

// A set that this run has made may be assigned by hand before it is whole: a
// later grant in that account would bring the other one up to date with it.
func TestArrivalsOnASetOfThisRun(t *testing.T) {
	for _, c := range []struct {
		name, account string
		failed        int
	}{{"in the account of the grant", "200000000002", 1}, {"in another account", "200000000001", 0}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBetween(t)
				set := b.planned("set")
				attach := plan.Change{ID: "attach", Kind: plan.ManagedPolicy, Action: plan.Create, Key: plan.Key{PermissionSet: "New", Policy: admin}}
				grant := b.planned("assign")
				grant.Key.PermissionSet, grant.Refs.PermissionSetARN, grant.DependsOn = "New", "", []plan.ID{"attach"}
				changes := []plan.Change{set, attach, grant}
				target := New(b.c, Options{Owner: "platform", Run: "0123abcd", Live: &b.live, Changes: changes})
				run := func(ch ...plan.Change) *apply.Result {
					result, err := apply.New(target, apply.Options{Deadline: 3 * time.Second}).Run(t.Context(), ch)
					b.must(err)
					return result
				}
				if result := run(set); len(result.Failed) > 0 {
					t.Fatalf("%+v", result.Failed)
				}
				b.assignTo(target.made.of(object{plan.PermissionSet, "New"}).id, access.UserPrincipal, b.user("bob"), c.account)
				time.Sleep(2 * LookLimit)
				if result := run(attach, grant); len(result.Failed) != c.failed {
					t.Errorf("failed %+v, want %d", result.Failed, c.failed)
				}
			})
		})
	}
}
