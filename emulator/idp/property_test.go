package idp_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
)

// machine changes a directory at random, with failures of the endpoint between.
type machine struct {
	a      *aws
	d      *idp.Directory
	users  []string
	groups []string
	n      int
}

func (m *machine) step(t *rapid.T) {
	ctx := context.Background()
	pick := func(ids []string) string {
		if len(ids) == 0 {
			return "none"
		}
		return rapid.SampledFrom(ids).Draw(t, "id")
	}
	m.n++
	name := fmt.Sprintf("n%d", m.n)
	actions := map[string]func() error{
		"create user": func() error {
			u, err := m.d.CreateUser(ctx, idp.User{UserName: name, GivenName: "G", FamilyName: "F"})
			m.users = append(m.users, u.ID)
			return err
		},
		"create group": func() error {
			g, err := m.d.CreateGroup(ctx, idp.Group{Name: name})
			m.groups = append(m.groups, g.ID)
			return err
		},
		"recreate group": func() error {
			g, err := m.d.RecreateGroup(ctx, pick(m.groups))
			if err == nil {
				m.groups = append(m.groups, g.ID)
			}
			return err
		},
		"rename user":    func() error { return m.d.UpdateUser(ctx, pick(m.users), func(u *idp.User) { u.UserName = name }) },
		"rename group":   func() error { return m.d.RenameGroup(ctx, pick(m.groups), name) },
		"suspend":        func() error { return m.d.SuspendUser(ctx, pick(m.users)) },
		"activate":       func() error { return m.d.ActivateUser(ctx, pick(m.users)) },
		"delete user":    func() error { return m.d.DeleteUser(ctx, pick(m.users)) },
		"delete group":   func() error { return m.d.DeleteGroup(ctx, pick(m.groups)) },
		"add member":     func() error { return m.d.AddMember(ctx, pick(m.groups), pick(m.users)) },
		"add another":    func() error { return m.d.AddMember(ctx, pick(m.groups), pick(m.users)) },
		"nest":           func() error { return m.d.AddMember(ctx, pick(m.groups), pick(m.groups)) },
		"remove member":  func() error { return m.d.RemoveMember(ctx, pick(m.groups), pick(m.users)) },
		"assign group":   func() error { return m.d.Assign(ctx, idp.GroupPrincipal, pick(m.groups)) },
		"assign user":    func() error { return m.d.Assign(ctx, idp.UserPrincipal, pick(m.users)) },
		"unassign group": func() error { return m.d.Unassign(ctx, idp.GroupPrincipal, pick(m.groups)) },
		"push":           func() error { return m.d.PushGroup(ctx, pick(m.groups), true) },
		"unpush":         func() error { return m.d.UnpushGroup(ctx, pick(m.groups), false) },
		"sync":           func() error { return m.d.SyncNow(ctx) },
		"trouble": func() error {
			return m.a.SetFaults(emulator.Fault{Operation: "scim.*", Kind: emulator.Unavailable, Times: rapid.IntRange(1, 3).Draw(t, "times")})
		},
	}
	names := make([]string, 0, len(actions))
	for k := range actions {
		names = append(names, k)
	}
	slices.Sort(names)
	_ = actions[rapid.SampledFrom(names).Draw(t, "action")]() // refusals are part of the game
}

// expected says what must be in AWS: the active users in scope, and the groups
// that are provisioned with those of their direct members who are.
func expected(s idp.Snapshot) string {
	assigned := map[string]bool{}
	for _, a := range s.Assignments {
		assigned[a.PrincipalID] = true
	}
	groupsOf, nested := map[string][]string{}, map[string][]string{}
	for _, m := range s.Memberships {
		if m.MemberIsGroup {
			nested[m.MemberID] = append(nested[m.MemberID], m.GroupID)
		} else {
			groupsOf[m.MemberID] = append(groupsOf[m.MemberID], m.GroupID)
		}
	}
	var covers func(group string) bool
	covers = func(group string) bool {
		return assigned[group] || s.Kind == idp.Google && slices.ContainsFunc(nested[group], covers)
	}
	var lines []string
	in := map[string]string{}
	for _, u := range s.Users {
		if u.Status == idp.Active && (assigned[u.ID] || slices.ContainsFunc(groupsOf[u.ID], covers)) {
			in[u.ID] = u.UserName
			lines = append(lines, u.UserName)
		}
	}
	for _, p := range s.Mappings {
		at := slices.IndexFunc(s.Groups, func(g idp.Group) bool { return g.ID == p.GroupID })
		var members []string
		for _, m := range s.Memberships {
			if m.GroupID == p.GroupID && in[m.MemberID] != "" {
				members = append(members, in[m.MemberID])
			}
		}
		slices.Sort(members)
		lines = append(lines, s.Groups[at].Name+"("+strings.Join(members, " ")+")")
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// inAWS is the same of AWS. Disabled users do not count, nor as members.
func (a *aws) inAWS() string {
	s := a.State().Instances[0]
	var lines []string
	active := map[string]bool{}
	for _, u := range s.Users {
		if active[u.UserName] = u.Active; u.Active {
			lines = append(lines, u.UserName)
		}
	}
	for _, g := range s.Groups {
		var members []string
		for _, m := range s.Memberships {
			if m.Group == g.DisplayName && active[m.User] {
				members = append(members, m.User)
			}
		}
		lines = append(lines, g.DisplayName+"("+strings.Join(members, " ")+")")
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestSyncConverges: whatever happened, one sync without trouble brings AWS to
// what the directory says, and a second one sends nothing.
func TestSyncConverges(t *testing.T) {
	for _, kind := range []idp.Kind{idp.Okta, idp.Entra, idp.Google} {
		t.Run(string(kind), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				a := newAWS(t)
				m := &machine{a: a, d: a.directory(kind)}
				for range rapid.IntRange(1, 40).Draw(rt, "steps") {
					m.step(rt)
				}
				a.ClearFaults()
				if err := m.d.SyncNow(context.Background()); err != nil {
					rt.Fatalf("sync: %v", err)
				}
				if want, got := expected(m.d.Snapshot()), a.inAWS(); want != got {
					rt.Fatalf("in AWS:\n%s\nwant:\n%s", got, want)
				}
				calls := a.calls()
				if err := m.d.SyncNow(context.Background()); err != nil || a.calls() != calls {
					rt.Fatalf("a second sync sent %d requests: %v", a.calls()-calls, err)
				}
			})
		})
	}
}
