package plan_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// The guards, said again as predicates over what is before and after a plan.

func TestLockoutGuardIsItsPredicate(t *testing.T) {
	r := reached{}
	rapid.Check(t, func(t *rapid.T) {
		want, live, o := drawStep(t)
		set, user := rapid.SampledFrom(names).Draw(t, "my set"), rapid.SampledFrom(people3).Draw(t, "me")
		account := accountID(live, rapid.SampledFrom(accounts).Draw(t, "my account"))
		o.Guards.Caller = Caller{Management: true, Account: account, PermissionSet: strings.ToUpper(set), User: strings.ToUpper(user)}
		s := run(want, live, o)
		r.same(t, s, Lockout, s.locksOut("arn:aws:sso:::permissionSet/ins/"+set, account, "u-"+user))
	})
	r.both(t)
}

func (s step) locksOut(set, account, user string) bool {
	mine := func(g assignment) bool {
		inGroup := membersOf(s.before)[membership{g.who, user}] || !s.before.Observed.Members[g.who]
		return g.set == set && g.account == account && (g.kind == access.UserPrincipal && g.who == user || g.kind == access.GroupPrincipal && inGroup)
	}
	if slices.ContainsFunc(s.endedAssignments(), mine) || !s.hasUser(user) || s.narrowed(set) {
		return true
	}
	before, after := assignmentsOf(s.before), assignmentsOf(s.after)
	for _, m := range s.endedMemberships() {
		if m.userID == user && before[assignment{set, account, m.groupID, access.GroupPrincipal}] {
			return true
		}
	}
	if !slices.Contains(setsOf(s.before)[set].Outdated, account) {
		return false
	}
	for g := range after { // a new assignment brings what is staged
		if g.set == set && g.account == account && !before[g] && g.kind != access.OrphanPrincipal {
			return true
		}
	}
	return slices.ContainsFunc(s.plan.Changes, func(c Change) bool {
		return c.Kind == Provisioning && c.Refs.PermissionSetARN == set && slices.Contains(c.After.Accounts, account)
	})
}

func TestProtectedGuardIsItsPredicate(t *testing.T) {
	r := reached{}
	r.check(t, func(t *rapid.T) {
		want, live, o := drawStep(t)
		name := rapid.SampledFrom(slices.Concat(names, people3, accounts, []string{"NewAlpha", accountID(live, "dev")})).Draw(t, "protected")
		o.Guards.Protected = []string{name}
		s := run(want, live, o)
		takes := s.takesFrom(name)
		if !takes && len(s.plan.Blocked) > 0 {
			return // what is wanted and blocked counts for the guard, too
		}
		r.same(t, s, Lockout, takes)
	})
}

// takesFrom says whether something called so loses anything.
func (s step) takesFrom(name string) bool {
	groups, users, accts := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, st := range []access.State{s.before, s.after} {
		for _, g := range st.Groups {
			groups[g.ID] = groups[g.ID] || g.Name == name
		}
		for _, u := range st.Users {
			users[u.ID] = users[u.ID] || u.Username == name
		}
	}
	for _, a := range s.before.Accounts {
		accts[a.ID] = a.Name == name || a.ID == name
	}
	anyUser := slices.Contains(slices.Collect(maps.Values(users)), true)
	groupsOf := func(st access.State) map[string]bool { // of a protected user
		through := map[string]bool{}
		for m := range membersOf(st) {
			through[m.groupID] = through[m.groupID] || users[m.userID]
		}
		for _, g := range st.Groups {
			through[g.ID] = through[g.ID] || anyUser && !st.Observed.Members[g.ID]
		}
		return through
	}
	throughBefore := groupsOf(s.before)
	holds := func(g assignment, through map[string]bool) bool {
		return groups[g.who] || users[g.who] || g.kind == access.GroupPrincipal && through[g.who]
	}
	setNamed := func(arn string) bool { return strings.HasSuffix(arn, "/"+name) }
	for _, g := range s.endedAssignments() {
		if holds(g, throughBefore) || setNamed(g.set) || accts[g.account] {
			return true
		}
	}
	for _, m := range s.endedMemberships() {
		if users[m.userID] || groups[m.groupID] {
			return true
		}
	}
	for id, is := range groups {
		if is && !s.hasGroup(id) {
			return true
		}
	}
	for id, is := range throughBefore {
		if is && !s.hasGroup(id) {
			return true
		}
	}
	for id, is := range users {
		if is && !s.hasUser(id) {
			return true
		}
	}
	for arn, set := range setsOf(s.before) {
		if !s.narrowed(arn) {
			continue
		}
		followed := setNamed(arn) || slices.ContainsFunc(set.Provisioned, func(a string) bool { return accts[a] })
		for _, st := range []access.State{s.before, s.after} {
			through := groupsOf(st)
			for g := range assignmentsOf(st) {
				followed = followed || g.set == arn && g.kind != access.OrphanPrincipal && holds(g, through)
			}
		}
		for g := range assignmentsOf(s.before) {
			followed = followed || g.set == arn && g.kind != access.OrphanPrincipal && accts[g.account]
		}
		if followed {
			return true
		}
	}
	return false
}

