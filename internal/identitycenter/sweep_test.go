package identitycenter

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
)

// A deep read that is interrupted goes on where it was, says so, and finds the
// same as one that was not.
func TestDeepReadGoesOn(t *testing.T) {
	w := newWorld("platform", 200)
	w.group("Developers", 200)
	w.estate.Users = []emulator.EstateUser{{UserName: "jane"}}
	w.assign("Developers", emulator.EstateAssignment{User: "jane"}, "account-003", "account-150")
	desired := w.b.State()
	e := start(t, emulator.Options{Estate: w.estate})
	c := connect(t, e, delegatedKey)
	options := ReadOptions{Desired: desired, Owner: "platform", Deep: true}
	want := read(t, c, options)

	log := FileCache{Dir: t.TempDir()}
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
	if diff := cmp.Diff(lines(want), lines(got)); diff != "" {
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

func TestSweepLogSurvivesACutLine(t *testing.T) {
	log := FileCache{Dir: t.TempDir()}
	const instance = "arn:aws:sso:::instance/ssoins-1111111111111111"
	if err := log.AppendSweep(instance, []SweptPair{{Set: "a", Account: "1"}, {Set: "b", Account: "2"}}); err != nil {
		t.Fatal(err)
	}
	path := log.sweepPath(instance)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data[:len(data)-5], 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := log.LoadSweep(instance); err != nil || len(got) != 1 || got[0].Set != "a" {
		t.Errorf("loaded %v, %v, want the one whole line", got, err)
	}
}
