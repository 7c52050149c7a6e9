package plan_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	. "github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/plan/model"
)

// The worlds and plans that the guards' properties are searched in: what is before
// and after a plan, without a look at how the plan gets there. What policies mean
// is a table.

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
	gives      Strength
	limits     bool
}

func meanings() map[string]meaning {
	out := map[string]meaning{"": {}}
	for _, m := range []meaning{
		{statements: []string{allowS3}}, {statements: []string{allowIAM}, gives: Administrator}, {statements: []string{allowNotS3}, gives: Perhaps},
		{statements: []string{allowIAMMFA}, gives: Perhaps}, {statements: []string{denyS3}}, {statements: []string{denyIAM}, limits: true},
		{statements: []string{allowS3, allowIAM}, gives: Administrator}, {statements: []string{denyS3, allowIAM}, gives: Administrator},
		{statements: []string{denyIAM, allowIAM}, gives: Perhaps, limits: true}, {statements: []string{allowS3, denyS3}},
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
					w.assign(n, a, g)
				}
			}
			if rapid.IntRange(0, 9).Draw(t, "own grant") == 0 {
				w.b.AddAssignment(access.Assignment{Set: w.ps[n], Account: w.accounts[a], Kind: access.UserPrincipal, Principal: w.users[rapid.SampledFrom(people3).Draw(t, "user")]})
			}
			if rapid.IntRange(0, 9).Draw(t, "orphan") == 0 {
				w.orphan(n, a, "gone-"+n)
			}
		}
	}
	s := w.b.State()
	for i := range s.Sets {
		for _, g := range s.SetAssignments(i) {
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
	for _, g := range live.Assignments {
		set, ok := sets[live.Sets[g.Set].Name]
		if g.Kind != access.GroupPrincipal || !ok {
			continue
		}
		group, ok := groups[live.Groups[g.Principal].Name]
		if ok && !some(t, "revoked") {
			b.AddAssignment(access.Assignment{Set: set, Account: at[live.Accounts[g.Account].Name], Kind: access.GroupPrincipal, Principal: group})
		}
	}
	for _, n := range slices.Sorted(maps.Keys(groups)) {
		if some(t, "a new grant") {
			b.AddAssignment(access.Assignment{Set: sets[n], Account: at[rapid.SampledFrom(accounts).Draw(t, "in")], Kind: access.GroupPrincipal, Principal: groups[n]})
		}
	}
	return b.State()
}

// step is a plan with what is before and after it.
type step struct {
	before, after access.State
	plan          *Plan
}

// drawStep returns what to plan, with options that let nothing through.
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
		s.after = model.After(s.after, c)
	}
	return s
}

// assignment is an assignment by names that do not change: ids.
type assignment struct {
	set, account, who string
	kind              access.PrincipalKind
}

func assignmentsOf(s access.State) map[assignment]bool {
	out := map[assignment]bool{}
	for _, g := range s.Assignments {
		out[assignment{s.Sets[g.Set].ARN, s.Accounts[g.Account].ID, s.PrincipalID(g), g.Kind}] = true
	}
	return out
}

// membership is somebody in a group, by their ids.
type membership struct{ groupID, userID string }

func membersOf(s access.State) map[membership]bool {
	out := map[membership]bool{}
	for _, m := range s.Memberships {
		out[membership{s.Groups[m.Group].ID, s.Users[m.User].ID}] = true
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

// endedAssignments are those of living principals that are not there afterwards.
func (s step) endedAssignments() []assignment {
	after := assignmentsOf(s.after)
	var out []assignment
	for g := range assignmentsOf(s.before) {
		orphaned := g
		orphaned.kind = access.OrphanPrincipal
		if g.kind != access.OrphanPrincipal && !after[g] && !after[orphaned] {
			out = append(out, g)
		}
	}
	return out
}

func (s step) endedMemberships() []membership {
	after := membersOf(s.after)
	return slices.DeleteFunc(slices.Collect(maps.Keys(membersOf(s.before))), func(m membership) bool { return after[m] })
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
	for _, c := range s.plan.Changes { // what a detour takes for a while is not in the end's content
		if c.Key.Level == Down && c.Refs.PermissionSetARN == arn && c.Kind != Record && c.Kind != Provisioning {
			return true
		}
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

// check tries a property on some hundred worlds, and on more where one answer of
// the predicate is rare.
func (r reached) check(t *testing.T, holds func(*rapid.T)) {
	t.Helper()
	for range 3 {
		rapid.Check(t, holds)
		if r[true] >= 5 && r[false] >= 5 {
			break
		}
	}
	r.both(t)
}

// same demands that a guard refuses where its predicate says so, and only there.
func (r reached) same(t *rapid.T, s step, code diag.Code, want bool) {
	t.Helper()
	r[want]++
	if got := refusals(s.plan, code); want != (len(got) > 0) {
		t.Fatalf("%s: predicate says %v, the guard refuses %q\nplan: %s", code, want, got, strings.Join(ids(s.plan), "\n  "))
	}
}
