package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// The guards, said again as predicates over what is before and after a plan,
// without a look at how the plan gets there. What policies mean is a table.

const (
	adminARN = "arn:aws:iam::aws:policy/AdministratorAccess"
	govARN   = "arn:aws-us-gov:iam::aws:policy/AdministratorAccess"
	denyARN  = "arn:aws:iam::aws:policy/AWSDenyAll"
	quietARN = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
	readARN  = "arn:aws:iam::aws:policy/ReadOnlyAccess"
)

func policyJSON(statements ...string) string {
	return access.CanonicalPolicy(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
}

const (
	allowS3     = `{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}`
	allowIAM    = `{"Effect":"Allow","Action":["iam*"],"Resource":"*"}`
	allowNotS3  = `{"Effect":"Allow","NotAction":["s3:*"],"Resource":"*"}`
	allowIAMMFA = `{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`
	denyS3      = `{"Effect":"Deny","Action":"s3:*","Resource":"*"}`
	denyIAM     = `{"Effect":"Deny","Action":"i*:Create*","Resource":"*"}`
)

// meaning is what an inline policy is known to do.
type meaning struct {
	statements []string
	gives      strength
	limits     bool
}

func meanings() map[string]meaning {
	out := map[string]meaning{"": {}}
	for _, m := range []meaning{
		{statements: []string{allowS3}}, {statements: []string{allowIAM}, gives: administrator}, {statements: []string{allowNotS3}, gives: perhaps},
		{statements: []string{allowIAMMFA}, gives: perhaps}, {statements: []string{denyS3}}, {statements: []string{denyIAM}, limits: true},
		{statements: []string{allowS3, allowIAM}, gives: administrator}, {statements: []string{denyS3, allowIAM}, gives: administrator},
		{statements: []string{denyIAM, allowIAM}, gives: perhaps, limits: true}, {statements: []string{allowS3, denyS3}},
	} {
		out[policyJSON(m.statements...)] = m
	}
	return out
}

func drawSet(t *rapid.T, p *access.PermissionSet) {
	p.ManagedPolicies = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{adminARN, govARN, denyARN, quietARN, readARN}), 0, 2, rapid.ID[string]).Draw(t, "policies")
	p.InlinePolicy = rapid.SampledFrom(slices.Sorted(maps.Keys(meanings()))).Draw(t, "inline")
	if rapid.IntRange(0, 3).Draw(t, "has a customer policy") == 0 {
		p.CustomerPolicies = []access.CustomerPolicy{{Path: "/", Name: "Custom"}}
	}
	if rapid.IntRange(0, 3).Draw(t, "has a boundary") == 0 {
		p.Boundary = access.Boundary{CustomerPolicy: access.CustomerPolicy{Path: "/", Name: rapid.SampledFrom([]string{"One", "Two"}).Draw(t, "boundary")}}
	}
}

func some(t *rapid.T, label string) bool { return rapid.IntRange(0, 2).Draw(t, label) == 0 }

var (
	names    = []string{"Alpha", "Beta", "Gamma"}
	people3  = []string{"ann", "bob", "cat"}
	accounts = []string{"dev", "prod", "old"}
)

// drawWorld makes an AWS in which most is ours.
func drawWorld(t *rapid.T) access.State {
	w := newWorld()
	for _, a := range accounts {
		w.account(a, func(x *access.Account) {
			if a == "old" && some(t, "suspended") {
				x.State = "SUSPENDED"
			}
		})
	}
	for _, u := range people3 {
		w.user(u)
	}
	for _, n := range names {
		w.group(n, rapid.SampledFrom([]string{"me", "me", "me", ""}).Draw(t, "group's owner"))
		read := !some(t, "members not read")
		w.b.Observed.Members["g-"+n] = read
		w.set(n, rapid.SampledFrom([]string{"me", "me", "me", ""}).Draw(t, "set's owner"), func(p *access.PermissionSet) { drawSet(t, p) })
		for _, u := range people3 {
			if read && some(t, "member") {
				w.member(n, u)
			}
		}
	}
	for _, n := range names {
		for _, a := range accounts {
			for _, g := range names {
				if rapid.IntRange(0, 3).Draw(t, "grant") == 0 {
					w.grant(n, a, g)
				}
			}
			if rapid.IntRange(0, 9).Draw(t, "own grant") == 0 {
				w.b.AddGrant(access.Grant{Set: w.ps[n], Account: w.accounts[a], Kind: access.UserPrincipal, Principal: w.users[rapid.SampledFrom(people3).Draw(t, "user")]})
			}
			if rapid.IntRange(0, 9).Draw(t, "orphan") == 0 {
				w.orphan(n, a, "gone-"+n)
			}
		}
	}
	s := w.b.State()
	for i := range s.Sets {
		for _, g := range s.SetGrants(i) {
			s.Sets[i].Provisioned = append(s.Sets[i].Provisioned, s.Accounts[g.Account].ID)
		}
		slices.Sort(s.Sets[i].Provisioned)
		s.Sets[i].Provisioned = slices.Compact(s.Sets[i].Provisioned)
		if some(t, "outdated") {
			s.Sets[i].Outdated = slices.Clone(s.Sets[i].Provisioned)
		}
	}
	return s
}

