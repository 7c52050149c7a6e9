package doctor_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/doctor"
)

// Whatever is wrong with the person or the group itself is told with an account that is
// not there, by name or by id; of what depends on the account nothing is told, or asked.
func TestAnAccountThatIsNotThere(t *testing.T) {
	for i, s := range stages() {
		if s.subject == doctor.SetUp || s.cause == "account-missing" || s.account != "" || s.warns {
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
	want := slices.DeleteFunc(causes(w.diagnose(subject, name, "", w.connector())), func(c string) bool {
		return doctor.ThroughAccount(subject, c) || subject == doctor.Group && (c == "group-renamed" || strings.Contains(w.config, strconv.Quote(name)) && doctor.ThroughAccount(doctor.Person, c)) // one that the config names is not looked at then
	})
	before := w.aws.Stats().Calls
	r := w.diagnose(subject, name, account, w.connector())
	if got := causes(r); !slices.Equal(slices.DeleteFunc(slices.Clone(got), func(c string) bool { return c == "account-missing" }), want) || !slices.Contains(got, "account-missing") {
		t.Errorf("it names %v, want %v and account-missing", got, want)
	}
	if len(want) == 0 && !strings.Contains(r.Answer, "organization has no account") {
		t.Errorf("the answer is %q", r.Answer)
	}
	for _, operation := range []string{"sso-admin.ListAccountAssignmentsForPrincipal", "identitystore.ListGroupMembershipsForMember", "identitystore.ListGroupMemberships"} {
		if n := w.aws.Stats().Calls[operation] - before[operation]; n > 0 {
			t.Errorf("%d calls of %s", n, operation)
		}
	}
}

// A name question that AWS refuses does not hide that the account is not there.
func TestAMissingAccountBesideARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const key = "AKIAEMULATORNONAMES0"
		w := newWorld(t, kinds()[0], func(e *emulator.Estate) {
			e.Callers = append(e.Callers, emulator.EstateCaller{AccessKey: key, Account: "management", Denied: []string{"identitystore:*"}})
		})
		w.key = key
		r := w.diagnose(doctor.Group, "AWS-Taem", "NOPE", nil)
		if got := causes(r); !slices.Equal(got, []string{"account-missing"}) || !strings.Contains(needs(r, "group-missing"), "identitystore") {
			t.Errorf("it names %v, and cannot tell: %q", got, needs(r, "group-missing"))
		}
	})
}

// Of a group: that it is missing, or misspelt.
func TestAMissingAccountAndAGroup(t *testing.T) {
	for name, s := range map[string]struct{ asked, cause, fix string }{
		"missing":    {"Nowhere", "group-missing", `Create "Nowhere" in`},
		"other name": {"aws-team", "config-other-name", `rolecall doctor group "AWS-Team"`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, kinds()[0], nil)
				r := w.diagnose(doctor.Group, s.asked, "NOPE", w.connector())
				if got := causes(r); !slices.Contains(got, s.cause) || !slices.Contains(got, "account-missing") || !strings.Contains(r.Found(doctor.Problem)[0].Fix, s.fix) {
					t.Errorf("it names %v: %s", got, r.Found(doctor.Problem)[0].Fix)
				}
			})
		})
	}
}
