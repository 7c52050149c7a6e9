package doctor_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/internal/doctor"
)

// larger makes ten times as many users, groups, sets and accounts.
func larger(e *emulator.Estate) {
	var accounts []string
	for i := range 10 * len(e.Accounts) {
		name := fmt.Sprintf("account-%03d", i)
		e.Accounts = append(e.Accounts, emulator.EstateAccount{ID: fmt.Sprintf("%012d", 500000000000+i), Name: name})
		accounts = append(accounts, name)
	}
	for i := range 120 {
		name := fmt.Sprintf("other-%03d", i)
		e.Users = append(e.Users, emulator.EstateUser{UserName: name})
		e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: name, Members: []string{name}})
		e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: name})
		e.Assignments = append(e.Assignments, emulator.EstateAssignment{PermissionSet: name, Accounts: []string{"production", accounts[i%len(accounts)]}, Group: name})
	}
}

// most is what a diagnosis of a person may cost: twelve calls, two for each
// group of the person, one for each set that those hold in the account.
func (w *world) most(user string) int {
	w.t.Helper()
	i := w.aws.State().Instances[0]
	groups, sets := map[string]bool{}, map[string]bool{}
	for _, m := range i.Memberships {
		if m.User == user {
			groups[m.Group] = true
		}
	}
	for _, a := range i.Assignments {
		if groups[a.Principal] && a.Account == production {
			sets[a.PermissionSet] = true
		}
	}
	at := w.idp.Snapshot()
	for _, m := range at.Memberships {
		for _, u := range at.Users {
			for _, g := range at.Groups {
				if u.UserName == user && m.MemberID == u.ID && m.GroupID == g.ID {
					groups[g.Name] = true
				}
			}
		}
	}
	return 12 + 2*len(groups) + len(sets)
}

// A diagnosis of a person keeps to its budget whatever is wrong, every call to
// AWS counted, and costs no more where there is more of everything else: with one of the
// identity providers where the cause may be, or with DOCTOR_ALL in the environment all.
func TestCalls(t *testing.T) {
	for i, s := range append(stages(), stage{cause: "nothing", kinds: kinds()}) {
		if s.subject != "" && s.subject != doctor.Person || s.account != "" || s.scan {
			continue
		}
		if os.Getenv("DOCTOR_ALL") == "" {
			s.kinds = s.kinds[i%len(s.kinds):][:1]
		}
		for _, kind := range s.kinds {
			t.Run(s.cause+"/"+string(kind), func(t *testing.T) {
				var calls [2]int
				for i, edit := range []func(*emulator.Estate){func(*emulator.Estate) {}, larger} {
					synctest.Test(t, func(t *testing.T) { calls[i] = s.count(t, kind, edit) })
				}
				if calls[0] != calls[1] {
					t.Errorf("%d calls, and %d where there is more of everything", calls[0], calls[1])
				}
			})
		}
	}
}

// count stages a cause and gives the calls that the diagnosis took.
func (s stage) count(t *testing.T, kind idp.Kind, more func(*emulator.Estate)) int {
	w := newWorld(t, kind, func(e *emulator.Estate) {
		if s.estate != nil {
			s.estate(e)
		}
		more(e)
	})
	w.warm = true
	if s.act != nil {
		s.act(w)
	}
	name := cmp.Or(s.name, jane)
	before := w.aws.Stats()
	r := w.diagnose(doctor.Person, name, production, w.connector())
	after := w.aws.Stats()
	if got := causes(r); s.cause != "nothing" && !slices.Equal(got, []string{s.cause}) {
		t.Errorf("it names %v", got)
	}
	calls, most := after.Total-before.Total, w.most(name)
	if calls > most {
		t.Errorf("%d calls, more than %d", calls, most)
		for name, n := range after.Calls {
			if n > before.Calls[name] {
				t.Logf("%d %s", n-before.Calls[name], name)
			}
		}
	}
	t.Logf("%d of %d calls", calls, most)
	return calls
}

// Nor does it cost more where the person is in several groups that lack what
// many others hold, and many assignments failed.
func TestCallsWhereMuchIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, idp.Okta, func(e *emulator.Estate) {
			e.Assignments = nil
			for i := range 4 { // the last one is none of the config's
				e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: fmt.Sprintf("More-%d", i), Members: []string{jane}})
			}
			for i := range 12 {
				name := fmt.Sprintf("holder-%02d", i)
				e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: name})
				e.Assignments = append(e.Assignments, emulator.EstateAssignment{PermissionSet: set, Accounts: []string{"production"}, Group: name})
			}
		})
		w.warm = true
		for i := range 3 {
			w.config = strings.Replace(w.config, "external_groups = [", fmt.Sprintf(`external_groups = [{ name = "More-%d", description = "t", accounts_names = ["production"],
  permission_set_name = "`+set+`", aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }, `, i), 1)
		}
		for range 6 {
			w.assign("AWS said no")
		}
		before := w.aws.Stats().Total
		r := w.diagnose(doctor.Person, jane, production, w.connector())
		if got := causes(r); !slices.Contains(got, "not-applied") {
			t.Errorf("it names %v", got)
		}
		if calls, most := w.aws.Stats().Total-before, w.most(jane); calls > most {
			t.Errorf("%d calls, more than %d", calls, most)
		}
	})
}

// --scan costs a call for each hundred users, and says how many.
func TestScanSaysItsCost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, idp.Okta, larger)
		w.warm = true
		const nobody = "othr-007" // a slip, which proves nothing
		plain := w.diagnose(doctor.Person, nobody, production, nil)
		if !strings.Contains(needs(plain, "user-other-name"), "--scan reads the names of all users in AWS, one call per hundred") {
			t.Errorf("without --scan: %+v", plain.Verdicts)
		}
		before := w.aws.Stats().Calls["identitystore.ListUsers"]
		w.scan = true
		r := w.diagnose(doctor.Person, nobody, production, nil)
		if calls := w.aws.Stats().Calls["identitystore.ListUsers"] - before; calls != 2 {
			t.Errorf("%d calls for 122 users", calls)
		}
		text := fmt.Sprintf("%+v", r.Found(doctor.Problem))
		if got := causes(r); !slices.Equal(got, []string{"user-missing"}) || !strings.Contains(text, "122 users, 2 calls") || !strings.Contains(text, `"other-007"`) {
			t.Errorf("with --scan: %v: %s", got, text)
		}
		if needs(r, "user-other-name") != "" {
			t.Errorf("it still says what was not searched: %+v", r.Verdicts)
		}
	})
}

// needs returns what a check would need to tell.
func needs(r doctor.Report, check string) string {
	for _, v := range r.Found(doctor.CannotTell) {
		if v.Check == check {
			return v.Needs
		}
	}
	return ""
}

// Without a cache of names, only the sets that the person's groups hold are
// described, however many there are, in the account or elsewhere.
func TestCallsWithoutCache(t *testing.T) {
	var calls [2]int
	for i, warm := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, idp.Okta, larger)
			w.warm = warm
			before := w.aws.Stats().Total
			if got := causes(w.diagnose(doctor.Person, jane, production, w.connector())); got != nil {
				t.Errorf("it names %v", got)
			}
			calls[i] = w.aws.Stats().Total - before
		})
	}
	if calls[1] != calls[0]+1 { // one set
		t.Errorf("%d calls without a cache, and %d with one", calls[1], calls[0])
	}
}