// drawWanted makes a desired state: mostly what is there, with edits.
func drawWanted(t *rapid.T, live access.State) access.State {
	rate := rapid.SampledFrom([]int{3, 30}).Draw(t, "calm") // one row in so many is edited
	some := func(t *rapid.T, label string) bool { return rapid.IntRange(0, rate).Draw(t, label) == 1 }
	var b access.Builder
	users, groups, sets, at := map[string]int32{}, map[string]int32{}, map[string]int32{}, map[string]int32{}
	for _, u := range people3 {
		if u == "bob" && some(t, "a user goes") {
			b.AddUser(access.User{Username: u, Remove: true})
			continue
		}
		users[u] = b.AddUser(access.User{Username: u, Referenced: true})
	}
	for _, a := range accounts {
		at[a] = b.AddAccount(access.Account{Name: a})
	}
	for _, n := range names {
		if some(t, "dropped") {
			continue
		}
		name, previously := n, ""
		if some(t, "renamed") {
			name, previously = "New"+n, n
		}
		groups[n] = b.AddGroup(access.Group{Name: name, Previously: previously, Owner: "me"})
		p := live.Sets[live.SetIndex(n)]
		p.Origin, p.ARN, p.Provisioned, p.Outdated = 0, "", nil, nil
		p.Tags = []access.Tag{{Key: access.OwnerTag, Value: "me"}, {Key: access.GroupTag, Value: n}}
		if some(t, "edited") {
			p.ManagedPolicies, p.CustomerPolicies, p.InlinePolicy, p.Boundary = nil, nil, "", access.Boundary{}
			drawSet(t, &p)
		}
		sets[n] = b.AddSet(p)
	}
	for _, m := range live.Memberships {
		group, ok := groups[live.Groups[m.Group].Name]
		user, there := users[live.Users[m.User].Username]
		if ok && there && !some(t, "leaves") {
			b.AddMembership(group, user, 0)
		}
	}
	for _, g := range slices.Sorted(maps.Keys(groups)) {
		if u, ok := users[rapid.SampledFrom(people3).Draw(t, "joins")]; ok && some(t, "a join") {
			b.AddMembership(groups[g], u, 0)
		}
	}
	for _, g := range live.Grants {
		set, ok := sets[live.Sets[g.Set].Name]
		if g.Kind != access.GroupPrincipal || !ok {
			continue
		}
		group, ok := groups[live.Groups[g.Principal].Name]
		if ok && !some(t, "revoked") {
			b.AddGrant(access.Grant{Set: set, Account: at[live.Accounts[g.Account].Name], Kind: access.GroupPrincipal, Principal: group})
		}
	}
	for _, n := range slices.Sorted(maps.Keys(groups)) {
		if some(t, "a new grant") {
			b.AddGrant(access.Grant{Set: sets[n], Account: at[rapid.SampledFrom(accounts).Draw(t, "in")], Kind: access.GroupPrincipal, Principal: groups[n]})
		}
	}
	return b.State()
}

// step is a plan with what is before and after it.
type step struct {
	before, after access.State
	plan          *Plan
}

