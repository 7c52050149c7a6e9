package read

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/setcache"
)

// Among thousands of foreign sets a warm cache costs one call per page of the
// list; without a cache one call per set tells that it is not ours.
func TestCallsAmongForeignSets(t *testing.T) {
	w := centertest.NewWorld("platform", 5)
	for i := range 10 {
		w.Group(fmt.Sprintf("group-%d", i), 5)
	}
	const foreign = 1000
	for i := range foreign {
		w.Estate.PermissionSets = append(w.Estate.PermissionSets, emulator.EstatePermissionSet{Name: fmt.Sprintf("foreign-%d", i)})
	}
	desired := w.B.State()
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	dir := t.TempDir()
	readCalls := func() (int, access.State) {
		o := centertest.OptionsFor(e.Transport(), emulator.ManagementKey)
		o.Cache = setcache.Folder{Dir: dir}
		c := centertest.Connect(t, o)
		before := centertest.Calls(e, identitycenter.SSOAdmin)
		s := read(t, New(c), Options{Desired: desired, Owner: "platform"})
		return centertest.Calls(e, identitycenter.SSOAdmin) - before, s
	}
	cold, first := readCalls()
	warm, second := readCalls()
	const alone = 10*8 + 10 + 1 // everything on ten sets, ten groups, one page
	t.Logf("cold %d, warm %d, without the foreign sets %d", cold, warm, alone)
	if cold > alone+foreign+10 || warm > alone+10 {
		t.Errorf("cold %d and warm %d calls, want at most %d and %d", cold, warm, alone+foreign+10, alone+10)
	}
	if diff := cmp.Diff(centertest.Lines(first), centertest.Lines(second)); diff != "" {
		t.Errorf("a warm cache reads otherwise (-cold +warm):\n%s", diff)
	}
}

// The cache is never believed about a set that would be written: what it calls
// ours is asked for its tags, what the config names is read whatever it says.
func TestCacheIsNotTrusted(t *testing.T) {
	w := centertest.NewWorld("platform", 1)
	w.Group("Developers", 1)
	w.Estate.PermissionSets = append(w.Estate.PermissionSets, emulator.EstatePermissionSet{Name: "Theirs", Tags: map[string]string{access.OwnerTag: "other"}})
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	claims := centertest.Lying{"arn:aws:sso:::permissionSet/gone": {Name: "Gone", Owner: "platform"}}
	for _, p := range e.State().Instances[0].PermissionSets {
		claims[p.ARN] = identitycenter.CachedSet{Name: p.Name, Marked: true, Owner: "platform"}
		if p.Name == "Developers" {
			claims[p.ARN] = identitycenter.CachedSet{Name: p.Name, Marked: true, Owner: "other"}
		}
	}
	s, notes := believing(t, e, claims, w.B.State())
	if len(s.Sets) != 1 || s.Sets[0].Name != "Developers" || s.Sets[0].Owner != "platform" {
		t.Errorf("sets %+v, want ours alone, as its tags say", s.Sets)
	}
	if len(notes) != 1 || notes[0].Code != identitycenter.CodeCacheNotSaved {
		t.Errorf("notes %v, want that the cache was not saved", notes)
	}
}

// believing reads with a cache that lies.
func believing(t *testing.T, e *emulator.Emulator, claims centertest.Lying, desired access.State) (access.State, []diag.Diagnostic) {
	t.Helper()
	o := centertest.OptionsFor(e.Transport(), emulator.ManagementKey)
	o.Cache = claims
	s, notes, err := New(centertest.Connect(t, o)).Read(t.Context(), Options{Desired: desired, Owner: "platform"})
	if err != nil {
		t.Fatal(err)
	}
	return s, notes
}

// A cache that gives a set another set's name neither hides the set that bears it
// nor makes a plan out of the other one.
func TestCacheWithWrongNames(t *testing.T) {
	w := centertest.NewWorld("platform", 1)
	w.Group("Developers", 1)
	for _, name := range []string{"Admin", "Other"} {
		w.Estate.PermissionSets = append(w.Estate.PermissionSets, emulator.EstatePermissionSet{Name: name})
	}
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	other := map[string]string{"Developers": "Other", "Other": "Admin", "Admin": "Developers"}
	claims := centertest.Lying{}
	for _, p := range e.State().Instances[0].PermissionSets {
		claims[p.ARN] = identitycenter.CachedSet{Name: other[p.Name], Marked: true, Owner: map[bool]string{true: "other"}[p.Name == "Developers"]}
	}
	s, notes := believing(t, e, claims, w.B.State())
	if len(s.Sets) != 1 || s.Sets[0].ARN != centertest.Set(e, "Developers").ARN || s.Sets[0].Owner != "platform" {
		t.Errorf("sets %+v, want the one that AWS calls Developers", s.Sets)
	}
	if !slices.ContainsFunc(notes, func(d diag.Diagnostic) bool { return d.Code == identitycenter.CodeCacheWrong }) {
		t.Errorf("notes %v, want that the cache was wrong", notes)
	}
}
