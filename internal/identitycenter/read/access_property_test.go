package read

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/report"
)

// drawWho makes an estate in which few things meet often: more than a page of
// users and groups in some draws, so that each way of looking up is taken.
func drawWho(t *rapid.T) *emulator.Estate {
	w := centertest.NewWorld("platform", 5)
	e := w.Estate
	users := rapid.SampledFrom([]int{3, 12, 120}).Draw(t, "users")
	groups := rapid.SampledFrom([]int{3, 12, 120}).Draw(t, "groups")
	name := func(what string, n int) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("%s-%d", what, rapid.IntRange(0, n-1).Draw(t, what)) })
	}
	for i := range users {
		active := i%3 != 1
		e.Users = append(e.Users, emulator.EstateUser{UserName: fmt.Sprintf("user-%d", i), Active: &active})
	}
	for i := range groups {
		members := rapid.SliceOfNDistinct(name("user", users), 0, min(users, 15), rapid.ID[string]).Draw(t, "members")
		e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: fmt.Sprintf("group-%d", i), Members: members})
	}
	const sets = 4
	for i := range sets {
		e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: fmt.Sprintf("set-%d", i)})
	}
	for range rapid.IntRange(0, 25).Draw(t, "assignments") {
		var to emulator.EstateAssignment
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			to.User = name("user", users).Draw(t, "assigned")
		case 1:
			to.PrincipalType, to.PrincipalID = "GROUP", goneGroup
		default:
			to.Group = name("group", groups).Draw(t, "assigned")
		}
		w.Assign(name("set", sets).Draw(t, "set"), to, rapid.SampledFrom(append(w.Names, "management")).Draw(t, "account"))
	}
	return e
}

// way is how a person, or nobody, has a permission set in an account.
type way struct{ account, set, through, user string }

// ways walks what the emulator has, which shares no code with the reading.
func ways(e emulator.State) []way {
	i := e.Instances[0]
	var out []way
	for _, a := range i.Assignments {
		w := way{a.Account, a.PermissionSet, a.PrincipalType + " " + a.PrincipalID, ""}
		members := 0
		for _, m := range i.Memberships {
			if a.PrincipalType == "GROUP" && m.Group == a.Principal && !a.Orphan {
				members++
				out = append(out, way{w.account, w.set, w.through, m.User})
			}
		}
		switch {
		case a.Orphan:
			out = append(out, way{w.account, w.set, "ORPHAN " + a.PrincipalID, ""})
		case a.PrincipalType == "USER":
			out = append(out, way{w.account, w.set, w.through, a.Principal})
		case members == 0:
			out = append(out, w)
		}
	}
	return out
}

func rowWays(r report.Report) []way {
	out := []way{}
	for _, row := range r.Rows {
		out = append(out, way{row.AccountID, row.PermissionSet, row.PrincipalType + " " + row.PrincipalID, row.User})
	}
	return sortedWays(out)
}

func sortedWays(list []way) []way {
	slices.SortFunc(list, func(a, b way) int {
		return slices.Compare([]string{a.account, a.set, a.through, a.user}, []string{b.account, b.set, b.through, b.user})
	})
	return list
}

func waysOf(all []way, keep func(way) bool) []way {
	out := []way{}
	for _, w := range all {
		if keep(w) {
			out = append(out, w)
		}
	}
	return sortedWays(out)
}

// Whatever is in AWS: what is shown of a user, a group and an account is exactly
// what is there, from the management account and from its delegate's.
func TestAccessIsWhatAWSHas(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		e := centertest.Start(t, emulator.Options{Estate: drawWho(rt)})
		state := e.State()
		all := ways(state)
		user := rapid.SampledFrom(state.Instances[0].Users).Draw(rt, "who")
		group := rapid.SampledFrom(state.Instances[0].Groups).Draw(rt, "which")
		account := rapid.SampledFrom(state.Accounts).Draw(rt, "where")
		compare := func(what string, err error, got func() report.Report, keep func(way) bool) {
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(waysOf(all, keep), rowWays(got()), cmp.AllowUnexported(way{})); diff != "" {
				rt.Fatalf("%s (-emulator +report):\n%s", what, diff)
			}
		}
		for _, key := range []string{emulator.ManagementKey, centertest.DelegatedKey} {
			c := reader(t, e, key)
			read, err := c.UserAccess(t.Context(), user.UserName, AccessOptions{})
			compare(user.UserName, err, func() report.Report { return report.OfUser(&read.State, read.State.UserIndex(user.UserName)) },
				func(w way) bool { return w.user == user.UserName })
			read, err = c.GroupAccess(t.Context(), group.DisplayName, AccessOptions{})
			compare(group.DisplayName, err, func() report.Report { return report.OfGroup(&read.State, read.State.GroupIndex(group.DisplayName)) },
				func(w way) bool { return w.through == "GROUP "+group.ID })
			read, err = c.AccountAccess(t.Context(), account.ID, AccessOptions{})
			compare(account.Name, err, func() report.Report { return report.OfAccount(&read.State, 0) }, func(w way) bool { return w.account == account.ID })
		}
	})
}
