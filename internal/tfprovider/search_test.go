package tfprovider

import (
	"fmt"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// searchSmall is how long the search takes in a plain `go test`.
const searchSmall = 20 * time.Second

// searchCounts is how much was done, and which dangerous shapes were reached.
type searchCounts struct {
	scenarios, rounds, processes, calls, refusals, wholes, unchanged int
	shapes                                                           map[string]int
}

func (n *searchCounts) shape(name string) { n.shapes[name]++ }

// String shows the counts.
func (n *searchCounts) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d scenarios, %d rounds, %d processes, %d calls, %d refusals, %d times all was judged, %d times what is unchanged", n.scenarios, n.rounds, n.processes, n.calls, n.refusals, n.wholes, n.unchanged)
	for _, name := range searchSorted(n.shapes) {
		fmt.Fprintf(&b, "\n  %6d %s", n.shapes[name], name)
	}
	return b.String()
}

// searchPlay plays a scenario in a bubble of its own.
func searchPlay(t *testing.T, s *searchScenario, n *searchCounts) (found []searchFinding, trace []string) {
	n.scenarios++
	hangs := time.AfterFunc(time.Minute, func() { panic(fmt.Sprintf("TF_SEARCH_SEED=%d hangs", s.seed)) })
	defer hangs.Stop()
	synctest.Test(t, func(t *testing.T) {
		w := newSearchWorld(t, s, n)
		s.play(w)
		found, trace = w.found, w.trace
	})
	return found, trace
}

// TestSearch looks for a sequence of what people do with Terraform, beside what others
// do in AWS, after which the provider has broken one of its rules. TF_SEARCH_SEED plays
// one seed; TF_SEARCH_TIME searches so long, and with TF_SEARCH_ALL goes on after a find.
func TestSearch(t *testing.T) {
	cleanEnvironment(t)
	t.Setenv("AWS_CA_BUNDLE", "") // each process would read it
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	searchSchema()
	n := &searchCounts{shapes: map[string]int{}}
	if one := os.Getenv("TF_SEARCH_SEED"); one != "" {
		seed, err := strconv.ParseUint(one, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		s := searchGenerate(seed)
		found, trace := searchPlay(t, s, n)
		t.Log(n)
		searchReport(t, s, found, trace)
		return
	}
	until, all := time.Now().Add(searchSmall), os.Getenv("TF_SEARCH_ALL") != ""
	if d, err := time.ParseDuration(os.Getenv("TF_SEARCH_TIME")); err == nil {
		until = time.Now().Add(d)
	}
	first, _ := strconv.ParseUint(os.Getenv("TF_SEARCH_FROM"), 10, 64)
	kinds := map[string][]uint64{}
	for seed := first + 1; time.Now().Before(until); seed++ {
		s := searchGenerate(seed)
		found, trace := searchPlay(t, s, n)
		if len(found) > 0 && !all {
			t.Log(n)
			searchReport(t, s, found, trace)
			return
		}
		for _, f := range found {
			if !slices.Contains(kinds[f.kind], seed) {
				kinds[f.kind] = append(kinds[f.kind], seed)
			}
		}
	}
	t.Log(n)
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		t.Errorf("%4d %s: seeds %v", len(kinds[kind]), kind, kinds[kind][:min(6, len(kinds[kind]))])
	}
}

// searchReport says what a seed found, after what.
func searchReport(t *testing.T, s *searchScenario, found []searchFinding, trace []string) {
	t.Helper()
	if len(found) == 0 {
		if testing.Verbose() {
			t.Log("\n" + strings.Join(trace, "\n"))
		}
		return
	}
	for _, f := range found {
		t.Errorf("TF_SEARCH_SEED=%d: %s: %s", s.seed, f.kind, f.detail)
	}
	t.Logf("what happened:\n%s", strings.Join(trace, "\n"))
}
