package identitycenter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

func TestFileCache(t *testing.T) {
	cache := FileCache{Dir: filepath.Join(t.TempDir(), "rolecall")}
	const instance = "arn:aws:sso:::instance/ssoins-1111111111111111"
	if got, err := cache.Load(instance); err != nil || got != nil {
		t.Errorf("a cache that is not there: %v, %v, want nothing", got, err)
	}
	sets := map[string]CachedSet{"arn:a": {Name: "a", Marked: true, Owner: "platform"}, "arn:b": {Marked: true, Lock: true}}
	if err := cache.Save(instance, sets); err != nil {
		t.Fatal(err)
	}
	got, err := cache.Load(instance)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sets, got); diff != "" {
		t.Errorf("(-saved +loaded):\n%s", diff)
	}
	if other, err := cache.Load("arn:aws:sso:::instance/ssoins-2222222222222222"); err != nil || other != nil {
		t.Errorf("another instance's: %v, %v, want nothing", other, err)
	}
	files, err := filepath.Glob(filepath.Join(cache.Dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v, want one", files, err)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	if err := os.WriteFile(files[0], []byte(`{"version":1,"permission_sets":{`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := cache.Load(instance); err != nil || got != nil {
		t.Errorf("a broken cache: %v, %v, want nothing", got, err)
	}
}

// Among thousands of foreign sets a warm cache costs one call per page of the
// list; without a cache one call per set tells that it is not ours.
func TestCallsAmongForeignSets(t *testing.T) {
	w := newWorld("platform", 5)
	for i := range 10 {
		w.group(fmt.Sprintf("group-%d", i), 5)
	}
	const foreign = 1000
	for i := range foreign {
		w.estate.PermissionSets = append(w.estate.PermissionSets, emulator.EstatePermissionSet{Name: fmt.Sprintf("foreign-%d", i)})
	}
	desired := w.b.State()
	e := start(t, emulator.Options{Estate: w.estate})
	dir := t.TempDir()
	readCalls := func() (int, access.State) {
		o := optionsFor(e.Transport(), emulator.ManagementKey)
		o.Cache = FileCache{Dir: dir}
		c, err := Connect(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		before := calls(e, SSOAdmin)
		s := read(t, c, ReadOptions{Desired: desired, Owner: "platform"})
		return calls(e, SSOAdmin) - before, s
	}
	cold, first := readCalls()
	warm, second := readCalls()
	const alone = 10*8 + 10 + 1 // everything on ten sets, ten groups, one page
	t.Logf("cold %d, warm %d, without the foreign sets %d", cold, warm, alone)
	if cold > alone+foreign+10 || warm > alone+10 {
		t.Errorf("cold %d and warm %d calls, want at most %d and %d", cold, warm, alone+foreign+10, alone+10)
	}
	if diff := cmp.Diff(lines(first), lines(second)); diff != "" {
		t.Errorf("a warm cache reads otherwise (-cold +warm):\n%s", diff)
	}
}

// lying is a cache that claims whatever it was told to.
type lying map[string]CachedSet

func (l lying) Load(string) (map[string]CachedSet, error) { return l, nil }
func (l lying) Save(string, map[string]CachedSet) error   { return os.ErrPermission }
func (l lying) Refused() error                            { return nil }

// The cache is never believed about a set that would be written: what it calls
// ours is asked for its tags, what the config names is read whatever it says.
func TestCacheIsNotTrusted(t *testing.T) {
	w := newWorld("platform", 1)
	w.group("Developers", 1)
	w.estate.PermissionSets = append(w.estate.PermissionSets, emulator.EstatePermissionSet{Name: "Theirs", Tags: map[string]string{access.OwnerTag: "other"}})
	e := start(t, emulator.Options{Estate: w.estate})
	claims := lying{"arn:aws:sso:::permissionSet/gone": {Name: "Gone", Owner: "platform"}}
	for _, p := range e.State().Instances[0].PermissionSets {
		claims[p.ARN] = CachedSet{Name: p.Name, Marked: true, Owner: "platform"}
		if p.Name == "Developers" {
			claims[p.ARN] = CachedSet{Name: p.Name, Marked: true, Owner: "other"}
		}
	}
	o := optionsFor(e.Transport(), emulator.ManagementKey)
	o.Cache = claims
	c, err := Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	s, notes, err := c.Read(t.Context(), ReadOptions{Desired: w.b.State(), Owner: "platform"})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Sets) != 1 || s.Sets[0].Name != "Developers" || s.Sets[0].Owner != "platform" {
		t.Errorf("sets %+v, want ours alone, as its tags say", s.Sets)
	}
	if len(notes) != 1 || notes[0].Code != CodeCacheNotSaved {
		t.Errorf("notes %v, want that the cache was not saved", notes)
	}
}

