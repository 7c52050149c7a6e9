package plan_test

import (
	"fmt"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	. "github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/plan/model"
)

// A group that the config has and grants nothing for a while has to be the same one
// when it is granted something again.
func TestWhoIsGrantedNothingStaysOnRecord(t *testing.T) {
	for _, again := range []bool{false, true} {
		live := newWorld().account("dev").group("Team", "", func(g *access.Group) { g.ID = "g-old" }).group("Other", "").
			set("Shared", "me").assign("Shared", "dev", "Team").assign("Shared", "dev", "Other").state()
		idle := external(onSet("Shared", "Other", "dev"), onSet("Shared", "Team"))
		p := Diff(&idle, &live, options(access.SCIM))
		if len(p.Changes) == 0 || p.Refused() {
			t.Fatalf("%v, %v", ids(p), p.Findings)
		}
		for _, c := range p.Changes {
			live = model.After(live, c)
		}
		if !again {
			live.Groups[live.GroupIndex("Team")].ID = "g-new" // deleted, and made by others
		}
		want := external(onSet("Shared", "Other", "dev"), onSet("Shared", "Team", "dev"))
		if got := len(refusals(Diff(&want, &live, options(access.SCIM)), Rebind)) > 0; got == again {
			t.Errorf("the same group %t, asked %t", again, got)
		}
	}
}

// Of a set with more principals than its record has room for, the assignment that a
// group left behind is evidence wherever the config has the name now.
func TestAnOrphanBesideARecordWithoutRoomIsEvidenceElsewhere(t *testing.T) {
	for _, c := range []struct {
		holds, asks bool
	}{{false, true}, {true, false}} {
		w := newWorld().account("dev").account("prod").group("Team", "").set("Shared", "me").set("New", "me").orphan("Shared", "dev", "g-old")
		var r access.Record
		var specs []access.GroupSpec
		for i := range 205 {
			name := fmt.Sprintf("G%03d", i)
			w.group(name, "").assign("Shared", "dev", name)
			r.Principals = append(r.Principals, meantGroup(name, "g-"+name))
			specs = append(specs, onSet("Shared", name, "dev"))
		}
		live := w.b.State()
		r.Principals = append(r.Principals, meantGroup("Team", "g-old"))
		recordOn(&live, "Shared", r)
		if c.holds { // it is known by another record
			recordOn(&live, "New", access.Record{Principals: []access.RecordedPrincipal{meantGroup("Team", "g-Team")}})
		} else {
			recordOn(&live, "New", access.Record{})
		}
		want := external(append(specs, onSet("New", "Team", "prod"))...)
		if got := len(refusals(Diff(&want, &live, options(access.SCIM)), Rebind)) > 0; got != c.asks {
			t.Errorf("known elsewhere %t: asked %t", c.holds, got)
		}
	}
}
