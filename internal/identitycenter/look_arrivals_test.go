package identitycenter

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/google/go-cmp/cmp"

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
		b.must(b.other.sso.CreateAccountAssignment(b.t.Context(), &ssoadmin.CreateAccountAssignmentInput{InstanceArn: &b.c.instance.ARN, PermissionSetArn: b.set(),
			TargetId: aws.String("200000000000"), TargetType: ssotypes.TargetTypeAwsAccount, PrincipalId: b.user("bob"), PrincipalType: ssotypes.PrincipalTypeUser}))
		b.outdated()
	}, []string{"provision"}},
	{"the group assigned elsewhere", func(b *between) { b.assign("Developers", "200000000002") }, []string{"join"}},
}

// outdated makes the set outdated in account-000 again, which the assignment by
// hand has provisioned: only then is it as the plan saw it.
func (b *between) outdated() {
	b.attach(powerUser)
	b.detach(powerUser)
	b.must(b.other.sso.ProvisionPermissionSet(b.t.Context(), &ssoadmin.ProvisionPermissionSetInput{InstanceArn: &b.c.instance.ARN, PermissionSetArn: b.set(),
		TargetType: ssotypes.ProvisionTargetTypeAwsAccount, TargetId: aws.String("200000000001")}))
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
				b.live.Observed.Began = time.Now().Add(-2 * LookLimit)
				ch := b.arrival(what)
				test.change(b)
				before := b.e.State()
				result := b.run(ch)
				if len(result.Failed) != 1 || result.Failed[0].Finding.Code != CodeChanged {
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
			delete(b.live.Observed.Members, *b.group("Developers"))
			b.member("Developers", "bob")
		}, []string{"assign"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBetween(t)
			b.live.Observed.Began = time.Now().Add(-c.age)
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
