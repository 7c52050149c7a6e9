package doctor_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/internal/doctor"
)

// TestGroupsOfOneName has a person in the group of the name that is not brought to
// AWS, and not in the one that is: that is no membership.
func TestGroupsOfOneName(t *testing.T) {
	for _, kind := range []idp.Kind{idp.Okta, idp.Entra} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, kind, nil)
				other := idp.Group{Name: team}
				if kind == idp.Okta {
					other.Source = "0oa1activedirectory01"
				}
				twin, err := w.idp.CreateGroup(t.Context(), other)
				w.must(err)
				mary, _ := w.idp.FindUser("mary@company.com")
				w.must(w.idp.AddMember(t.Context(), twin.ID, mary.ID))
				w.must(w.idp.Assign(t.Context(), idp.UserPrincipal, mary.ID))
				if kind == idp.Entra {
					w.sync()
				}
				time.Sleep(3 * time.Hour)
				r := w.diagnose(doctor.Person, "mary@company.com", production, w.connector())
				if got := causes(r); !slices.Equal(got, []string{"not-in-group"}) {
					t.Errorf("it names %v: %q", got, r.Answer)
				}
			})
		})
	}
}

// TestGroupsThatCannotBeToldApart has two groups of one name that are both assigned,
// and not in AWS: which one is meant nobody knows, and that is said.
func TestGroupsThatCannotBeToldApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, idp.Entra, nil)
		for range 2 {
			g, err := w.idp.CreateGroup(t.Context(), idp.Group{Name: "AWS-New"})
			w.must(err)
			w.must(w.idp.Assign(t.Context(), idp.GroupPrincipal, g.ID))
		}
		r := w.diagnose(doctor.Group, "AWS-New", production, w.connector())
		if !unsureOf(r, "membership-by-hand") {
			t.Errorf("nothing says that it cannot tell: %q", r.Answer)
		}
		for _, v := range append(r.Found(doctor.Problem), r.Found(doctor.Warning)...) {
			if v.Check != "group-missing" || !strings.Contains(v.Fix, "it is not clear which one is meant") {
				t.Errorf("%s: %s (%s)", v.Check, v.Cause, v.Fix)
			}
		}
	})
}
