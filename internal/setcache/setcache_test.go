package setcache_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/setcache"
)

func TestFileCache(t *testing.T) {
	cache := setcache.Folder{Dir: filepath.Join(t.TempDir(), "rolecall")}
	const instance = "arn:aws:sso:::instance/ssoins-1111111111111111"
	if got, err := cache.Load(instance); err != nil || got != nil {
		t.Errorf("a cache that is not there: %v, %v, want nothing", got, err)
	}
	sets := map[string]identitycenter.CachedSet{"arn:a": {Name: "a", Marked: true, Owner: "platform"}, "arn:b": {Marked: true, Lock: true}}
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

// A cache that others could write is not used, and the run says so; one that is
// in a shared folder such as /tmp is, where only the user can write it.
func TestCacheThatOthersCouldWriteIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Log("not root: folders of other users are not tried")
	}
	w := centertest.NewWorld("platform", 1)
	w.Group("Developers", 1)
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
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
		o := centertest.OptionsFor(e.Transport(), emulator.ManagementKey)
		o.Cache = setcache.Folder{Dir: dir}
		c := centertest.Connect(t, o)
		if _, _, err := c.DescribePermissionSet(t.Context(), centertest.Set(e, "Developers").ARN); err != nil {
			t.Fatal(err)
		}
		if err := c.SaveNames(nil); err != nil {
			t.Error(err)
		}
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		refused := len(c.Notes()) == 1 && c.Notes()[0].Code == identitycenter.CodeCacheRefused
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
		"huge": func(path string) error { return os.Truncate(path, setcache.Largest+1) },
	} {
		cache := setcache.Folder{Dir: t.TempDir()}
		if err := cache.Save(instance, map[string]identitycenter.CachedSet{"arn:a": {Name: "a"}}); err != nil {
			t.Fatal(err)
		}
		if err := prepare(setcache.PathOf(cache, instance)); err != nil {
			t.Fatal(err)
		}
		if got, err := cache.Load(instance); err == nil || got != nil {
			t.Errorf("%s: loaded %v, %v, want an error", name, got, err)
		}
	}
}
