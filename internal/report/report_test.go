package report

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// office is a small organization with one of everything that a row can say.
func office() access.State {
	var b access.Builder
	dev := b.AddAccount(access.Account{ID: "222233334444", Name: "development", State: "ACTIVE"})
	closed := b.AddAccount(access.Account{ID: "333344445555", Name: "closed", State: "SUSPENDED"})
	lost := b.AddAccount(access.Account{ID: "999988887777"})
	jane := b.AddUser(access.User{Username: "jane@company.com", DisplayName: "Jane", Email: "jane@company.com", ID: "u-jane"})
	off := b.AddUser(access.User{Username: "off@company.com", ID: "u-off", Disabled: true})
	ops := b.AddGroup(access.Group{Name: "Ops", ID: "g-ops"})
	empty := b.AddGroup(access.Group{Name: "Empty", ID: "g-empty"})
	unread := b.AddGroup(access.Group{Name: "Unread", ID: "g-unread"})
	admin := b.AddSet(access.PermissionSet{Name: "Admin", ARN: "arn:admin", Tags: []access.Tag{{Key: access.OwnerTag, Value: "platform"}}})
	read := b.AddSet(access.PermissionSet{Name: "Read", ARN: "arn:read"})
	gone := b.AddOrphan(access.Orphan{Kind: access.GroupPrincipal, ID: "g-gone"})
	b.AddMembership(ops, jane, 0)
	b.AddMembership(ops, off, 0)
	grant := func(set, account int32, kind access.PrincipalKind, principal int32) {
		b.AddAssignment(access.Assignment{Set: set, Account: account, Kind: kind, Principal: principal})
	}
	grant(admin, dev, access.GroupPrincipal, ops)
	grant(read, dev, access.UserPrincipal, jane)
	grant(read, dev, access.GroupPrincipal, empty)
	grant(read, dev, access.GroupPrincipal, unread)
	grant(admin, dev, access.OrphanPrincipal, gone)
	grant(admin, closed, access.GroupPrincipal, ops)
	grant(read, lost, access.UserPrincipal, jane)
	b.Observed = access.Observed{Read: "account", Members: map[string]bool{"g-ops": true, "g-empty": true}}
	return b.State()
}

// text shows a row in a line.
func text(r Row) string {
	return fmt.Sprintf("%s %s %s/%s %s %s:%s %s %s", r.AccountID, r.Account, r.PermissionSet, r.Owner, r.PrincipalType, r.Principal, r.PrincipalID, r.User, r.Status)
}

func texts(rows []Row) []string {
	var out []string
	for _, r := range rows {
		out = append(out, text(r))
	}
	return out
}

