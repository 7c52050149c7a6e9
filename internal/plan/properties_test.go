package plan_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/internal/access"
	. "github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/plan/model"
)

// drawConfig makes a config over a few names, so that two draws meet.
func drawConfig(t *rapid.T, label string) access.Config {
	names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"Alpha", "Beta", "Gamma", "Delta"}), 0, 4, rapid.ID[string]).Draw(t, label+" groups")
	users := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"ann", "bob", "cat"}), 0, 3, rapid.ID[string]).Draw(t, label+" users")
	var c access.Config
	for _, u := range users {
		c.Users.Items = append(c.Users.Items, access.UserSpec{Email: text(u), DisplayName: text(rapid.SampledFrom([]string{"One", "Two"}).Draw(t, "display")),
			GivenName: text("G"), FamilyName: text("F")})
	}
	for _, n := range names {
		g := access.GroupSpec{Name: text(n), Description: text(rapid.SampledFrom([]string{"", "text"}).Draw(t, "description")),
			AccountsNames:      texts(rapid.SliceOfDistinct(rapid.SampledFrom([]string{"dev", "prod", "main"}), rapid.ID[string]).Draw(t, "accounts")...),
			AWSManagedPolicies: texts(rapid.SliceOfDistinct(rapid.SampledFrom([]string{"arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B"}), rapid.ID[string]).Draw(t, "policies")...),
			SessionDuration:    text(rapid.SampledFrom([]string{"PT1H", "PT2H"}).Draw(t, "session")),
			Members:            texts(rapid.SliceOfDistinct(rapid.SampledFrom(append(users, "ann")), rapid.ID[string]).Draw(t, "members")...)}
		if rapid.Bool().Draw(t, "inline") {
			g.InlinePolicies = policy("Allow")
		}
		if rapid.Bool().Draw(t, "boundary") {
			g.PermissionsBoundary = text("Limits")
		}
		c.AccessGroups.Items = append(c.AccessGroups.Items, g)
	}
	return c
}

func emptyAWS() access.State {
	w := newWorld().account("dev").account("prod").account("main", func(a *access.Account) { a.Management = true }).
		group("Foreign", "you").group("Free", "").user("ann").user("eve").set("Foreign", "you").set("Free", "").
		assign("Foreign", "dev", "Foreign").assign("Free", "prod", "Free").member("Foreign", "eve")
	s := w.b.State()
	for i := range s.Sets {
		s.Sets[i].Provisioned = []string{s.Accounts[0].ID}
	}
	return s
}

func allowAll() Options {
	o := options(access.BuiltIn)
	o.Guards = Guards{AllowRemovals: true, AllowLockout: true, AllowReplace: true, AllowMissing: true, Caller: Caller{Management: true}}
	return o
}

func applyAll(t *rapid.T, p *Plan, s access.State) access.State {
	if err := CheckOrder(p.Changes); err != nil {
		t.Fatalf("order: %v", err)
	}
	for _, c := range p.Changes {
		s = model.After(s, c)
	}
	return s
}

// foreign is what is not ours: it has to stay as it is.
func foreign(s access.State) []string {
	var out []string
	for _, g := range s.Groups {
		if g.Owner != "me" {
			out = append(out, fmt.Sprintf("group %+v", g))
		}
	}
	for _, p := range s.Sets {
		if p.Owner != "me" {
			out = append(out, fmt.Sprintf("set %+v", p))
		}
	}
	for _, g := range s.Assignments {
		if p := s.Sets[g.Set]; p.Owner != "me" {
			out = append(out, fmt.Sprintf("grant %s %s %d", p.Name, s.Accounts[g.Account].Name, g.Kind))
		}
	}
	return out
}

func TestApplyingThePlanOfAnyTwoStatesGivesTheDesiredOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := emptyAWS()
		first, second := access.Desired(drawConfig(t, "first"), "me"), access.Desired(drawConfig(t, "second"), "me")
		live := applyAll(t, Diff(&first, &start, allowAll()), start)
		p := Diff(&second, &live, allowAll())
		after := applyAll(t, p, live)
		again := Diff(&second, &after, allowAll())
		if len(again.Changes) > 0 {
			t.Fatalf("after the apply the plan still has %v\nfirst plan: %v", ids(again), ids(p))
		}
		if diff := cmp.Diff(foreign(start), foreign(after)); diff != "" {
			t.Fatalf("what is not ours changed (-before +after):\n%s", diff)
		}
		wantAssignments(t, &second, &after)
	})
}

// wantAssignments compares the assignments of our sets with the desired ones by name,
// without the help of Diff.
func wantAssignments(t *rapid.T, want, have *access.State) {
	names := func(s *access.State, ours func(int32) bool) []string {
		out := []string{}
		for _, g := range s.Assignments {
			if ours(g.Set) && g.Kind == access.GroupPrincipal {
				out = append(out, s.Sets[g.Set].Name+" "+s.Accounts[g.Account].Name+" "+s.Groups[g.Principal].Name)
			}
		}
		slices.Sort(out)
		return out
	}
	all := func(int32) bool { return true }
	mine := func(set int32) bool { return have.Sets[set].Owner == "me" }
	if diff := cmp.Diff(names(want, all), names(have, mine)); diff != "" {
		t.Fatalf("grants (-config +AWS):\n%s", diff)
	}
}

// TestCutAnywhereAndRunAgain stops after any number of changes, in any order
// that the dependencies allow, and plans again.
func TestCutAnywhereAndRunAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := emptyAWS()
		first, second := access.Desired(drawConfig(t, "first"), "me"), access.Desired(drawConfig(t, "second"), "me")
		live := applyAll(t, Diff(&first, &start, allowAll()), start)
		whole := applyAll(t, Diff(&second, &live, allowAll()), live)
		p := Diff(&second, &live, allowAll())
		done := map[ID]bool{}
		for range rapid.IntRange(0, len(p.Changes)).Draw(t, "cut") {
			ready := slices.DeleteFunc(slices.Clone(p.Changes), func(c Change) bool {
				return done[c.ID] || slices.ContainsFunc(c.DependsOn, func(id ID) bool { return !done[id] })
			})
			c := rapid.SampledFrom(ready).Draw(t, "next")
			live, done[c.ID] = model.After(live, c), true
		}
		rest := applyAll(t, Diff(&second, &live, allowAll()), live)
		if diff := cmp.Diff(withoutIDs(whole), withoutIDs(rest)); diff != "" {
			t.Fatalf("cut and run again gives another state (-undisturbed +resumed):\n%s", diff)
		}
	})
}

// withoutIDs leaves out what the order of making decides.
func withoutIDs(s access.State) access.State {
	s.Observed = access.Observed{}
	return s
}

func TestSameInputSameBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		live := emptyAWS()
		want := access.Desired(drawConfig(t, "config"), "me")
		var one, two bytes.Buffer
		for _, b := range []*bytes.Buffer{&one, &two} {
			if err := Diff(&want, &live, allowAll()).Encode(b); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Fatalf("two plans of one input differ:\n%s", cmp.Diff(one.String(), two.String()))
		}
	})
}
