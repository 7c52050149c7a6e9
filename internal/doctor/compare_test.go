package doctor_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/doctor"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
)

// compare compares both systems about so many groups or users.
func (w *world) compare(d directory.Directory, most int) ([]doctor.Verdict, doctor.Compared, error) {
	w.t.Helper()
	desired, cfg := w.desired()
	live, _, err := read.New(w.client()).Identities(w.t.Context(), desired)
	w.must(err)
	return doctor.Compare(w.t.Context(), doctor.Case{Desired: desired, Live: live, SetUp: cfg.SetUp(), IdP: cfg.IdPName(), Now: time.Now(),
		AWS: read.New(w.client()).Diagnosis(), Directory: d, Most: most})
}

// byHands makes three groups in AWS that the identity provider does not know.
func byHands(e *emulator.Estate) {
	for i := range 3 {
		e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: fmt.Sprintf("Hand-%d", i), Members: []string{jane}})
	}
}

func (w *world) withHands() {
	for i := range 3 {
		w.config = strings.Replace(w.config, "external_groups = [", fmt.Sprintf(`external_groups = [{ name = "Hand-%d", description = "t", accounts_names = ["production"],
  aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }, `, i), 1)
	}
}

// No more is asked than was said, and what was left is counted.
func TestCompareAsksNoMoreThanItSays(t *testing.T) {
	for _, kind := range []idp.Kind{idp.Okta, idp.Entra, exported} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, kind, byHands)
				w.withHands()
				d := w.connector()
				for most, want := range map[int][3]int{100: {3, 4, 0}, 2: {1, 2, 2}, 0: {0, 0, 4}} {
					verdicts, asked, err := w.compare(d, most)
					if got := [3]int{len(verdicts), asked.Groups, asked.Left}; err != nil || got != want {
						t.Errorf("most %d: verdicts, groups asked and left are %v, want %v; %v", most, got, want, err)
					}
				}
			})
		})
	}
}

// A question that gets no answer ends the comparison; what was found stays, and
// nothing is taken for absent.
func TestCompareWithoutAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, idp.Okta, byHands)
		w.withHands()
		d := w.connector()
		w.api.Refuse(vendorapi.Refusal{Prefix: "/api/v1/groups", Times: 1000, Status: http.StatusForbidden, Body: `{"errorCode":"E0000006","errorSummary":"no"}`})
		verdicts, _, err := w.compare(d, 100)
		if !directory.Forbidden.Is(err) || len(verdicts) > 0 {
			t.Errorf("%v, %v", verdicts, err)
		}
		r := w.diagnose(doctor.SetUp, "", "", d)
		if got := causes(r); got != nil || needs(r, "membership-by-hand") == "" {
			t.Errorf("the set-up: %v, %+v", got, r.Found(doctor.CannotTell))
		}
	})
}

// In the built-in directory there is one system, and nobody is asked.
func TestCompareOfOneSystem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, idp.Okta, nil)
		w.config = builtIn
		d := w.connector()
		before := len(w.api.Calls())
		if verdicts, asked, err := w.compare(d, 100); err != nil || len(verdicts) > 0 || asked != (doctor.Compared{}) || len(w.api.Calls()) != before {
			t.Errorf("%v, %+v, %v", verdicts, asked, err)
		}
	})
}
