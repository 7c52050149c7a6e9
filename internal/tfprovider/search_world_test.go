package tfprovider

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// The names that configs and others use. Whatever the searcher does is about these.
const (
	searchOwner = "platform"
	searchRival = "rival"
	// searchLook is how old a look may be that a write goes by.
	searchLook = 60 * time.Second
)

var (
	searchGroups   = []string{"Alpha", "Beta", "Gamma", "Delta"}
	searchExternal = []string{"Sync-A", "Sync-B"}
	searchPeople   = []string{"ann", "bob", "cay"}                        // whom the estate has
	searchNewUsers = []string{"uma", "vic"}                               // whom configs make
	searchAccounts = []string{"dev", "stage", "prod"}                     // where configs give access
	searchBy       = []string{"Manual", "Breakglass"}                     // groups by hand
	searchArns     = searchSorted(searchPolicies)[:4]                     // the managed ones
	searchRunWord  = regexp.MustCompile(`unfinished[^"]*"[^"]*"?[^"]*"?`) // of a mark: chance
)

// searchWorld is one AWS, with somebody hostile in it.
type searchWorld struct {
	searchtest.Caller // somebody hostile

	t      testing.TB
	e      *emulator.Emulator
	sem    chan struct{} // one call at a time
	last   *searchSnap
	runs   []*searchRun    // those that are planned or under way
	made   map[string]bool // ids of what our own calls made, ever
	acted  bool            // somebody else did something since all was clean
	jobs   time.Duration   // how long a job takes
	ours   map[string]bool // what jobs of ours will do, or did
	late   time.Duration   // how late reads see a write
	mu     sync.Mutex      // of what is below: two states may be at work
	trace  []string
	found  []searchFinding
	counts *searchCounts
}

// searchFinding is a broken rule.
type searchFinding struct{ kind, detail string }

func newSearchWorld(t testing.TB, s *searchScenario, n *searchCounts) *searchWorld {
	e, err := emulator.New(emulator.Options{Estate: searchEstate(), Seed: s.seed, CallLog: 1, VisibilityDelay: s.late, JobLatency: emulator.Latency{Min: s.jobs, Max: s.jobs}})
	if err != nil {
		t.Fatal(err)
	}
	w := &searchWorld{t: t, e: e, Caller: searchtest.CallerOf(t, e), sem: make(chan struct{}, 1), made: map[string]bool{}, ours: map[string]bool{}, counts: n, jobs: s.jobs, late: s.late}
	w.last = searchSnapOf(e)
	return w
}

func searchEstate() *emulator.Estate {
	e := &emulator.Estate{Organization: &emulator.EstateOrganization{Management: "management"}}
	for i, name := range append([]string{"management"}, searchAccounts...) {
		e.Accounts = append(e.Accounts, emulator.EstateAccount{ID: fmt.Sprintf("1000000000%02d", i), Name: name})
	}
	for _, name := range append([]string{"mallory", "zed"}, searchPeople...) {
		e.Users = append(e.Users, emulator.EstateUser{UserName: name})
	}
	for i, name := range searchExternal {
		e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: name, Source: emulator.FromSCIM, Members: []string{searchPeople[i]}})
	}
	e.Groups = append(e.Groups,
		emulator.EstateGroup{DisplayName: "Manual", Members: []string{"mallory"}},
		emulator.EstateGroup{DisplayName: "Breakglass", Members: []string{"mallory"}},
		emulator.EstateGroup{DisplayName: "Foreign", Description: "[rolecall:" + searchRival + "]", Members: []string{"mallory"}})
	e.PermissionSets = []emulator.EstatePermissionSet{
		{Name: "Theirs", Tags: map[string]string{"rolecall:owner": searchRival}, AWSManagedPolicies: searchArns[:1]},
		{Name: "Nobodys", AWSManagedPolicies: searchArns[1:2]},
	}
	e.Assignments = []emulator.EstateAssignment{
		{PermissionSet: "Theirs", Accounts: []string{"dev"}, Group: "Foreign"},
		{PermissionSet: "Nobodys", Accounts: []string{"dev", "prod"}, Group: "Manual"},
	}
	return e
}

// log keeps what happened, for a failing run.
func (w *searchWorld) log(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trace = append(w.trace, time.Now().Format("15:04:05 ")+fmt.Sprintf(format, args...))
}

func (w *searchWorld) violate(kind, format string, args ...any) {
	f := searchFinding{kind, fmt.Sprintf(format, args...)}
	w.log("!!! %s: %s", kind, f.detail)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.found = append(w.found, f)
}

// expect notes what the job that a call of ours starts will do.
func (w *searchWorld) expect(op string, body []byte) {
	var b struct{ PermissionSetArn, TargetId, PrincipalId string }
	if w.jobs == 0 || json.Unmarshal(body, &b) != nil {
		return
	}
	for _, key := range w.last.Expected(op, b.PermissionSetArn, b.TargetId, b.PrincipalId) {
		w.ours[key] = true
	}
}

// catchUp judges what jobs of ours did since the last look, and tells of others'.
func (w *searchWorld) catchUp(r *searchRun) {
	if w.jobs == 0 {
		return
	}
	was := w.last
	w.last = searchSnapOf(w.e)
	effects := was.diff(w.last)
	if len(effects) == 0 {
		return
	}
	w.log("    a job is done:%s", searchDescribe(was, w.last, effects))
	if slices.ContainsFunc(effects, func(x searchtest.Effect) bool { return !w.ours[x.Key()] }) {
		w.others(nil, was, w.last)
	} else if r != nil {
		r.judge("a job", was, w.last, effects)
	}
}

// pass lets jobs end, and reads see all.
func (w *searchWorld) pass(r *searchRun) {
	time.Sleep(2 * (w.jobs + w.late))
	w.catchUp(r)
}

// others tells every run but that one what somebody else did: it counts as before
// from then on, and what was looked at shortly before may be out of date.
func (w *searchWorld) others(by *searchRun, was, now *searchSnap) {
	ids := was.altered(now)
	for _, x := range was.diff(now) {
		ids = append(ids, x.Objects()...)
	}
	for _, r := range w.runs {
		if r != by {
			r.happened(ids, was, now)
		}
	}
}
