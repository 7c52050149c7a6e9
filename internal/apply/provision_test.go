package apply

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/plan"
)

func ids(n int) []string {
	var out []string
	for a := range n {
		out = append(out, accountID(a))
	}
	return out
}

// reprovision is a policy change of a set that is outdated in some of its
// accounts, followed by its provisioning.
func reprovision(f *fake, set string, outdated, provisioned int) []plan.Change {
	policy := change(plan.InlinePolicy, plan.Update, set, "")
	again := change(plan.Provisioning, plan.Update, set, "", policy.ID)
	again.After = &plan.Value{Accounts: ids(outdated)}
	f.outdated[set], f.provided[set] = ids(outdated), provisioned
	return []plan.Change{policy, again}
}

func TestProvisionsWhereOutdated(t *testing.T) {
	for _, c := range []struct {
		name                           string
		outdated, provisioned          int
		wantAll, wantJobs, wantAtMostS int
	}{
		{"most accounts", 100, 100, 1, 1, 4},
		{"just over half", 51, 100, 1, 1, 4},
		{"half", 50, 100, 0, 50, 56},
		{"few", 3, 100, 0, 3, 4},
		{"the only account", 1, 1, 0, 1, 4},
		{"none", 0, 100, 0, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, begun := newFake(), time.Now()
				res := runPlan(t, f, Options{}, reprovision(f, "set", c.outdated, c.provisioned))
				if !res.Complete() {
					t.Fatalf("not complete: %+v", res)
				}
				if f.calls["ProvisionAll"] != c.wantAll || f.calls["Provision"] != c.wantJobs || f.calls["Outdated"] != 1 {
					t.Errorf("calls %v, want %d jobs, %d of them for all accounts", f.calls, c.wantJobs, c.wantAll)
				}
				if took := time.Since(begun); took > time.Duration(c.wantAtMostS)*time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

// Jobs for all accounts of two sets and grants in the same accounts: each
// excludes the others.
func TestProvisioningExcludesOtherJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		changes := append(reprovision(f, "a", 20, 20), reprovision(f, "b", 12, 20)...)
		changes = append(changes, reprovision(f, "c", 6, 30)...)
		changes = append(changes, grants(5, 25)...)
		res := runPlan(t, f, Options{}, changes)
		if !res.Complete() {
			t.Fatalf("not complete: %+v", res)
		}
		if f.calls["ProvisionAll"] != 2 {
			t.Errorf("%d jobs for all accounts, want 2", f.calls["ProvisionAll"])
		}
	})
}

func TestFailedProvisioningNamesTheAccountsStillOutdated(t *testing.T) {
	for _, all := range []bool{true, false} {
		t.Run(fmt.Sprint(all), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				provisioned := 8
				if !all {
					provisioned = 100
				}
				changes := append(reprovision(f, "set", 8, provisioned), change(plan.Group, plan.Create, "g", ""))
				changes = append(changes, change(plan.Assignment, plan.Create, "late", accountID(1), changes[1].ID))
				f.jobFault = func(c plan.Change, n int) string {
					if c.Kind != plan.Provisioning || !all && n < 6 {
						return ""
					}
					if all { // AWS did some of them before it failed
						f.outdated["set"] = ids(2)
					}
					return "Role quota exceeded"
				}
				res := runPlan(t, f, Options{}, changes)
				if len(res.Failed) != 1 {
					t.Fatalf("failed: %+v", res.Failed)
				}
				got := res.Failed[0]
				if d := cmp.Diff(f.outdated["set"], got.Accounts); d != "" || len(got.Accounts) != 2 {
					t.Errorf("%v: %s", got.Accounts, d)
				}
				want := "Role quota exceeded; still outdated in: " + strings.Join(got.Accounts, ", ")
				if got.Reason != "Role quota exceeded" || got.Finding.Detail != want {
					t.Errorf("got %+v", got)
				}
				if d := cmp.Diff([]Left{{ID: changes[3].ID, Why: Blocked, BlockedBy: changes[1].ID}}, res.Left); d != "" {
					t.Error(d)
				}
			})
		})
	}
}

// What passes is asked again, and only what is still outdated is done again.
func TestProvisioningIsRetriedWhereStillOutdated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		changes := reprovision(f, "set", 8, 100)
		f.jobFault = func(_ plan.Change, n int) string {
			if n == 2 || n == 5 {
				return "conflict: another operation is in progress"
			}
			return ""
		}
		res := runPlan(t, f, Options{}, changes)
		if !res.Complete() || f.calls["Provision"] != 10 || f.calls["Outdated"] != 2 {
			t.Errorf("calls %v, result %+v", f.calls, res)
		}
	})
}

func TestProvisioningKnowsNoAccountTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		changes := reprovision(f, "set", 4, 4)
		changes[1].After.Accounts = ids(6)
		for a := range 8 {
			changes = append(changes, change(plan.Assignment, plan.Create, "set", accountID(a)))
		}
		seen := map[string]bool{}
		res := runPlan(t, f, Options{Events: func(e Event) {
			if e.Type == Succeeded {
				seen[string(e.ID)] = true
			}
		}}, changes)
		if !res.Complete() || len(seen) != len(changes) {
			t.Errorf("%d of %d succeeded: %+v", len(seen), len(changes), res)
		}
		if !slices.IsSorted(f.outdated["set"]) || len(f.outdated["set"]) != 0 {
			t.Errorf("still outdated: %v", f.outdated["set"])
		}
	})
}

// Errors long apart, with work done between them, use up no deadline.
func TestLongProvisioningOutlastsTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		changes := reprovision(f, "set", 150, 1000)
		jobs := 0 // of its own: calls counts those too that are still on their way
		f.fault = func(call string, _ int, _ plan.Change) error {
			if call != "Provision" {
				return nil
			}
			if jobs++; jobs == 3 || jobs == 140 {
				return fault{Throttled, "Rate exceeded"}
			}
			return nil
		}
		if res := runPlan(t, f, Options{Deadline: time.Minute}, changes); !res.Complete() || res.Stats.Retries != 2 {
			t.Errorf("got %+v", res)
		}
	})
}