func TestLastAdministratorGuardIsItsPredicate(t *testing.T) {
	r := reached{}
	rapid.Check(t, func(t *rapid.T) {
		want, live, o := drawStep(t)
		s := run(want, live, o)
		r.same(t, s, LastAdministrator, s.endsAdministrators())
	})
	r.both(t)
}

func (s step) endsAdministrators() bool {
	strengthOf := func(p access.PermissionSet) Strength {
		m := meanings()[p.InlinePolicy]
		have := m.gives
		if slices.Contains(p.ManagedPolicies, adminARN) || slices.Contains(p.ManagedPolicies, govARN) {
			have = Administrator
		}
		limited := m.limits || len(p.CustomerPolicies) > 0 || !p.Boundary.IsZero() || slices.Contains(p.ManagedPolicies, denyARN) || slices.Contains(p.ManagedPolicies, quietARN)
		if limited {
			have = min(have, Perhaps)
		}
		return have
	}
	most := func(st access.State, after bool) map[string]Strength {
		out := map[string]Strength{}
		for g := range assignmentsOf(st) {
			empty := g.kind == access.GroupPrincipal && st.Observed.Members[g.who]
			for m := range membersOf(st) {
				empty = empty && m.groupID != g.who
			}
			have := strengthOf(setsOf(st)[g.set])
			if after && setsOf(s.before)[g.set].ARN != "" && s.narrowed(g.set) && have == Perhaps {
				have = NotAdministrator
			}
			if !empty && g.kind != access.OrphanPrincipal {
				out[g.account] = max(out[g.account], have)
			}
		}
		return out
	}
	before, after := most(s.before, false), most(s.after, true)
	for a, have := range before {
		if after[a] < have {
			return true
		}
	}
	return false
}

func TestRemovalsGuardIsItsPredicate(t *testing.T) {
	r := reached{}
	rapid.Check(t, func(t *rapid.T) {
		want, live, o := drawStep(t)
		o.Guards.RemovalsOff = false
		o.Guards.RemovalMin = rapid.IntRange(1, 4).Draw(t, "min")
		o.Guards.RemovalMax = rapid.IntRange(1, 8).Draw(t, "max")
		o.Guards.RemovalPercent = rapid.SampledFrom([]int{10, 25, 60}).Draw(t, "percent")
		s := run(want, live, o)
		r.same(t, s, Removals, s.removesTooMuch(want, o.Guards) || s.adoptionTakes())
	})
	r.both(t)
}

// pile counts one thing of the removals guard.
type pile struct{ lost, had, came, all int }

func (p pile) tooMuch(g Guards) bool {
	share := float64(p.lost) / float64(p.had) * 100
	return p.lost > g.RemovalMax || p.lost > g.RemovalMin && share > float64(g.RemovalPercent) || p.lost >= p.all && p.lost == p.had && p.came == 0
}

