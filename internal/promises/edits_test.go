package promises

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
)

// Numbers of the ordinary config: accounts, groups, sets, persons, policies.
const (
	dev, staging, prod, lab, test            = 1, 2, 3, 4, 5
	a, b, c_, d, e_                          = 0, 1, 2, 3, 4
	ops, view, own, shared                   = 0, 1, 2, 3
	ann, bob, cat                            = 0, 1, 2
	readOnly, power, audit, s3, admin, noAny = 0, 1, 2, 3, 4, 5
)

// ordinary is where each edit begins: five teams, of which C's set is called as
// the group and two share one.
func ordinary(m mode) *conf {
	return &conf{mode: m, owner: owner,
		sets: []confSet{
			{name: "Ops", managed: []int{readOnly, s3}, boundary: 1}, {name: "View", managed: []int{audit}, inline: 1},
			{managed: []int{s3}}, {name: "Dev", managed: []int{power}, customer: true},
		},
		groups: []confGroup{
			{name: "A", set: ops, accounts: []int{dev, staging}, members: []int{ann, bob}},
			{name: "B", set: view, accounts: []int{dev, staging}, members: []int{bob}},
			{name: "C", set: own, accounts: []int{dev}, members: []int{cat}},
			{name: "D", set: shared, accounts: []int{lab, test}, members: []int{ann}},
			{name: "E", set: shared, accounts: []int{lab, test, prod}, members: []int{bob, cat}},
		}}
}

// ordinaryEdit is one that needs no flag. idp is what the identity provider does
// at the same time.
type ordinaryEdit struct {
	name  string
	modes string // i: internal, u: SCIM brings users only, s: SCIM
	do    func(c *conf)
	idp   func(w *world)
}