// A cache that others could write is not used, and the run says so; one that is
// in a shared folder such as /tmp is, where only the user can write it.
func TestCacheThatOthersCouldWriteIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Log("not root: folders of other users are not tried")
	}
	w := newWorld("platform", 1)
	w.group("Developers", 1)
	desired := w.b.State()
	e := start(t, emulator.Options{Estate: w.estate})
	for name, prepare := range map[string]func(dir string) error{
		"":                        func(string) error { return nil },
		"mode":                    func(dir string) error { return os.Chmod(dir, 0o777) },
		"group":                   func(dir string) error { return os.Chmod(dir, 0o770) },
		"sticky but its own":      func(dir string) error { return os.Chmod(dir, 0o777|os.ModeSticky) },
		"the folder above":        func(dir string) error { return os.Chmod(filepath.Dir(dir), 0o777) },
		"another user's":          func(dir string) error { return os.Chown(dir, 12345, -1) },
		"another user's above it": func(dir string) error { return os.Chown(filepath.Dir(dir), 12345, -1) },
	} {
		if strings.HasPrefix(name, "another") && os.Geteuid() != 0 {
			continue
		}
		dir := filepath.Join(t.TempDir(), "rolecall")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := prepare(dir); err != nil {
			t.Fatal(err)
		}
		o := optionsFor(e.Transport(), emulator.ManagementKey)
		o.Cache = FileCache{Dir: dir}
		c, err := Connect(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		read(t, c, ReadOptions{Desired: desired, Owner: "platform"})
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		refused := len(c.Notes()) == 1 && c.Notes()[0].Code == CodeCacheRefused
		if want := name != ""; refused != want || (len(files) == 0) != want {
			t.Errorf("%q: refused %t, files %v, want refused and nothing written: %t", name, refused, files, want)
		}
	}
}

// What is in the folder and could be of others is as if it were not there.
func TestCacheFileOfOthersIsNone(t *testing.T) {
	const instance = "arn:aws:sso:::instance/ssoins-1111111111111111"
	for name, prepare := range map[string]func(path string) error{
		"mode": func(path string) error { return os.Chmod(path, 0o666) },
		"link": func(path string) error {
			return errors.Join(os.Rename(path, path+".real"), os.Symlink(path+".real", path))
		},
		"huge": func(path string) error { return os.Truncate(path, largestCache+1) },
	} {
		cache := FileCache{Dir: t.TempDir()}
		if err := cache.Save(instance, map[string]CachedSet{"arn:a": {Name: "a"}}); err != nil {
			t.Fatal(err)
		}
		if err := prepare(cache.path(instance)); err != nil {
			t.Fatal(err)
		}
		if got, err := cache.Load(instance); err == nil || got != nil {
			t.Errorf("%s: loaded %v, %v, want an error", name, got, err)
		}
	}
}

// A cache that gives a set another set's name neither hides the set that bears it
// nor makes a plan out of the other one.
func TestCacheWithWrongNames(t *testing.T) {
	w := newWorld("platform", 1)
	w.group("Developers", 1)
	for _, name := range []string{"Admin", "Other"} {
		w.estate.PermissionSets = append(w.estate.PermissionSets, emulator.EstatePermissionSet{Name: name})
	}
	e := start(t, emulator.Options{Estate: w.estate})
	other := map[string]string{"Developers": "Other", "Other": "Admin", "Admin": "Developers"}
	claims := lying{}
	for _, p := range e.State().Instances[0].PermissionSets {
		claims[p.ARN] = CachedSet{Name: other[p.Name], Marked: true, Owner: map[bool]string{true: "other"}[p.Name == "Developers"]}
	}
	o := optionsFor(e.Transport(), emulator.ManagementKey)
	o.Cache = claims
	c, err := Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	s, notes, err := c.Read(t.Context(), ReadOptions{Desired: w.b.State(), Owner: "platform"})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Sets) != 1 || s.Sets[0].ARN != set(e, "Developers").ARN || s.Sets[0].Owner != "platform" {
		t.Errorf("sets %+v, want the one that AWS calls Developers", s.Sets)
	}
	if !slices.ContainsFunc(notes, func(d diag.Diagnostic) bool { return d.Code == CodeCacheWrong }) {
		t.Errorf("notes %v, want that the cache was wrong", notes)
	}
}
