package tfprovider

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// How much a plain `go test` searches: so many scenarios, or as many as can be played in
// that time, if those are more than the fewest in which every shape has to be reached.
const (
	searchScenarios = 80
	searchFewest    = 60
	searchSmall     = 4 * time.Second
)

// searchShapes are the dangerous shapes, and in how many scenarios of a hundred each is
// reached at least, or the search passes by luck.
var searchShapes = map[string]int{
	"provider kill": 5, "provider kill after": 5, "interrupted": 5, "converged after kill": 1, "converged after kill after": 1, "converged after interrupt": 1,
	"an unfinished creation is gone on with": 3, "an import block of a refusal is followed": 3,
	"-replace": 2, "taint": 1, "moved": 2, "another address without moved": 1, "one object at two addresses": 4, "adopt": 5, "import": 8, "an import takes somebody out": 1,
	"destroy all": 1, "two states at the same time": 4, "somebody acts between the plan and the apply": 10, "a write after somebody acted": 40,
	"an apply stops because of what somebody did":                  2,
	"somebody: marks a group as unfinished, with a stranger in it": 1, "somebody: makes a group of a name of the config": 1, "somebody: makes a set of a name of the config": 1,
	"somebody: deletes a group and makes it again": 1, "somebody: assigns a set to a stranger": 1, "somebody: takes an assignment away": 1,
	"somebody: puts a person into a group of the config": 1, "somebody: takes a set's mark away": 1,
}

// searchCounts is how much was done, and which dangerous shapes were reached.
type searchCounts struct {
	mu                                                               sync.Mutex
	scenarios, rounds, processes, calls, refusals, wholes, unchanged int
	shapes                                                           map[string]int
}

func newSearchCounts() *searchCounts { return &searchCounts{shapes: map[string]int{}} }

func (n *searchCounts) shape(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.shapes[name]++
}

// add counts one more of a counter.
func (n *searchCounts) add(counter *int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	*counter++
}

// reached judges that the search was where it is dangerous.
func (n *searchCounts) reached(t *testing.T) {
	t.Helper()
	for _, name := range searchSorted(searchShapes) {
		if want := searchShapes[name] * n.scenarios / 100; n.shapes[name] < want {
			t.Errorf("in %d scenarios a shape was reached %d times, want %d: %s", n.scenarios, n.shapes[name], want, name)
		}
	}
}

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
// one seed; TF_SEARCH_TIME searches so long, from TF_SEARCH_FROM on, and goes on after a
// find with TF_SEARCH_ALL.
func TestSearch(t *testing.T) {
	centertest.CleanEnvironment(t)
	searchSchema()
	n := newSearchCounts()
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
	began, small, all := time.Now(), true, os.Getenv("TF_SEARCH_ALL") != ""
	until := began.Add(searchSmall)
	if d, err := time.ParseDuration(os.Getenv("TF_SEARCH_TIME")); err == nil {
		until, small = began.Add(d), false
	}
	first, _ := strconv.ParseUint(os.Getenv("TF_SEARCH_FROM"), 10, 64) // 0 where it is not given
	kinds := map[string][]uint64{}
	for seed := first + 1; time.Now().Before(until) || small && n.scenarios < searchFewest; seed++ {
		if small && n.scenarios == searchScenarios {
			break
		}
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
	for _, kind := range searchSorted(kinds) {
		t.Errorf("%4d %s: seeds %v", len(kinds[kind]), kind, kinds[kind][:min(6, len(kinds[kind]))])
	}
	if n.scenarios >= searchFewest {
		n.reached(t)
	}
}

// searchReport says what a seed found, after what: the smallest scenario that shows it.
func searchReport(t *testing.T, s *searchScenario, found []searchFinding, trace []string) {
	t.Helper()
	if len(found) == 0 {
		t.Log("\n" + strings.Join(trace, "\n"))
		return
	}
	for _, f := range found {
		t.Errorf("TF_SEARCH_SEED=%d: %s: %s", s.seed, f.kind, f.detail)
	}
	_, trace = searchPlay(t, searchSmallest(t, s, found[0].kind, time.Now().Add(10*time.Second)), newSearchCounts())
	t.Logf("the least that shows %s:\n%s", found[0].kind, strings.Join(trace, "\n"))
}
