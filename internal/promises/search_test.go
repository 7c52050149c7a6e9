package promises

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

func TestMain(m *testing.M) {
	centertest.BeforeBubbles()
	os.Exit(m.Run())
}

// smallTime is how long the search takes at most in a plain `go test`, and
// smallSteps how many steps it does. From shapesFrom on, every dangerous shape
// has to be among them.
const (
	smallTime  = 6 * time.Second
	smallSteps = 20_000
	shapesFrom = 60_000
)

// playIn plays a scenario in a bubble of its own and returns what it broke.
func playIn(t *testing.T, dir string, s *scenario, n *counts, trace ...func(string, ...any)) (found []violation) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dir, s.conf.clone(), emulator.Options{
			Seed: s.seed, JobLatency: emulator.Latency{Min: s.jobs, Max: s.jobs}, VisibilityDelay: s.late}, n)
		for _, f := range trace {
			w.trace = f
		}
		s.play(w)
		found = w.found
	})
	n.scenarios++
	return found
}

// find is the first scenario that showed a kind.
type find struct {
	kind, detail string
	times        int
	seed         uint64
	scenario     *scenario // the smallest that still shows it
	small        bool
}

// search is a search by several at once.
type search struct {
	mu    sync.Mutex
	next  uint64
	until time.Time
	steps int // 0: by time
	total *counts
	finds map[string]*find
	goOn  bool
}

func (s *search) seed() (uint64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.steps > 0 && s.total.steps >= s.steps || time.Now().After(s.until) || !s.goOn && len(s.finds) > 0 {
		return 0, false
	}
	s.next++
	return s.next, true
}

// note takes what a scenario broke.
func (s *search) note(x *scenario, found []violation, n *counts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total.add(n)
	seen := map[string]bool{}
	for _, v := range found {
		if seen[v.kind] {
			continue
		}
		seen[v.kind] = true
		if f := s.finds[v.kind]; f != nil {
			f.times++
			continue
		}
		s.finds[v.kind] = &find{kind: v.kind, detail: v.detail, times: 1, seed: x.seed, scenario: x}
	}
}

func (s *search) work(t *testing.T, dir string) {
	for {
		seed, ok := s.seed()
		if !ok {
			return
		}
		x, n := generate(seed), newCounts()
		s.note(x, playIn(t, dir, x, n), n)
	}
}

// shrink makes the finds smaller, for so long.
func (s *search) shrink(t *testing.T, dir string, each time.Duration) {
	for {
		s.mu.Lock()
		var f *find
		for _, kind := range slices.Sorted(maps.Keys(s.finds)) {
			if !s.finds[kind].small {
				f = s.finds[kind]
				f.small = true
				break
			}
		}
		s.mu.Unlock()
		if f == nil {
			return
		}
		f.scenario, f.detail = smallest(t, dir, f.scenario, f.kind, f.detail, time.Now().Add(each))
	}
}

// smallest drops what a scenario does not need to break a promise in the same
// way.
func smallest(t *testing.T, dir string, x *scenario, kind, detail string, until time.Time) (*scenario, string) {
	shows := func(y *scenario) bool {
		if time.Now().After(until) {
			return false
		}
		for _, v := range playIn(t, dir, y, newCounts()) {
			if v.kind == kind {
				detail = v.detail
				return true
			}
		}
		return false
	}
	for smaller := true; smaller; {
		smaller = false
		for _, y := range x.without() {
			if shows(y) {
				x, smaller = y, true
				break
			}
		}
	}
	return x, detail
}

// without returns the scenarios that lack one thing, large ones first.
func (s *scenario) without() (out []*scenario) {
	change := func(do func(*scenario)) {
		y := *s
		y.ops = slices.Clone(s.ops)
		do(&y)
		out = append(out, &y)
	}
	for size := len(s.ops) / 2; size > 1; size /= 2 {
		for i := 0; i+size <= len(s.ops); i += size {
			change(func(y *scenario) { y.ops = slices.Delete(y.ops, i, i+size) })
		}
	}
	for i := len(s.ops) - 1; i >= 0; i-- {
		change(func(y *scenario) { y.ops = slices.Delete(y.ops, i, i+1) })
	}
	for i, o := range s.ops {
		for j := range o.during {
			change(func(y *scenario) { y.ops[i].during = slices.Delete(slices.Clone(o.during), j, j+1) })
		}
		for j := range o.open {
			change(func(y *scenario) { y.ops[i].open = slices.Delete(slices.Clone(o.open), j, j+1) })
		}
		if o.what == "run" && o.how != check && o.how != auto {
			change(func(y *scenario) { y.ops[i].how, y.ops[i].open = auto, nil })
		}
		if len(o.flags.args()) > 0 && i > 0 {
			change(func(y *scenario) { y.ops[i].flags = flags{} })
		}
	}
	if s.jobs > 0 {
		change(func(y *scenario) { y.jobs = 0 })
	}
	if s.late > 0 {
		change(func(y *scenario) { y.late = 0 })
	}
	if s.caller {
		change(func(y *scenario) { y.caller = false })
	}
	return append(out, s.smallerConfigs()...)
}