func (s step) removesTooMuch(want access.State, g Guards) bool {
	piles := map[string]*pile{}
	at := func(key string, all int) *pile {
		if piles[key] == nil {
			piles[key] = &pile{all: all}
		}
		return piles[key]
	}
	keeps := func(stays bool) int {
		if stays {
			return 3
		}
		return 1_000_000
	}
	// A kept group has its id among those that the config names after the plan.
	named := func(id string) bool {
		return slices.ContainsFunc(s.after.Groups, func(x access.Group) bool { return x.ID == id && want.GroupIndex(x.Name) >= 0 })
	}
	before, after := assignmentsOf(s.before), assignmentsOf(s.after)
	lost := map[assignment]bool{}
	for _, l := range s.endedAssignments() {
		lost[l] = true
	}
	instead := map[string]bool{}
	for x := range after {
		if !before[x] && x.kind != access.OrphanPrincipal {
			instead[x.who+x.account] = true
		}
	}
	ourSets, ourGroups := map[string]bool{}, map[string]bool{}
	for arn, p := range setsOf(s.before) { // our mark without a record of ours is an adoption, and counted as one
		ourSets[arn] = p.Owner == "me" && p.Record.FitsSet("me", arn) || p.Owner != "me" && setsOf(s.after)[arn].Owner == "me"
	}
	for _, x := range slices.Concat(s.before.Groups, s.after.Groups) {
		ourGroups[x.ID] = ourGroups[x.ID] || x.Owner == "me"
	}
	removed := 0
	for x := range before {
		if x.kind == access.OrphanPrincipal || !ourSets[x.set] {
			continue
		}
		of := []*pile{at("grants", 1), at("account "+x.account, 3)} // the generated config names every account
		if x.kind == access.GroupPrincipal {
			of = append(of, at("group "+x.who, keeps(named(x.who))))
		}
		for _, p := range of {
			p.had++
			if lost[x] && !instead[x.who+x.account] {
				p.lost++
				removed++
			}
		}
	}
	for x := range after {
		if before[x] || x.kind == access.OrphanPrincipal {
			continue
		}
		at("grants", 1).came++
		at("account "+x.account, 3).came++
		at("group "+x.who, keeps(named(x.who))).came++
	}
	beforeM, afterM := membersOf(s.before), membersOf(s.after)
	for m := range beforeM {
		if ourGroups[m.groupID] {
			for _, p := range []*pile{at("memberships", 2), at("members "+m.groupID, keeps(named(m.groupID)))} {
				p.had++
				// What ends with a user whom removed_users names, in a group that the
				// plan leaves as it is, is not counted.
				if !afterM[m] && (s.hasUser(m.userID) || named(m.groupID) || !s.hasGroup(m.groupID)) {
					p.lost++
					removed++
				}
			}
		}
	}
	for m := range afterM {
		if !beforeM[m] {
			at("memberships", 2).came++
			at("members "+m.groupID, 3).came++
		}
	}
	for _, x := range s.before.Groups {
		if ourGroups[x.ID] {
			at("groups", 1).had++
			if !s.hasGroup(x.ID) {
				at("groups", 1).lost++
				removed++
			}
		}
	}
	for arn := range setsOf(s.before) {
		if ourSets[arn] {
			at("sets", 1).had++
			if setsOf(s.after)[arn].ARN == "" {
				at("sets", 1).lost++
				removed++
			}
		}
	}
	for _, x := range s.after.Groups {
		if !slices.ContainsFunc(s.before.Groups, func(y access.Group) bool { return x.ID == y.ID }) {
			at("groups", 1).came++
		}
	}
	for arn := range setsOf(s.after) {
		if setsOf(s.before)[arn].ARN == "" {
			at("sets", 1).came++
		}
	}
	if len(want.Groups) == 0 && removed > 0 {
		return true
	}
	return slices.ContainsFunc(slices.Collect(maps.Values(piles)), func(p *pile) bool { return p.tooMuch(g) })
}

