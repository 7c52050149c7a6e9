package plan_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The search makes small worlds, plans in them, and looks at every order of what
// each plan does for a moment in which somebody can do more than before and after
// together; and for whatever else no plan may do (rules).
//
//	go test ./internal/plan -run TestSearch                    the same cases each time
//	PLAN_SEARCH_TIME=2m go test ./internal/plan -run TestSearch   as many as fit
//	PLAN_SEARCH_SEED=123 go test ./internal/plan -run TestSearch  this one
//	PLAN_SEARCH_FROM=1000000                                    begin elsewhere
//	PLAN_SEARCH_CASES=1000                                      fewer, or more
const searchCases = 8_000

// judge returns all that is wrong with the plan of a case, at most one of each
// promise and rule.
func judge(s sketch, count *shapes) (wrong []*problem) {
	live, want, p := s.plan()
	c, found := compile(s, &live, &want, p)
	if found != nil {
		if found.kind == "too large" {
			return nil
		}
		return []*problem{found}
	}
	if count != nil {
		count.note(c, s)
	}
	for _, look := range []func(*projection, *sim) *problem{withinBoth, oneEnd, nothingLost} {
		found, states := c.projected(look)
		if count != nil {
			count.states += states
		}
		if found != nil {
			wrong = append(wrong, found)
		}
	}
	for _, rule := range rules {
		if found := rule(c, s); found != nil {
			wrong = append(wrong, found)
		}
	}
	return wrong
}

func TestSearch(t *testing.T) {
	if seed := os.Getenv("PLAN_SEARCH_SEED"); seed != "" {
		n, err := strconv.ParseUint(seed, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range judge(drawSketch(n), nil) {
			explain(t, n, found)
		}
		return
	}
	from, _ := strconv.ParseUint(os.Getenv("PLAN_SEARCH_FROM"), 10, 64)
	length, err := time.ParseDuration(os.Getenv("PLAN_SEARCH_TIME"))
	timed, cases := err == nil, searchCases
	if n, err := strconv.Atoi(os.Getenv("PLAN_SEARCH_CASES")); err == nil {
		cases = n
	}
	start, count, kinds := time.Now(), &shapes{seen: map[string]int{}}, map[string]int{}
	for i := 0; timed && time.Since(start) < length || !timed && i < cases; i++ {
		seed := from + uint64(i)
		for _, found := range judge(drawSketch(seed), count) {
			kinds[found.kind]++
			if kinds[found.kind] == 1 {
				explain(t, seed, found)
			}
		}
	}
	t.Logf("%d plans with changes, %d states, %s; shapes:\n%s", count.plans, count.states, time.Since(start).Round(time.Millisecond), count)
	for _, k := range kindsSorted(kinds) {
		t.Errorf("%6d plans: %s", kinds[k], k)
	}
	if !timed && cases >= searchCases {
		count.enough(t)
	}
}

func explain(t *testing.T, seed uint64, found *problem) {
	small, smallest := shrink(drawSketch(seed), found)
	t.Errorf("made as small as it goes: %s", report(seed, small, smallest))
}

func kindsSorted(m map[string]int) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.SortFunc(out, strings.Compare)
	return out
}