func TestOfAccount(t *testing.T) {
	s := office()
	r := OfAccount(&s, 0)
	want := []string{
		"222233334444 development Admin/platform GROUP Ops:g-ops jane@company.com works",
		"222233334444 development Admin/platform GROUP Ops:g-ops off@company.com user_disabled",
		"222233334444 development Admin/platform ORPHAN :g-gone  principal_gone",
		"222233334444 development Read/ GROUP Empty:g-empty  no_members",
		"222233334444 development Read/ GROUP Unread:g-unread  members_unknown",
		"222233334444 development Read/ USER jane@company.com:u-jane jane@company.com works",
	}
	if diff := cmp.Diff(want, texts(r.Rows)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	counts := Counts{Rows: 6, People: 1, Reached: 1, Accounts: 1, PermissionSets: 2, Assignments: 5,
		ByStatus: map[Status]int{Works: 2, UserDisabled: 1, PrincipalGone: 1, NoMembers: 1, MembersUnknown: 1}}
	if diff := cmp.Diff(counts, r.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if r.Kind != Account || r.Account.Name != "development" || r.User != nil || r.Group != nil || r.Observed.Read != "account" {
		t.Errorf("about %+v", r)
	}
	if was := r.Rows[2].OrphanType; was != "GROUP" || r.Rows[0].OrphanType != "" {
		t.Errorf("an orphan was a %q", was)
	}
	if r := OfAccount(&s, 1); len(r.Rows) != 2 || r.Rows[0].Status != AccountNotActive || r.Rows[1].Status != AccountNotActive {
		t.Errorf("a suspended account: %v", texts(r.Rows))
	}
}

func TestOfUser(t *testing.T) {
	s := office()
	r := OfUser(&s, s.UserIndex("jane@company.com"))
	want := []string{
		"999988887777  Read/ USER jane@company.com:u-jane jane@company.com account_unknown",
		"333344445555 closed Admin/platform GROUP Ops:g-ops jane@company.com account_not_active",
		"222233334444 development Admin/platform GROUP Ops:g-ops jane@company.com works",
		"222233334444 development Read/ USER jane@company.com:u-jane jane@company.com works",
	}
	if diff := cmp.Diff(want, texts(r.Rows)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Ops"}, r.Groups); diff != "" || r.User.DisplayName != "Jane" || r.Counts.Reached != 1 || r.Counts.Accounts != 3 {
		t.Errorf("about %+v (groups: %s)", r.User, diff)
	}
}

func TestOfGroup(t *testing.T) {
	s := office()
	r := OfGroup(&s, s.GroupIndex("Ops"))
	if len(r.Members) != 2 || len(r.Rows) != 4 || r.Counts.Assignments != 2 || r.Counts.Accounts != 2 {
		t.Errorf("%d members, rows %v, counts %+v", len(r.Members), texts(r.Rows), r.Counts)
	}
	if r := OfGroup(&s, s.GroupIndex("Empty")); len(r.Members) != 0 || len(r.Rows) != 1 || r.Rows[0].Status != NoMembers {
		t.Errorf("an empty group: %v", texts(r.Rows))
	}
}

func TestNothing(t *testing.T) {
	var b access.Builder
	b.AddGroup(access.Group{Name: "Idle", ID: "g"})
	s := b.State()
	if r := OfGroup(&s, 0); r.Rows == nil || len(r.Rows) != 0 || r.Counts.People != 0 {
		t.Errorf("%+v", r)
	}
}

func TestAssignments(t *testing.T) {
	s := office()
	all := Assignments(&s, func(access.Assignment) bool { return true })
	if len(all) != len(s.Assignments) || all[0].PermissionSet != "Admin" || all[0].AccountID != "222233334444" {
		t.Errorf("%d of %d: %+v", len(all), len(s.Assignments), all)
	}
	none := Assignments(&s, func(access.Assignment) bool { return false })
	if none == nil || len(none) != 0 {
		t.Errorf("%v, want an empty list", none)
	}
}

// drawState makes any state over a few names, so that paths meet.
func drawState(t *rapid.T) access.State {
	var b access.Builder
	b.Observed.Members = map[string]bool{}
	const n = 4
	for i := range n {
		b.AddAccount(access.Account{ID: fmt.Sprintf("%012d", i), Name: fmt.Sprintf("account-%d", i/2), State: rapid.SampledFrom([]string{"ACTIVE", "SUSPENDED", ""}).Draw(t, "state")})
		b.AddUser(access.User{Username: fmt.Sprintf("user-%d", i), ID: fmt.Sprintf("u-%d", i), Disabled: rapid.Bool().Draw(t, "disabled")})
		b.AddGroup(access.Group{Name: fmt.Sprintf("group-%d", i), ID: fmt.Sprintf("g-%d", i)})
		b.AddSet(access.PermissionSet{Name: fmt.Sprintf("set-%d", i)})
		b.AddOrphan(access.Orphan{Kind: access.UserPrincipal, ID: fmt.Sprintf("o-%d", i)})
		b.Observed.Members[fmt.Sprintf("g-%d", i)] = rapid.Bool().Draw(t, "read")
	}
	index := rapid.Int32Range(0, n-1)
	for range rapid.IntRange(0, 12).Draw(t, "memberships") {
		b.AddMembership(index.Draw(t, "group"), index.Draw(t, "user"), 0)
	}
	kind := rapid.SampledFrom([]access.PrincipalKind{access.GroupPrincipal, access.UserPrincipal, access.OrphanPrincipal})
	for range rapid.IntRange(0, 20).Draw(t, "grants") {
		b.AddAssignment(access.Assignment{Set: index.Draw(t, "set"), Account: index.Draw(t, "account"), Kind: kind.Draw(t, "kind"), Principal: index.Draw(t, "principal")})
	}
	return b.State()
}

// model walks every path of a state the slow way: person, through, permission
// set, account; "-" stands for nobody.
func model(s *access.State) []string {
	var out []string
	for _, g := range s.Assignments {
		path := func(user, through string) {
			out = append(out, fmt.Sprintf("%s %s %s %s", user, through, s.Sets[g.Set].Name, s.Accounts[g.Account].ID))
		}
		switch g.Kind {
		case access.UserPrincipal:
			path(s.Users[g.Principal].Username, "USER "+s.Users[g.Principal].ID)
		case access.OrphanPrincipal:
			path("-", "ORPHAN "+s.Orphans[g.Principal].ID)
		case access.GroupPrincipal:
			group, members := s.Groups[g.Principal], 0
			for _, m := range s.Memberships {
				if m.Group == g.Principal {
					members++
					path(s.Users[m.User].Username, "GROUP "+group.ID)
				}
			}
			if members == 0 || !s.Observed.Members[group.ID] {
				path("-", "GROUP "+group.ID)
			}
		}
	}
	slices.Sort(out)
	return out
}

func paths(rows []Row) []string {
	out := []string{}
	for _, r := range rows {
		user := r.User
		if user == "" {
			user = "-"
		}
		out = append(out, fmt.Sprintf("%s %s %s %s %s", user, r.PrincipalType, r.PrincipalID, r.PermissionSet, r.AccountID))
	}
	slices.Sort(out)
	return out
}

func only(list []string, keep func(string) bool) []string {
	out := []string{}
	for _, l := range list {
		if keep(l) {
			out = append(out, l)
		}
	}
	return out
}

// Every way of a person to a permission set in an account is a row of the
// person's, the group's and the account's report, and nothing else is.
func TestEveryPathIsARow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawState(t)
		want := model(&s)
		part := func(what string, got []Row, keep func(string) bool) {
			t.Helper()
			if diff := cmp.Diff(only(want, keep), paths(got)); diff != "" {
				t.Fatalf("%s (-model +report):\n%s", what, diff)
			}
			if !slices.IsSortedFunc(got, compareRows) {
				t.Fatalf("%s: not in order", what)
			}
		}
		for i, a := range s.Accounts {
			part(a.ID, OfAccount(&s, i).Rows, func(l string) bool { return field(l, 4) == a.ID })
		}
		for i, g := range s.Groups {
			part(g.Name, OfGroup(&s, i).Rows, func(l string) bool { return field(l, 1) == "GROUP" && field(l, 2) == g.ID })
		}
		for i, u := range s.Users {
			part(u.Username, OfUser(&s, i).Rows, func(l string) bool { return field(l, 0) == u.Username })
		}
	})
}