func ordinaryEdits() []ordinaryEdit {
	set := func(at int, do func(s *confSet)) func(*conf) { return func(c *conf) { do(&c.sets[at]) } }
	group := func(at int, do func(g *confGroup)) func(*conf) { return func(c *conf) { do(&c.groups[at]) } }
	members := func(at int, who ...int) func(*conf) { return group(at, func(g *confGroup) { g.members = who }) }
	accounts := func(at int, which ...int) func(*conf) { return group(at, func(g *confGroup) { g.accounts = which }) }
	policies := func(at int, which ...int) func(*conf) { return set(at, func(s *confSet) { s.managed = which }) }
	moves := func(at, to int) func(*conf) { return group(at, func(g *confGroup) { g.set = to }) }
	both := func(x, y func(*conf)) func(*conf) { return func(c *conf) { x(c); y(c) } }
	newSet := func(s confSet, at int) func(*conf) {
		return func(c *conf) { c.sets = append(c.sets, s); c.groups[at].set = len(c.sets) - 1 }
	}
	return []ordinaryEdit{
		{"a person joins", "iu", members(a, ann, bob, cat), nil},
		{"a person leaves", "iu", members(a, ann), nil},
		{"a person moves to another group", "iu", both(members(a, bob), members(b, bob, ann)), nil},
		{"a group of one changes its member", "iu", members(c_, ann), nil},
		{"a group of two changes both members", "iu", members(e_, ann), nil},
		{"two people exchange their groups", "iu", both(members(b, cat), members(c_, bob)), nil},
		{"a group loses its only member", "iu", members(c_), nil},
		{"a person leaves and the set gains a policy", "iu", both(members(a, ann), policies(ops, readOnly, s3, audit)), nil},
		{"a person joins and the set loses a policy", "iu", both(members(a, ann, bob, cat), policies(ops, readOnly)), nil},
		{"an account is added", "ius", accounts(a, dev, staging, prod), nil},
		{"an account is removed", "ius", accounts(b, dev), nil},
		{"an account is exchanged", "ius", accounts(a, dev, lab), nil},
		{"a group moves its only account", "ius", accounts(c_, lab), nil},
		{"a group moves both its accounts", "ius", accounts(b, lab, test), nil},
		{"a group moves all three accounts", "ius", accounts(e_, dev, staging, 6), nil},
		{"an account goes from group to group", "ius", both(accounts(a, dev), accounts(c_, dev, staging)), nil},
		{"an account of a shared set goes from group to group", "ius", both(accounts(d, lab, test, prod), accounts(e_, lab, test)), nil},
		{"a group gets the management account", "ius", accounts(c_, dev, 0), nil},
		{"a group loses its only account", "ius", accounts(c_), nil},
		{"a policy is added", "ius", policies(view, audit, s3), nil},
		{"a policy is replaced", "ius", policies(view, readOnly), nil},
		{"a policy is replaced by a stronger one", "ius", policies(view, admin), nil},
		{"a policy is removed", "ius", policies(ops, readOnly), nil},
		{"AWSDenyAll is added", "ius", policies(view, audit, noAny), nil},
		{"a policy of a shared set is replaced", "ius", policies(shared, readOnly), nil},
		{"two sets exchange their policies", "ius", both(policies(ops, audit), policies(view, readOnly, s3)), nil},
		{"a customer managed policy is added", "ius", set(view, func(s *confSet) { s.customer = true }), nil},
		{"a customer managed policy is removed", "ius", set(shared, func(s *confSet) { s.customer = false }), nil},
		{"a customer managed policy replaces one of AWS", "ius", set(own, func(s *confSet) { s.customer, s.managed = true, nil }), nil},
		{"a boundary is added", "ius", set(view, func(s *confSet) { s.boundary = 1 }), nil},
		{"a boundary is removed", "ius", set(ops, func(s *confSet) { s.boundary = 0 }), nil},
		{"a boundary is replaced", "ius", set(ops, func(s *confSet) { s.boundary = 3 }), nil},
		{"a boundary of one's own replaces one of AWS", "ius", set(ops, func(s *confSet) { s.boundary = 2 }), nil},
		{"a boundary goes with a policy", "ius", set(ops, func(s *confSet) { s.boundary, s.managed = 0, []int{readOnly} }), nil},
		{"an inline policy is added", "ius", set(own, func(s *confSet) { s.inline = 2 }), nil},
		{"an inline policy is changed", "ius", set(view, func(s *confSet) { s.inline = 2 }), nil},
		{"an inline policy denies from now on", "ius", set(view, func(s *confSet) { s.inline = 4 }), nil},
		{"an inline policy is removed", "ius", set(view, func(s *confSet) { s.inline = 0 }), nil},
		{"a session gets longer", "ius", set(ops, func(s *confSet) { s.hours = 4 }), nil},
		{"a session and a policy change", "ius", set(ops, func(s *confSet) { s.hours, s.managed = 4, []int{readOnly} }), nil},
		{"a description is changed", "ius", group(a, func(g *confGroup) { g.description = 7 }), nil},
		{"a tag is added", "ius", group(c_, func(g *confGroup) { g.extra = `, tags = { Team = "c" }` }), nil},
		{"a relay state is added", "ius", group(c_, func(g *confGroup) { g.extra = `, relay_state = "https://console.aws.amazon.com/ec2"` }), nil},
		{"a team is made", "ius", func(c *conf) {
			c.sets = append(c.sets, confSet{managed: []int{readOnly}})
			c.groups = append(c.groups, confGroup{name: "F", set: len(c.sets) - 1, accounts: []int{dev, prod}, members: []int{ann}})
		}, nil},
		{"a team with a shared set is made", "ius", func(c *conf) {
			c.groups = append(c.groups, confGroup{name: "F", set: shared, accounts: []int{dev, prod}, members: []int{ann}})
		}, nil},
		{"a team is dissolved", "ius", func(c *conf) { c.groups = slices.Delete(c.groups, c_, d) }, nil},
		{"a team with a shared set is dissolved", "ius", func(c *conf) { c.groups = slices.Delete(c.groups, d, e_) }, nil},
		{"a team is dissolved, its account goes to another", "ius", func(c *conf) {
			c.groups = slices.Delete(c.groups, d, e_)
			c.groups[d].accounts = []int{lab, test, prod, dev}
		}, nil},
		{"a team comes for another", "ius", func(c *conf) { c.groups[c_].name = "F" }, nil},
		{"a group leaves a shared set for one with less", "ius", moves(d, own), nil},
		{"a group leaves a shared set for one with other content", "ius", moves(d, view), nil},
		{"a group leaves a shared set for a new one with more", "ius", newSet(confSet{name: "Plus", managed: []int{power, audit}, customer: true}, d), nil},
		{"a group leaves a shared set for a new one with the same", "ius", newSet(confSet{name: "Same", managed: []int{power}, customer: true}, d), nil},
		{"a group leaves a shared set, which widens", "ius", both(moves(d, view), policies(shared, admin)), nil},
		{"a group leaves a shared set, which narrows", "ius", both(moves(d, view), policies(shared, readOnly)), nil},
		{"a group joins a shared set, which widens", "ius", both(accounts(d, lab, test, dev), policies(shared, power, audit)), nil},
		{"two groups swap sets", "ius", both(moves(a, view), moves(b, ops)), nil},
		{"two groups swap sets, one of which widens", "ius", both(both(moves(a, view), moves(b, ops)), policies(view, admin)), nil},
		{"a group leaves an account while the set widens", "ius", both(accounts(b, dev), policies(view, audit, s3)), nil},
		{"a group is renamed and keeps its set", "iu", func(c *conf) {
			c.groups[c_].name, c.groups[c_].previously = "F", "C"
			c.sets[own].name = "C"
		}, nil},
		{"a group of a named set is renamed", "iu", group(a, func(g *confGroup) { g.name, g.previously = "F", "A" }), nil},
		{"a group is renamed by the identity provider", "s", group(a, func(g *confGroup) { g.name, g.previously = "G", "A" }),
			func(w *world) { w.rename(w.last.GroupNamed("A"), "G") }},
		{"a user is renamed", "i", func(c *conf) {
			c.persons = []string{"ann", "bob", "kit"}
			c.user = map[int]string{cat: `, previously = "cat"`}
		}, nil},
		{"a user leaves the company", "i", func(c *conf) { c.gone, c.removed = []int{cat}, []int{cat} }, nil},
		{"a user leaves the config only", "i", func(c *conf) { c.gone = []int{bob} }, nil},
		{"a user comes into two groups", "iu", both(members(a, ann, bob, cat), members(d, ann, cat)), nil},
		{"groups of a user beside members", "i", func(c *conf) { c.user = map[int]string{cat: `, groups = ["C", "E"]`} }, nil},
		{"the order of everything", "ius", func(c *conf) {
			slices.Reverse(c.groups)
			for i := range c.groups {
				slices.Reverse(c.groups[i].accounts)
				slices.Reverse(c.groups[i].members)
			}
		}, nil},
		{"a person is added to a group in the identity provider", "s", func(*conf) {}, func(w *world) { w.join(w.last.GroupNamed("A"), w.last.UserNamed("cat")) }},
		{"an account appears", "ius", func(*conf) {}, func(w *world) {
			w.Call("AWSOrganizationsV20161128.CreateAccount", map[string]any{"AccountName": "new", "Email": "new@example.com"})
		}},
	}
}