// drawStep gives what to plan, with options that let nothing through.
func drawStep(t *rapid.T) (want, live access.State, o Options) {
	live = drawWorld(t)
	want = drawWanted(t, live)
	if rapid.Bool().Draw(t, "recorded") {
		recordAll(&live)
	}
	o = options(access.BuiltIn)
	if rapid.Bool().Draw(t, "adopts") {
		o.Adopt = names
	}
	o.Guards.RemovalsOff = true
	return want, live, o
}

func run(want, live access.State, o Options) step {
	p := Diff(&want, &live, o)
	s := step{before: live, after: live, plan: p}
	for _, c := range p.Changes {
		s.after = c.ApplyTo(s.after)
	}
	return s
}

// held is a grant by names that do not change: ids.
type held struct {
	set, account, who string
	kind              access.PrincipalKind
}

func grantsOf(s access.State) map[held]bool {
	out := map[held]bool{}
	for _, g := range s.Grants {
		out[held{s.Sets[g.Set].ARN, s.Accounts[g.Account].ID, principalID(s, g), g.Kind}] = true
	}
	return out
}

func membersOf(s access.State) map[member]bool {
	out := map[member]bool{}
	for _, m := range s.Memberships {
		out[member{s.Groups[m.Group].ID, s.Users[m.User].ID}] = true
	}
	return out
}

func setsOf(s access.State) map[string]access.PermissionSet {
	out := map[string]access.PermissionSet{}
	for _, p := range s.Sets {
		out[p.ARN] = p
	}
	return out
}

// lostGrants are those of living principals that are not there afterwards.
func (s step) lostGrants() []held {
	after := grantsOf(s.after)
	var out []held
	for g := range grantsOf(s.before) {
		orphaned := g
		orphaned.kind = access.OrphanPrincipal
		if g.kind != access.OrphanPrincipal && !after[g] && !after[orphaned] {
			out = append(out, g)
		}
	}
	return out
}

func (s step) lostMembers() []member {
	after := membersOf(s.after)
	return slices.DeleteFunc(slices.Collect(maps.Keys(membersOf(s.before))), func(m member) bool { return after[m] })
}

func (s step) hasGroup(id string) bool {
	return slices.ContainsFunc(s.after.Groups, func(g access.Group) bool { return g.ID == id })
}

func (s step) hasUser(id string) bool {
	return slices.ContainsFunc(s.after.Users, func(u access.User) bool { return u.ID == id })
}

// narrowed says whether a set is gone or may allow less than before.
func (s step) narrowed(arn string) bool {
	a, b := setsOf(s.before)[arn], setsOf(s.after)[arn]
	if b.ARN == "" {
		return true
	}
	for _, p := range a.ManagedPolicies {
		if !slices.Contains(b.ManagedPolicies, p) {
			return true
		}
	}
	for _, p := range []string{denyARN, quietARN} {
		if slices.Contains(b.ManagedPolicies, p) && !slices.Contains(a.ManagedPolicies, p) {
			return true
		}
	}
	now := meanings()[b.InlinePolicy].statements
	for _, st := range meanings()[a.InlinePolicy].statements {
		if !slices.Contains(now, st) {
			return true
		}
	}
	for _, st := range now {
		if strings.Contains(st, "Deny") && !slices.Contains(meanings()[a.InlinePolicy].statements, st) {
			return true
		}
	}
	return !slices.Equal(a.CustomerPolicies, b.CustomerPolicies) || a.Boundary != b.Boundary && !b.Boundary.IsZero()
}

func refusals(p *Plan, code diag.Code) []string {
	var out []string
	for _, f := range p.Findings {
		if f.Code == code && f.Severity == diag.Error {
			out = append(out, f.Summary)
		}
	}
	return out
}

// reached counts how often a predicate said yes and no: a property that only
// ever meets one of them says nothing.
type reached map[bool]int

func (r reached) both(t *testing.T) {
	t.Helper()
	if r[true] < 5 || r[false] < 5 {
		t.Errorf("the predicate said yes %d times and no %d times", r[true], r[false])
	}
}

