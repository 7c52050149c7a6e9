package read

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/setcache"
)

// A deep read that is interrupted goes on where it was, says so, and finds the
// same as one that was not.
func TestDeepReadGoesOn(t *testing.T) {
	w := centertest.NewWorld("platform", 200)
	w.Group("Developers", 200)
	w.Estate.Users = []emulator.EstateUser{{UserName: "jane"}}
	w.Assign("Developers", emulator.EstateAssignment{User: "jane"}, "account-003", "account-150")
	desired := w.B.State()
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	c := reader(t, e, centertest.DelegatedKey)
	options := Options{Desired: desired, Owner: "platform", Deep: true}
	want := read(t, c, options)

	log := setcache.Folder{Dir: t.TempDir()}
	options.Sweep = log
	ctx, cancel := context.WithCancel(t.Context())
	options.Progress = func(p Progress) {
		if p.What == "assignments" && p.Done == 120 {
			cancel()
		}
	}
	if _, _, err := c.Read(ctx, options); err == nil {
		t.Fatal("the read was not interrupted")
	}
	options.Progress = nil
	before := e.Stats().Calls["sso-admin.ListAccountAssignments"]
	got := read(t, c, options)
	if made := e.Stats().Calls["sso-admin.ListAccountAssignments"] - before; made > 80 {
		t.Errorf("%d of 200 pairs were read again, want the 80 that were left", made)
	}
	if diff := cmp.Diff(centertest.Lines(want), centertest.Lines(got)); diff != "" {
		t.Errorf("state (-undisturbed +resumed):\n%s", diff)
	}
	if got.Observed.Complete || len(got.Observed.SetUses)+len(got.Observed.Holders) > 0 || !want.Observed.Complete {
		t.Errorf("observed %+v: what an earlier read had read makes nothing complete", got.Observed)
	}
	if text := strings.Join(got.Observed.CannotSee, "\n"); !strings.Contains(text, "interrupted") {
		t.Errorf("nothing says that part of it is older: %s", text)
	}
	if files, err := filepath.Glob(filepath.Join(log.Dir, "*")); err != nil || len(files) != 0 {
		t.Errorf("files %v, %v, want none after a sweep that is over", files, err)
	}
}