// TestOrdinaryEditsNeedNoFlags keeps the promises from being bought by refusing,
// and judges each run as the search does:
// each edit converges, also while calls fail and foreign things appear.
func TestOrdinaryEditsNeedNoFlags(t *testing.T) {
	table := ordinaryEdits()
	if len(table) < 40 {
		t.Fatalf("%d edits, want forty at least", len(table))
	}
	for i, edit := range table {
		for m, letter := range map[mode]string{scim: "s", scimUsers: "u", internal: "i"} {
			if !strings.Contains(edit.modes, letter) {
				continue
			}
			for _, disturbed := range []bool{false, true} {
				if disturbed && string(edit.modes[i%len(edit.modes)]) != letter {
					continue
				}
				name := fmt.Sprintf("%s/%s/disturbed=%t", edit.name, m, disturbed)
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					dir := filepath.Join(t.TempDir(), "access")
					if err := os.Mkdir(dir, 0o700); err != nil {
						t.Fatal(err)
					}
					if problem := tryEdit(t, dir, edit, m, disturbed, uint64(i)); problem != "" {
						t.Error(problem)
					}
				})
			}
		}
	}
}

func tryEdit(t *testing.T, dir string, edit ordinaryEdit, m mode, disturbed bool, seed uint64) (problem string) {
	synctest.Test(t, func(t *testing.T) {
		o := emulator.Options{Seed: seed}
		if disturbed {
			o.JobLatency = emulator.Latency{Min: time.Second, Max: 4 * time.Second}
		}
		w := newWorld(t, dir, ordinary(m), o, newCounts())
		w.key = emulator.ManagementKey
		if got := w.quiet("apply", w.dir, "--auto-approve"); got.code != 0 {
			problem = "the config of before: " + got.stderr
			return
		}
		w.last = snapshot(w.em)
		for arn := range w.last.Sets {
			w.made[arn] = true
		}
		edit.do(w.conf)
		w.write()
		if edit.idp != nil {
			edit.idp(w)
		}
		w.observe(nil)
		if problem = w.converges(disturbed, seed); problem == "" && len(w.found) > 0 {
			problem = w.found[0].kind + ": " + w.found[0].detail
		}
	})
	return problem
}

// quiet runs a command line that is not judged.
func (w *world) quiet(args ...string) ended {
	return w.command(w.t.Context(), w.direct(), w.key, strings.NewReader(""), args...)
}

func (w *world) converges(disturbed bool, seed uint64) string {
	if disturbed {
		w.disturb(seed)
	}
	got := w.perform(op{what: "run", how: auto})
	w.em.ClearFaults()
	if got.code != 0 {
		return fmt.Sprintf("apply: exit %d\n%s\n%s", got.code, got.stdout, got.stderr)
	}
	if got = w.lookForNothing(flags{}); got.code != 0 {
		return fmt.Sprintf("plan after it: exit %d\n%s\n%s", got.code, got.stdout, got.stderr)
	}
	s := snapshot(w.em)
	for kind, detail := range w.conf.differences(s) {
		return kind + ": " + detail
	}
	for k := range s.Stale {
		if s.Sets[k.Set].Owner == owner {
			return fmt.Sprintf("the role of %q in %q is outdated", s.Sets[k.Set].Name, s.Accounts[k.Account])
		}
	}
	return ""
}

// disturb sets what is harmless: calls that fail, answers that are lost or late,
// and things that appear beside ours.
func (w *world) disturb(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 4))
	defer w.observe(nil)
	w.createGroup("Other", "", w.last.UserNamed("mallory"))
	w.SSO("CreatePermissionSet", map[string]any{"Name": "Another"})
	if err := w.em.SetFaults(
		emulator.Fault{Kind: emulator.Throttle, Rate: 0.1, Times: 10},
		emulator.Fault{Kind: emulator.LoseAnswer, Operation: "sso-admin.*", Call: 5 + r.IntN(30)},
		emulator.Fault{Kind: emulator.Internal, Call: 10 + r.IntN(30)},
		emulator.Fault{Kind: emulator.Slow, Delay: 2 * time.Second, Rate: 0.1, Times: 5},
	); err != nil {
		w.t.Fatal(err)
	}
}
