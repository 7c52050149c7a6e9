package doctor_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/doctor"
)

// Whatever is staged is told with an account that is not there, by name or by id.
func TestAnAccountThatIsNotThere(t *testing.T) {
	for i, s := range stages() {
		if s.subject == doctor.SetUp || s.cause == "account-missing" || s.account != "" {
			continue
		}
		t.Run(s.cause+"/"+string(s.subject), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { s.withoutAccount(t, []string{"NOPE", "999988887777"}[i%2]) })
		})
	}
}

func (s stage) withoutAccount(t *testing.T, account string) {
	w := newWorld(t, s.kinds[0], s.estate)
	w.scan = s.scan
	if s.act != nil {
		s.act(w)
	}
	subject, name := s.about()
	want := causes(w.diagnose(subject, name, "", w.connector()))
	got := causes(w.diagnose(subject, name, account, w.connector()))
	if rest := slices.DeleteFunc(slices.Clone(got), func(c string) bool { return c == "account-missing" }); !slices.Equal(rest, want) || len(rest) == len(got) {
		t.Errorf("without an account it names %v, with one that is not there %v", want, got)
	}
}

// Of a group: that it is missing, or misspelt, or lacks somebody.
func TestAMissingAccountAndAGroup(t *testing.T) {
	for name, s := range map[string]struct {
		asked, cause string
		act          func(*world)
	}{
		"missing":     {"Nowhere", "group-missing", func(*world) {}},
		"other name":  {"aws-team", "config-other-name", func(*world) {}},
		"not applied": {team, "not-applied", func(*world) {}},
		"by hand":     {team, "membership-by-hand", func(w *world) { w.join("mary@company.com") }},
		"a suspension": {team, "account-suspended", func(w *world) {
			w.must(w.aws.Change(emulator.Change{Account: &emulator.AccountChange{Account: production, State: "SUSPENDED"}}))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, kinds()[0], func(e *emulator.Estate) {
					if s.cause == "not-applied" {
						e.Assignments = nil
					}
				})
				s.act(w)
				if got := causes(w.diagnose(doctor.Group, s.asked, "NOPE", w.connector())); !slices.Contains(got, s.cause) || !slices.Contains(got, "account-missing") {
					t.Errorf("it names %v", got)
				}
			})
		})
	}
}
