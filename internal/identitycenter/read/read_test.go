package read

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

func read(t *testing.T, c *Reader, o Options) access.State {
	t.Helper()
	s, notes, err := c.Read(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notes {
		t.Log(n)
	}
	return s
}

// scenario is a small world with one of everything that matters.
func scenario(t *testing.T) (*centertest.World, access.State) {
	t.Helper()
	w := centertest.NewWorld("platform", 4)
	w.Group("Developers", 3)
	w.WantGroup("Missing", 2)
	w.HaveGroup("Removed", 2)
	e := w.Estate
	e.Users = []emulator.EstateUser{
		{UserName: "jane@company.com", Email: "jane@company.com", DisplayName: "Jane", GivenName: "Jane", FamilyName: "Smith"},
		{UserName: "joe@company.com"}, {UserName: "nobody@company.com"},
	}
	e.Groups[0].Members = []string{"jane@company.com", "joe@company.com"}
	e.PermissionSets[0].Description = "for developers"
	e.PermissionSets[0].SessionDuration = "PT8H"
	e.PermissionSets[0].RelayState = "https://console.aws.amazon.com/s3"
	e.PermissionSets[0].AWSManagedPolicies = []string{"arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws:iam::aws:policy/job-function/Billing"}
	e.PermissionSets[0].CustomerManagedPolicies = []emulator.EstatePolicy{{Name: "extra", Path: "/team/"}}
	e.PermissionSets[0].InlinePolicy = json.RawMessage(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}`)
	e.PermissionSets[0].PermissionsBoundary = &emulator.EstateBoundary{CustomerManagedPolicy: &emulator.EstatePolicy{Name: "edge"}}
	e.PermissionSets[0].OutdatedIn = []string{"account-001"}
	for i := range e.Accounts {
		e.Accounts[i].CustomerManagedPolicies = []string{"/team/extra", "edge"}
	}
	e.PermissionSets = append(e.PermissionSets,
		emulator.EstatePermissionSet{Name: "Foreign"},
		emulator.EstatePermissionSet{Name: "rolecall-lock-platform", Tags: map[string]string{access.LockTag: "x"}},
		emulator.EstatePermissionSet{Name: "Missing", Tags: map[string]string{access.OwnerTag: "platform"}})
	e.Applications = []emulator.EstateApplication{{Name: "wiki", Groups: []string{"Removed"}}}
	w.Assign("Foreign", emulator.EstateAssignment{Group: "Removed"}, "account-003")
	w.Assign("Foreign", emulator.EstateAssignment{Group: "Developers"}, "account-003")
	w.Assign("Missing", emulator.EstateAssignment{PrincipalType: "GROUP", PrincipalID: "906722b2f3-aaaaaaaa-1111-2222-3333-444444444444"}, "account-000")
	w.Assign("Developers", emulator.EstateAssignment{User: "joe@company.com"}, "account-003")
	w.Assign("Developers", emulator.EstateAssignment{User: "nobody@company.com"}, "account-000")
	return w, w.B.State()
}

// What is read by any way is what the emulator has, of all that is in scope.
func TestReadIsWhatAWSHas(t *testing.T) {
	w, desired := scenario(t)
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	for _, c := range []struct {
		name, key string
		deep      bool
		uses      bool
		read      string
	}{
		{"management account", emulator.ManagementKey, false, true, "pairs"},
		{"delegated administrator", centertest.DelegatedKey, false, false, "pairs"},
		{"delegated administrator, deep", centertest.DelegatedKey, true, true, "deep"},
		{"management account, deep", emulator.ManagementKey, true, true, "deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := read(t, reader(t, e, c.key), Options{Desired: desired, Owner: "platform", Deep: c.deep})
			if diff := cmp.Diff(expected(e.State(), c.uses), centertest.Lines(s)); diff != "" {
				t.Errorf("state (-emulator +read):\n%s", diff)
			}
			if s.Observed.Read != c.read {
				t.Errorf("read by %q, want %q", s.Observed.Read, c.read)
			}
			if uses := s.Observed.Uses[s.Groups[s.GroupIndex("Removed")].ID]; uses != c.uses {
				t.Errorf("uses of the removed group known: %t, want %t", uses, c.uses)
			}
			for _, set := range s.Sets {
				whole := set.Name != "Foreign"
				if s.Observed.SetUses[set.ARN] != whole {
					t.Errorf("all grants of %s read: %t, want %t", set.Name, !whole, whole)
				}
			}
			if !s.Observed.Complete || s.Observed.OtherSets != 1 {
				t.Errorf("observed %+v, want a complete read beside which there is Foreign", s.Observed)
			}
		})
	}
}

// expected shows the emulator's state as lines does: of permission sets those
// of the owner, and, where uses are read, what the removed group has of others.
func expected(e emulator.State, uses bool) []string {
	var b access.Builder
	i := e.Instances[0]
	accounts, groups, users, sets := map[string]int32{}, map[string]int32{}, map[string]int32{}, map[string]int32{}
	for _, a := range e.Accounts {
		accounts[a.ID] = b.AddAccount(access.Account{ID: a.ID, Name: a.Name, State: a.State, Management: a.Name == "management"})
	}
	for _, g := range i.Groups {
		group := access.Group{Name: g.DisplayName, SCIM: g.ExternalID != ""}
		text, mark := access.ParseMark(g.Description)
		group.Description, group.Owner = text, mark.Owner
		if g.DisplayName == "Removed" && uses {
			group.Applications = 1
		}
		groups[g.DisplayName] = b.AddGroup(group)
	}
	for _, u := range i.Users {
		users[u.UserName] = b.AddUser(access.User{Username: u.UserName})
	}
	for _, p := range i.PermissionSets {
		if p.Tags[access.OwnerTag] == "platform" {
			sets[p.Name] = b.AddSet(setOf(p, i.Roles))
		}
	}
	if uses {
		sets["Foreign"] = b.AddSet(access.PermissionSet{Name: "Foreign"})
	}
	for _, m := range i.Memberships {
		b.AddMembership(groups[m.Group], users[m.User], 0)
	}
	for _, a := range i.Assignments {
		set, ok := sets[a.PermissionSet]
		if !ok || a.PermissionSet == "Foreign" && a.Principal != "Removed" {
			continue
		}
		g := access.Assignment{Set: set, Account: accounts[a.Account], Kind: access.GroupPrincipal, Principal: groups[a.Principal]}
		switch {
		case a.Orphan:
			g.Kind, g.Principal = access.OrphanPrincipal, b.AddOrphan(access.Orphan{Kind: access.GroupPrincipal, ID: a.PrincipalID})
		case a.PrincipalType == "USER":
			g.Kind, g.Principal = access.UserPrincipal, users[a.Principal]
		}
		b.AddAssignment(g)
	}
	return centertest.Lines(b.State())
}

func setOf(p emulator.StatePermissionSet, roles []emulator.StateRole) access.PermissionSet {
	out := access.PermissionSet{
		Name: p.Name, Description: p.Description, SessionDuration: p.SessionDuration, RelayState: p.RelayState,
		ManagedPolicies: p.AWSManagedPolicies, InlinePolicy: p.InlinePolicy, Boundary: access.ParseBoundary(p.PermissionsBoundary),
	}
	for _, c := range p.CustomerManagedPolicies {
		out.CustomerPolicies = append(out.CustomerPolicies, access.ParseCustomerPolicy(c))
	}
	for k, v := range p.Tags {
		out.Tags = append(out.Tags, access.Tag{Key: k, Value: v})
	}
	for _, r := range roles {
		if r.PermissionSet == p.Name {
			out.Provisioned = append(out.Provisioned, r.Account)
			if !r.Latest {
				out.Outdated = append(out.Outdated, r.Account)
			}
		}
	}
	return out
}

// The figures that a no-change plan of 5,000 assignments has to reach.
func TestCallsOfANoChangePlan(t *testing.T) {
	w := centertest.NewWorld("platform", 100)
	for i := range 50 {
		w.Group(fmt.Sprintf("group-%02d", i), 100)
	}
	desired := w.B.State()
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	for _, c := range []struct {
		name, key string
		most      int
	}{
		{"management account", emulator.ManagementKey, 500},
		{"delegated administrator", centertest.DelegatedKey, 5500},
	} {
		before := centertest.Calls(e, identitycenter.SSOAdmin)
		client := centertest.Client(t, e, c.key)
		s := read(t, New(client), Options{Desired: desired, Owner: "platform"})
		made := centertest.Calls(e, identitycenter.SSOAdmin) - before
		t.Logf("%s: %d calls of sso-admin", c.name, made)
		if made > c.most {
			t.Errorf("%s: %d calls of sso-admin, want at most %d", c.name, made, c.most)
		}
		if len(s.Assignments) != 5000 {
			t.Errorf("%s: %d grants, want 5000", c.name, len(s.Assignments))
		}
		counted := 0
		for _, use := range client.Calls() {
			if use.Family == identitycenter.SSOAdmin {
				counted += use.Calls
			}
		}
		if counted != made {
			t.Errorf("%s: counted %d calls, AWS saw %d", c.name, counted, made)
		}
	}
}

// A grant that is missing although its set is provisioned there is looked at
// as a pair, which finds the orphan that stands in its place.
func TestAskingFindsOrphans(t *testing.T) {
	w := centertest.NewWorld("platform", 30)
	w.Group("Developers", 20)
	w.Assign("Developers", emulator.EstateAssignment{PrincipalType: "GROUP", PrincipalID: "906722b2f3-aaaaaaaa-1111-2222-3333-444444444444"}, "account-020", "account-029")
	w.Estate.Assignments[0].Accounts = slices.DeleteFunc(w.Estate.Assignments[0].Accounts, func(a string) bool { return a == "account-007" })
	w.Assign("Developers", emulator.EstateAssignment{PrincipalType: "GROUP", PrincipalID: "906722b2f3-bbbbbbbb-1111-2222-3333-444444444444"}, "account-007")
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	s := read(t, reader(t, e, emulator.ManagementKey), Options{Desired: w.B.State(), Owner: "platform"})
	if s.Observed.Read != "principals" || !s.Observed.Complete || len(s.Observed.CannotSee) != 0 {
		t.Errorf("observed %+v, want everybody to have been asked", s.Observed)
	}
	var orphans []string
	for _, g := range s.Assignments {
		if g.Kind == access.OrphanPrincipal {
			orphans = append(orphans, s.Accounts[g.Account].Name)
		}
	}
	if diff := cmp.Diff([]string{"account-007", "account-020", "account-029"}, orphans); diff != "" {
		t.Errorf("accounts with orphans (-want +got):\n%s", diff)
	}
	if n := e.Stats().Calls["sso-admin.ListAccountAssignments"]; n != 3 {
		t.Errorf("%d pairs read, want the 3 that were not as expected", n)
	}
}
