package write

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

func word(s string) access.Text { return access.Text{Value: s} }

func words(list []string) access.List[access.Text] {
	var out access.List[access.Text]
	for _, s := range list {
		out.Items = append(out.Items, word(s))
	}
	return out
}

// drawConfig draws a config of the built-in directory that has everything a
// plan can change.
func drawConfig(t *rapid.T, label string) access.Config {
	some := func(what string, of ...string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, len(of), rapid.ID[string]).Draw(t, label+" "+what)
	}
	one := func(what string, of ...string) access.Text {
		return word(rapid.SampledFrom(of).Draw(t, label+" "+what))
	}
	var c access.Config
	users := some("users", "ann@x.com", "bob@x.com", "cat@x.com")
	for _, u := range users {
		c.Users.Items = append(c.Users.Items, access.UserSpec{Email: word(u), DisplayName: one("display name", "One", "Two"), GivenName: word("G"), FamilyName: one("family name", "F", "H")})
	}
	for _, u := range []string{"ann@x.com", "bob@x.com", "cat@x.com"} {
		if !strings.Contains(strings.Join(users, " "), u) {
			c.RemovedUsers.Items = append(c.RemovedUsers.Items, word(u))
		}
	}
	for _, name := range some("groups", "Alpha", "Beta", "Gamma") {
		g := access.GroupSpec{
			Name: word(name), Description: one("description", "", "some text"), SessionDuration: one("session", "", "PT2H", "PT120M"),
			RelayState:              one("relay state", "", "https://console.aws.amazon.com/"),
			AccountsNames:           words(some("accounts", "account-000", "account-001", "account-002")),
			AWSManagedPolicies:      words(some("policies", "arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess")),
			CustomerManagedPolicies: words(some("customer policies", "extra", "team/extra")),
			PermissionsBoundary:     one("boundary", "", "edge", "arn:aws:iam::aws:policy/PowerUserAccess"),
		}
		for _, key := range some("tags", "team", "stage") {
			g.Tags.Items = append(g.Tags.Items, access.TagSpec{Key: word(key), Value: one("tag", "a", "b")})
		}
		for _, action := range some("inline", "s3:*", "ec2:*") {
			g.InlinePolicies.Items = append(g.InlinePolicies.Items, access.InlinePolicySpec{Name: word("p"), Statements: access.List[access.StatementSpec]{
				Items: []access.StatementSpec{{Effect: word("Deny"), Actions: words([]string{action}), Resources: words([]string{"*"})}}}})
		}
		if len(users) > 0 {
			g.Members = words(some("members", users...))
		}
		c.AccessGroups.Items = append(c.AccessGroups.Items, g)
	}
	return c
}

var allowAll = plan.Guards{AllowRemovals: true, AllowLockout: true, AllowReplace: true, RemovalsOff: true, Caller: plan.Caller{Management: true}}

// converge plans and applies a config and gives the plan that is made then.
func converge(t *rapid.T, c *identitycenter.Client, config access.Config) *plan.Plan {
	desired := access.Desired(config, "platform")
	o := plan.Options{Owner: "platform", SetUp: config.SetUp(), Guards: allowAll}
	look := func() access.State {
		// Only a deep read shows a delegated administrator what else uses a group.
		s, _, err := read.New(c).Read(t.Context(), read.Options{Desired: desired, Owner: "platform", Deep: c.Caller().Role == identitycenter.DelegatedAdministrator})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	live := look()
	p := plan.Diff(&desired, &live, o)
	if p.Findings.HasErrors() || len(p.Blocked) > 0 {
		t.Fatalf("findings %v, blocked %v", p.Findings, p.Blocked)
	}
	result, err := apply.New(New(c, Options{Owner: "platform", Live: &live, Changes: p.Changes}), apply.Options{}).Run(t.Context(), p.Changes)
	if err != nil || !result.Complete() {
		t.Fatalf("%v; failed %+v, left %+v", err, result.Failed, result.Left)
	}
	live = look()
	return plan.Diff(&desired, &live, o)
}

// From any config to any other: the plan of one read applies, and then nothing
// is left to do. What the emulator has is what the config says, and what was
// not ours is as it was.
func TestAnyConfigConverges(t *testing.T) {
	centertest.FewerChecks(t, "30")
	rapid.Check(t, func(t *rapid.T) {
		w := centertest.NewWorld("platform", 3)
		for i := range w.Estate.Accounts {
			w.Estate.Accounts[i].CustomerManagedPolicies = []string{"extra", "/team/extra", "edge"}
		}
		w.Estate.PermissionSets = []emulator.EstatePermissionSet{{Name: "Theirs", Tags: map[string]string{access.OwnerTag: "other"}}}
		w.Estate.Groups = []emulator.EstateGroup{{DisplayName: "Theirs", Description: "[rolecall:other]"}}
		w.Assign("Theirs", emulator.EstateAssignment{Group: "Theirs"}, "account-000")
		e, err := emulator.New(emulator.Options{Estate: w.Estate, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		c := centertest.Connect(t, centertest.OptionsFor(e.Transport(), rapid.SampledFrom([]string{emulator.ManagementKey, centertest.DelegatedKey}).Draw(t, "caller")))
		for step := range 2 {
			config := drawConfig(t, fmt.Sprintf("config %d", step))
			if p := converge(t, c, config); len(p.Changes) > 0 || len(p.Blocked) > 0 {
				t.Fatalf("left to do: %+v, blocked %+v", p.Changes, p.Blocked)
			}
			checkEstate(t, e, config)
		}
	})
}

func checkEstate(t *rapid.T, e *emulator.Emulator, config access.Config) {
	want := []string{"Theirs account-000 Theirs"}
	groups := 1
	for _, g := range config.AccessGroups.Items {
		groups++
		for _, a := range g.AccountsNames.Items {
			want = append(want, g.Name.Value+" "+a.Value+" "+g.Name.Value)
		}
	}
	var have []string
	i := e.State().Instances[0]
	for _, a := range i.Assignments {
		have = append(have, a.PermissionSet+" "+a.AccountName+" "+a.Principal)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(have))); diff != "" {
		t.Fatalf("assignments (-config +emulator):\n%s", diff)
	}
	if len(i.Groups) != groups || len(i.PermissionSets) != groups || len(i.Users) != len(config.Users.Items) {
		t.Fatalf("%d groups, %d sets, %d users; the config has %d, %d, %d", len(i.Groups), len(i.PermissionSets), len(i.Users), groups, groups, len(config.Users.Items))
	}
	for _, r := range i.Roles {
		if !r.Latest {
			t.Fatalf("the role of %s in %s is not the latest", r.PermissionSet, r.Account)
		}
	}
}
