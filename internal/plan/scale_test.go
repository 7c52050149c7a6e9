package plan_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// size is how big a generated organization is.
type size struct{ users, groups, sets, accounts, grants int }

// largest is what the design promises to plan in under 5 s and 2 GiB.
var largest = size{users: 100_000, groups: 10_000, sets: 3_500, accounts: 1_000, grants: 1_000_000}

func (s size) over(n int) size {
	return size{s.users / n, s.groups / n, s.sets / n, s.accounts, s.grants / n}
}

// organization makes a state with every set granted evenly; live says whether
// it has AWS ids. Every skip-th assignment is left out, so that two of them differ.
func organization(n size, live bool, skip int) *access.Builder {
	var b access.Builder
	b.Observed = access.Observed{Read: "deep", Members: map[string]bool{}, Uses: map[string]bool{}, SetUses: map[string]bool{}}
	id := func(kind string, i int) string {
		if !live {
			return ""
		}
		return fmt.Sprintf("%s-%08d", kind, i)
	}
	for i := range n.accounts {
		a := access.Account{Name: fmt.Sprintf("account-%04d", i)}
		if live {
			a.ID, a.State = fmt.Sprintf("%012d", i), "ACTIVE"
		}
		b.AddAccount(a)
	}
	for i := range n.users {
		b.AddUser(access.User{Username: fmt.Sprintf("user-%06d@company.com", i), DisplayName: "User", ID: id("u", i)})
	}
	for i := range n.groups {
		b.AddGroup(access.Group{Name: fmt.Sprintf("group-%05d", i), Owner: "me", ID: id("g", i)})
		b.Observed.Members[id("g", i)] = true
	}
	for i := range n.sets {
		b.AddSet(access.PermissionSet{Name: fmt.Sprintf("set-%04d", i), ARN: id("arn", i), Tags: []access.Tag{{Key: access.OwnerTag, Value: "me"}},
			InlinePolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`})
	}
	for i := range n.users {
		b.AddMembership(int32(i%n.groups), int32(i), 0)
	}
	for i := range n.grants {
		if skip > 0 && i%skip == 0 {
			continue
		}
		b.AddAssignment(access.Assignment{Set: int32(i % n.sets), Account: int32(i / n.sets % n.accounts), Kind: access.GroupPrincipal, Principal: int32(i % n.groups)})
	}
	return &b
}

// BenchmarkPlan normalizes, binds, diffs and orders. The floor is reading and
// writing every assignment once, which is what one sort of them costs.
func BenchmarkPlan(b *testing.B) {
	for _, c := range []struct {
		name string
		size size
		skip int
	}{
		{"1percent/nothing changes", largest.over(100), 0},
		{"10percent/nothing changes", largest.over(10), 0},
		{"whole/nothing changes", largest, 0},
		{"whole/nothing changes, with records", largest, 0},
		{"whole/a thousandth missing", largest, 1000},
		{"whole/first apply", largest, 1},
	} {
		b.Run(c.name, func(b *testing.B) {
			o := allowAll()
			for b.Loop() {
				b.StopTimer()
				have, wants := organization(c.size, true, c.skip), organization(c.size, false, 0)
				b.StartTimer()
				live, want := have.State(), wants.State()
				if strings.HasSuffix(c.name, "with records") {
					b.StopTimer()
					recordAll(&live)
					b.StartTimer()
				}
				p := Diff(&want, &live, o)
				b.ReportMetric(float64(len(p.Changes)), "changes")
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.Sys)/(1<<20), "MiB-from-OS")
		})
	}
}

// A first apply has as many changes as there are assignments; each costs its id and
// its place, and little besides. What a run costs whatever its size, to which the
// race detector adds, is little where there are so many.
func TestDiffAllocatesLittle(t *testing.T) {
	have, wants := organization(largest.over(50), true, 1), organization(largest.over(50), false, 0)
	live, want, o := have.State(), wants.State(), allowAll()
	changes := 0
	allocations := testing.AllocsPerRun(1, func() { changes = len(Diff(&want, &live, o).Changes) })
	if each := allocations / float64(changes); changes < 20_000 || each > 2 {
		t.Errorf("%.2f allocations for each of %d changes, want at most 2", each, changes)
	}
}