func field(line string, at int) string {
	var parts [5]string
	_, _ = fmt.Sscan(line, &parts[0], &parts[1], &parts[2], &parts[3], &parts[4])
	return parts[at]
}

// Somebody is said to get in exactly where the account is active, the person
// enabled, and the person known.
func TestStatus(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawState(t)
		for i, a := range s.Accounts {
			for _, r := range OfAccount(&s, i).Rows {
				u := s.UserIndex(r.User)
				works := r.User != "" && a.State == "ACTIVE" && !s.Users[u].Disabled
				if works != (r.Status == Works) || !slices.Contains(statuses(), r.Status) {
					t.Fatalf("%s in an account that is %q: %s", text(r), a.State, r.Status)
				}
			}
		}
	})
}

// large is a State of a million assignments: 1,000 accounts, 1,000 groups of 20, a
// set for each group.
func large() access.State {
	var b access.Builder
	b.Observed.Members = map[string]bool{}
	for i := range 20_000 {
		b.AddUser(access.User{Username: fmt.Sprintf("user-%d@company.com", i), ID: fmt.Sprintf("u-%d", i)})
	}
	for i := range 1000 {
		b.AddAccount(access.Account{ID: fmt.Sprintf("%012d", i), Name: fmt.Sprintf("account-%d", i), State: "ACTIVE"})
		b.AddSet(access.PermissionSet{Name: fmt.Sprintf("set-%d", i)})
		g := b.AddGroup(access.Group{Name: fmt.Sprintf("group-%d", i), ID: fmt.Sprintf("g-%d", i)})
		b.Observed.Members[fmt.Sprintf("g-%d", i)] = true
		for m := range 20 {
			b.AddMembership(g, int32(i*20+m), 0)
		}
	}
	for g := range 1000 {
		for a := range 1000 {
			b.AddAssignment(access.Assignment{Set: int32(g), Account: int32(a), Kind: access.GroupPrincipal, Principal: int32(g)})
		}
	}
	return b.State()
}

func BenchmarkMillionGrants(b *testing.B) {
	s := large()
	b.Run("account", func(b *testing.B) {
		for b.Loop() {
			if r := OfAccount(&s, 500); r.Counts.Rows != 20_000 || r.Counts.People != 20_000 {
				b.Fatalf("%+v", r.Counts)
			}
		}
	})
	b.Run("user", func(b *testing.B) {
		for b.Loop() {
			if r := OfUser(&s, 500); r.Counts.Rows != 1000 {
				b.Fatalf("%+v", r.Counts)
			}
		}
	})
}

func statuses() []Status {
	return []Status{PrincipalGone, AccountNotActive, NoMembers, MembersUnknown, UserDisabled, AccountUnknown, Works}
}