// same demands that a guard refuses where its predicate says so, and only there.
func (r reached) same(t *rapid.T, s step, code diag.Code, want bool) {
	t.Helper()
	r[want]++
	if got := refusals(s.plan, code); want != (len(got) > 0) {
		t.Fatalf("%s: predicate says %v, the guard refuses %q\nplan: %s", code, want, got, strings.Join(ids(s.plan), "\n  "))
	}
}

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
	mine := func(g held) bool {
		inGroup := membersOf(s.before)[member{g.who, user}] || !s.before.Observed.Members[g.who]
		return g.set == set && g.account == account && (g.kind == access.UserPrincipal && g.who == user || g.kind == access.GroupPrincipal && inGroup)
	}
	if slices.ContainsFunc(s.lostGrants(), mine) || !s.hasUser(user) || s.narrowed(set) {
		return true
	}
	before, after := grantsOf(s.before), grantsOf(s.after)
	for _, m := range s.lostMembers() {
		if m.userID == user && before[held{set, account, m.groupID, access.GroupPrincipal}] {
			return true
		}
	}
	if !slices.Contains(setsOf(s.before)[set].Outdated, account) {
		return false
	}
	for g := range after { // a new grant brings what is staged
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
	rapid.Check(t, func(t *rapid.T) {
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
	r.both(t)
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
	holds := func(g held, through map[string]bool) bool {
		return groups[g.who] || users[g.who] || g.kind == access.GroupPrincipal && through[g.who]
	}
	setNamed := func(arn string) bool { return strings.HasSuffix(arn, "/"+name) }
	for _, g := range s.lostGrants() {
		if holds(g, throughBefore) || setNamed(g.set) || accts[g.account] {
			return true
		}
	}
	for _, m := range s.lostMembers() {
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
			for g := range grantsOf(st) {
				followed = followed || g.set == arn && g.kind != access.OrphanPrincipal && holds(g, through)
			}
		}
		for g := range grantsOf(s.before) {
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
	strengthOf := func(p access.PermissionSet) strength {
		m := meanings()[p.InlinePolicy]
		have := m.gives
		if slices.Contains(p.ManagedPolicies, adminARN) || slices.Contains(p.ManagedPolicies, govARN) {
			have = administrator
		}
		limited := m.limits || len(p.CustomerPolicies) > 0 || !p.Boundary.IsZero() || slices.Contains(p.ManagedPolicies, denyARN) || slices.Contains(p.ManagedPolicies, quietARN)
		if limited {
			have = min(have, perhaps)
		}
		return have
	}
	most := func(st access.State, after bool) map[string]strength {
		out := map[string]strength{}
		for g := range grantsOf(st) {
			empty := g.kind == access.GroupPrincipal && st.Observed.Members[g.who]
			for m := range membersOf(st) {
				empty = empty && m.groupID != g.who
			}
			have := strengthOf(setsOf(st)[g.set])
			if after && setsOf(s.before)[g.set].ARN != "" && s.narrowed(g.set) && have == perhaps {
				have = notAdministrator
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
	before, after := grantsOf(s.before), grantsOf(s.after)
	lost := map[held]bool{}
	for _, l := range s.lostGrants() {
		lost[l] = true
	}
	instead := map[string]bool{}
	for x := range after {
		if !before[x] && x.kind != access.OrphanPrincipal {
			instead[x.who+x.account] = true
		}
	}
	ourSets, ourGroups := map[string]bool{}, map[string]bool{}
	for arn, p := range setsOf(s.before) {
		ourSets[arn] = p.Owner == "me" || setsOf(s.after)[arn].Owner == "me"
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

func (s step) adoptionTakes() bool {
	for arn, p := range setsOf(s.before) {
		taken := slices.ContainsFunc(s.lostGrants(), func(g held) bool { return g.set == arn })
		if p.Owner == "me" && !p.Record.FitsSet("me", arn) && (taken || setsOf(s.after)[arn].ARN == "") {
			return true // our mark is on it, and nothing says that it is ours
		}
		if p.Owner == "me" || setsOf(s.after)[arn].Owner != "me" {
			continue
		}
		if s.narrowed(arn) || slices.ContainsFunc(s.lostGrants(), func(g held) bool { return g.set == arn }) {
			return true
		}
	}
	for _, x := range s.before.Groups {
		adopted := x.Owner != "me" && slices.ContainsFunc(s.after.Groups, func(y access.Group) bool { return y.ID == x.ID && y.Owner == "me" })
		if adopted && slices.ContainsFunc(s.lostMembers(), func(m member) bool { return m.groupID == x.ID }) {
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
