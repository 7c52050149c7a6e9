package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// A set with our mark and that of a lock stays as it is and is an error: whoever
// tags a set must neither hide it nor have it deleted.
func TestOwnedSetWithALocksTagIsAnError(t *testing.T) {
	tagged := func(p *access.PermissionSet) {
		p.Tags = append(p.Tags, access.Tag{Key: access.LockTag, Value: "me"})
	}
	live := newWorld().account("dev").group("Team", "").set("Team", "me", tagged).assign("Team", "dev", "Team").state()
	for name, want := range map[string]access.State{"in the config": external(spec("Team", "dev")), "not in the config": external()} {
		o := options(access.SCIM)
		o.Guards.RemovalsOff = true
		p := Diff(&want, &live, o)
		if got := ids(p); len(got) > 0 {
			t.Errorf("%s: %v", name, got)
		}
		if refusals(p, LockMark) == nil {
			t.Errorf("%s: no error: %v", name, p.Findings)
		}
	}
}

// What Terraform made is told, and is nothing blocked: every run of the command
// would else end as partly applied.
func TestWhatTheOtherDoorMadeIsTold(t *testing.T) {
	live := newWorld().account("dev").group("Team", "me", func(g *access.Group) { g.Via = "terraform" }).
		set("Team", "me", func(p *access.PermissionSet) {
			p.Tags = append(p.Tags, access.Tag{Key: access.ViaTag, Value: "terraform"})
		}).assign("Team", "dev", "Team").state()
	want := internal(nil)
	p := Diff(&want, &live, options(access.BuiltIn))
	if len(p.Changes)+len(p.Blocked) > 0 {
		t.Errorf("changes %v, blocked %v", ids(p), p.Blocked)
	}
	for _, what := range []string{`permission set "Team" was created by Terraform`, `group "Team" was created by Terraform`} {
		if !slices.ContainsFunc(p.Findings, func(f diag.Diagnostic) bool { return f.Severity == diag.Note && strings.Contains(f.Summary, what) }) {
			t.Errorf("nothing says that %s: %v", what, p.Findings)
		}
	}
}

// Of many, one note has the names.
func TestManyOfTheOtherDoorAreToldAtOnce(t *testing.T) {
	w := newWorld()
	for i := range 12 {
		w.group(fmt.Sprintf("Team%02d", i), "me", func(g *access.Group) { g.Via = "terraform" })
	}
	live, want := w.state(), internal(nil)
	p := Diff(&want, &live, options(access.BuiltIn))
	if len(p.Findings) != 1 || p.Findings[0].Summary != "12 groups were created by Terraform and are left to it" || !strings.Contains(p.Findings[0].Detail, `"Team09" and 2 more.`) {
		t.Errorf("%+v", p.Findings)
	}
}

// What an ignore pattern hides is counted as such, and once; nothing of it is
// said to be outside of --only.
func TestWhatIsLeftAloneIsCountedOnce(t *testing.T) {
	live := newWorld().account("dev").group("Team", "").group("Other", "").set("Team", "me").assign("Team", "dev", "Team").assign("Team", "dev", "Other").state()
	want := external(spec("Team", "dev"))
	o := options(access.SCIM)
	o.Ignore = []string{"group:Other"}
	if p := Diff(&want, &live, o); p.Outside != 0 || p.Hidden == nil || p.Hidden.Assignments != 1 || len(ids(p)) > 0 {
		t.Errorf("with an ignore pattern: outside %d, hidden %+v", p.Outside, p.Hidden)
	}
	o = options(access.SCIM)
	o.Scope = Scope{Groups: []string{"Team"}, Sets: []string{"Team"}, Only: true}
	if p := Diff(&want, &live, o); p.Outside != 1 || p.Hidden != nil || len(ids(p)) > 0 {
		t.Errorf("with --only: outside %d, hidden %+v", p.Outside, p.Hidden)
	}
}
