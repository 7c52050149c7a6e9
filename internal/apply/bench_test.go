package apply

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/plan"
)

// instant does everything at once, so that what remains is the engine's own
// work.
type instant struct{}

func (instant) Start(context.Context, plan.Change) ([]Job, error) { return nil, nil }
func (instant) Outdated(context.Context, plan.Change) (Outdated, error) {
	return Outdated{}, nil
}
func (instant) Provision(context.Context, plan.Change, string) (Job, error) { return Job{}, nil }
func (instant) Poll(context.Context, []Job) (map[string]Outcome, error)     { return nil, nil }
func (instant) Classify(plan.Change, error) Verdict                         { return Verdict{} }

// million is a first apply of 500 sets in 2,000 accounts: a million grants,
// each behind its set and its group.
func million() []plan.Change { return firstApply(500, 2000) }

func BenchmarkRunMillionChanges(b *testing.B) {
	for _, c := range []struct {
		name           string
		sets, accounts int
	}{{"10k", 50, 200}, {"100k", 100, 1000}, {"1M", 500, 2000}} {
		b.Run(c.name, func(b *testing.B) {
			changes := firstApply(c.sets, c.accounts)
			runtime.GC()
			b.ReportAllocs()
			for b.Loop() {
				res, err := New(instant{}, Options{}).Run(b.Context(), changes)
				if err != nil || !res.Complete() {
					b.Fatal(err, len(res.Left))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(changes)), "ns/change")
		})
	}
}

func BenchmarkEstimateMillionChanges(b *testing.B) {
	changes := million()
	for b.Loop() {
		if e := NewEstimate(changes, Assumptions{}); e.Jobs != 1000000 {
			b.Fatal(fmt.Sprint(e))
		}
	}
}