func (s *scenario) smallerConfigs() (out []*scenario) {
	change := func(do func(*conf)) {
		y := *s
		y.conf = s.conf.clone()
		do(y.conf)
		out = append(out, &y)
	}
	for i := range s.conf.groups {
		if len(s.conf.groups) > 1 {
			change(func(c *conf) { c.groups = slices.Delete(c.groups, i, i+1) })
		}
		for j := range s.conf.groups[i].accounts {
			change(func(c *conf) { c.groups[i].accounts = slices.Delete(c.groups[i].accounts, j, j+1) })
		}
	}
	for i, x := range s.conf.sets {
		if x.inline > 0 {
			change(func(c *conf) { c.sets[i].inline = 0 })
		}
		if x.boundary > 0 {
			change(func(c *conf) { c.sets[i].boundary = 0 })
		}
		if len(x.managed) > 1 {
			change(func(c *conf) { c.sets[i].managed = c.sets[i].managed[:1] })
		}
	}
	return out
}

// TestSearch looks for counterexamples of the promises: see the package's
// comment for its forms.
func TestSearch(t *testing.T) {
	if one := os.Getenv("PROMISES_SEED"); one != "" {
		replaySeed(t, one)
		return
	}
	s := &search{until: time.Now().Add(smallTime), total: newCounts(), finds: map[string]*find{}, goOn: os.Getenv("PROMISES_REPORT") != ""}
	s.steps = smallSteps
	if d, err := time.ParseDuration(os.Getenv("PROMISES_TIME")); err == nil {
		s.until, s.steps = time.Now().Add(d), 0
	}
	if n, err := strconv.Atoi(os.Getenv("PROMISES_STEPS")); err == nil {
		s.until, s.steps = time.Now().Add(24*time.Hour), n
	}
	if from, err := strconv.ParseUint(os.Getenv("PROMISES_FROM"), 10, 64); err == nil {
		s.next = from - 1
	}
	began := time.Now()
	atOnce(t, "search", s.work)
	took := time.Since(began)
	atOnce(t, "shrink", func(t *testing.T, dir string) { s.shrink(t, dir, 5*time.Second) })
	t.Logf("seeds to %d in %s, %.0f steps a second\n%s", s.next, took.Round(time.Second), float64(s.total.steps)/took.Seconds(), s.total)
	s.report(t)
	for _, name := range shapes {
		if want := 1 + s.total.steps/50_000; s.total.shapes[name] < want && s.total.steps >= shapesFrom {
			t.Errorf("in %d steps a shape was reached %d times, want %d: %s", s.total.steps, s.total.shapes[name], want, name)
		}
	}
}

// atOnce runs two of them, as a small machine has two cores.
func atOnce(t *testing.T, name string, do func(t *testing.T, dir string)) {
	t.Run(name, func(t *testing.T) {
		for i := range 2 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				dir := filepath.Join(t.TempDir(), "access")
				if err := os.Mkdir(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				do(t, dir)
			})
		}
	})
}

func (s *search) report(t *testing.T) {
	for _, kind := range slices.Sorted(maps.Keys(s.finds)) {
		f := s.finds[kind]
		say := t.Errorf
		if s.goOn {
			say = t.Logf
		}
		say("%s (%d times), PROMISES_SEED=%d\n%s\nthe smallest that shows it:\n%s", f.kind, f.times, f.seed, f.detail, f.scenario)
	}
}

func replaySeed(t *testing.T, text string) {
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "access")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	x, n := generate(seed), newCounts()
	t.Logf("seed %d: %s", seed, x)
	found := playIn(t, dir, x, n, t.Logf)
	t.Log(n)
	seen := map[string]bool{}
	for _, v := range found {
		t.Errorf("%s: %s", v.kind, v.detail)
		if seen[v.kind] || os.Getenv("PROMISES_REPORT") == "" {
			continue
		}
		seen[v.kind] = true
		small, detail := smallest(t, dir, x, v.kind, v.detail, time.Now().Add(20*time.Second))
		t.Logf("%s, the smallest: %s\n%s", v.kind, strings.TrimSpace(detail), small)
	}
}