// isUsed says that a group has anything, before or after.
func (s step) isUsed(group string) bool {
	for _, state := range []access.State{s.before, s.after} {
		if slices.ContainsFunc(state.Assignments, func(g access.Assignment) bool {
			return g.Kind == access.GroupPrincipal && state.Groups[g.Principal].ID == group
		}) {
			return true
		}
	}
	return slices.ContainsFunc(s.before.Groups, func(g access.Group) bool { return g.ID == group && g.Applications > 0 })
}

func (s step) adoptionTakes() bool {
	for arn, p := range setsOf(s.before) {
		taken := slices.ContainsFunc(s.endedAssignments(), func(g assignment) bool { return g.set == arn })
		narrowed := s.narrowed(arn) && slices.ContainsFunc(slices.Collect(maps.Keys(assignmentsOf(s.before))), func(g assignment) bool { return g.set == arn && g.kind != access.OrphanPrincipal })
		if p.Owner == "me" && !p.Record.FitsSet("me", arn) && (taken || narrowed || setsOf(s.after)[arn].ARN == "") {
			return true // our mark is on it, and nothing says that it is ours
		}
		if p.Owner == "me" || setsOf(s.after)[arn].Owner != "me" {
			continue
		}
		if s.narrowed(arn) || slices.ContainsFunc(s.endedAssignments(), func(g assignment) bool { return g.set == arn }) {
			return true
		}
	}
	for _, x := range s.before.Groups { // our mark on a group that no record of ours has
		recorded := slices.ContainsFunc(s.before.Sets, func(p access.PermissionSet) bool {
			return p.Owner == "me" && p.Record.FitsSet("me", p.ARN) && p.Record.KnowsID(x.ID)
		})
		if x.Owner != "me" || recorded {
			continue
		}
		taken := func(m membership) bool {
			return m.groupID == x.ID && slices.ContainsFunc(s.after.Users, func(u access.User) bool { return u.ID == m.userID })
		}
		if s.isUsed(x.ID) && (!s.hasGroup(x.ID) || slices.ContainsFunc(s.endedMemberships(), taken)) {
			return true
		}
	}
	for _, x := range s.before.Groups {
		adopted := x.Owner != "me" && slices.ContainsFunc(s.after.Groups, func(y access.Group) bool { return y.ID == x.ID && y.Owner == "me" })
		if adopted && slices.ContainsFunc(s.endedMemberships(), func(m membership) bool { return m.groupID == x.ID }) {
			return true
		}
	}
	return false
}

// TestConsentIsToOneFinding: the same situation has the same ids, each id lets
// through its finding and no other, and all of them let through all that a flag
// can allow.
func TestConsentIsToOneFinding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want, live, o := drawStep(t)
		o.Guards.RemovalsOff, o.Guards.Protected = false, []string{rapid.SampledFrom(slices.Concat(names, people3)).Draw(t, "protected")}
		before := Diff(&want, &live, o)
		var all []string
		for _, f := range before.Findings {
			if Allowable(f) {
				all = append(all, f.ID)
			}
		}
		if len(all) == 0 {
			return
		}
		one := rapid.SampledFrom(all).Draw(t, "agreed")
		o.Guards.Allow = []string{one}
		after := Diff(&want, &live, o)
		for i, f := range after.Findings {
			was := before.Findings
			j := slices.IndexFunc(was, func(w diag.Diagnostic) bool { return w.ID == f.ID && w.Summary == f.Summary })
			if j < 0 {
				t.Fatalf("finding %d has another id than before: %v", i, f)
			}
			if (was[j].Severity != f.Severity) != (f.ID == one) {
				t.Fatalf("agreed to %s, and %s (%s) went from %s to %s", one, f.ID, f.Summary, was[j].Severity, f.Severity)
			}
		}
		o.Guards.Allow = all
		for _, f := range Diff(&want, &live, o).Findings {
			if Allowable(f) {
				t.Fatalf("agreed to all, and still refused: %v", f)
			}
		}
		if got := after.NotFound([]string{one, "ffffffff"}); fmt.Sprint(got) != "[ffffffff]" {
			t.Fatalf("not found: %v", got)
		}
	})
}
