package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// many is a set of ours, granted to one group in n accounts, and the config
// that keeps the first of them.
func many(n, keep int) (live, want access.State) {
	w := newWorld().group("Team", "").set("Team", "me")
	var names []string
	for i := range n {
		name := fmt.Sprintf("account-%03d", i)
		w.account(name, func(a *access.Account) { a.ID = fmt.Sprintf("%012d", i) })
		w.assign("Team", name, "Team")
		if i < keep {
			names = append(names, name)
		}
	}
	live = w.state()
	want = external(spec("Team", names...))
	want.Sets[0].Tags = live.Sets[0].Tags
	return live, want
}

func TestRemovalsGuard(t *testing.T) {
	for _, c := range []struct {
		name    string
		n, keep int
		refused bool
	}{
		{"five of twenty", 20, 15, false},
		{"six of twenty is over 25% and over 5", 20, 14, true},
		{"six of forty", 40, 34, false},
		{"a hundred of a thousand", 1000, 900, false},
		{"over a hundred", 1000, 899, true},
		{"all of the group", 2, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			live, want := many(c.n, c.keep)
			p := Diff(&want, &live, options(access.SCIM))
			if p.Refused() != c.refused {
				t.Errorf("refused: %v, %v", p.Refused(), p.Findings)
			}
			o := options(access.SCIM)
			o.Guards.AllowRemovals = true
			if p := Diff(&want, &live, o); p.Refused() {
				t.Errorf("refused with --allow-removals: %v", p.Findings)
			}
			o = options(access.SCIM)
			o.Guards.RemovalsOff = true
			if p := Diff(&want, &live, o); p.Refused() {
				t.Errorf("refused with the guard off: %v", p.Findings)
			}
		})
	}
}

func TestReplacedGrantsAreNoRemovals(t *testing.T) {
	live, want := many(20, 20)
	renamed := want
	renamed.Sets = slices.Clone(want.Sets)
	renamed.Sets[0].Name = "Other"
	o := options(access.SCIM)
	p := Diff(&renamed, &live, o)
	if diff := cmp.Diff([]diag.Code{Replacement}, codes(p.Findings)); diff != "" {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
	if len(p.Replaced) != 20 {
		t.Errorf("%d roles replaced, want 20", len(p.Replaced))
	}
	o.Guards.AllowReplace = true
	if p := Diff(&renamed, &live, o); p.Refused() {
		t.Errorf("refused with --allow-replace: %v", p.Findings)
	}
}

func administrators() (access.State, access.GroupSpec) {
	w := newWorld().account("dev").group("Admins", "me").user("jane").user("joe").member("Admins", "jane").member("Admins", "joe").
		set("Admins", "me", func(p *access.PermissionSet) {
			p.ManagedPolicies = []string{"arn:aws:iam::aws:policy/AdministratorAccess"}
			p.Provisioned = []string{"x"}
		}).assign("Admins", "dev", "Admins")
	s := spec("Admins", "dev")
	s.AWSManagedPolicies, s.Members = texts("arn:aws:iam::aws:policy/AdministratorAccess"), texts("jane", "joe")
	return w.state(), s
}

func TestLockoutGuard(t *testing.T) {
	live, whole := administrators()
	dev := accountID(live, "dev")
	me := Caller{Management: true, Account: dev, PermissionSet: "Admins", User: "jane"}
	for _, c := range []struct {
		name   string
		edit   func(*access.GroupSpec)
		remove []string
		want   int
		last   int
	}{
		{"nothing", func(*access.GroupSpec) {}, nil, 0, 0},
		{"someone else out of the group", func(s *access.GroupSpec) { s.Members = texts("jane") }, nil, 0, 0},
		{"me out of the group", func(s *access.GroupSpec) { s.Members = texts("joe") }, nil, 1, 0},
		{"my user", func(s *access.GroupSpec) { s.Members = texts("joe") }, []string{"jane"}, 2, 0},
		{"my grant, the last of the account", func(s *access.GroupSpec) { s.AccountsNames = texts() }, nil, 1, 1},
		{"my policy, the last of the account", func(s *access.GroupSpec) { s.AWSManagedPolicies = texts() }, nil, 1, 1},
		{"a boundary on me, and the last of the account", func(s *access.GroupSpec) { s.PermissionsBoundary = text("Limits") }, nil, 1, 1},
		{"a denying inline policy", func(s *access.GroupSpec) { s.InlinePolicies = policy("Deny") }, nil, 1, 0},
		{"an allowing inline policy", func(s *access.GroupSpec) { s.InlinePolicies = policy("Allow") }, nil, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := whole
			c.edit(&s)
			want := access.Desired(access.Config{RemovedUsers: texts(c.remove...), AccessGroups: access.List[access.GroupSpec]{Items: []access.GroupSpec{s}}}, "me")
			o := options(access.BuiltIn)
			o.Guards.Caller, o.Guards.AllowRemovals = me, true
			p := Diff(&want, &live, o)
			if got := count(p.Findings, Lockout); got != c.want {
				t.Errorf("%d lock-outs, want %d: %v", got, c.want, p.Findings)
			}
			if got := count(p.Findings, LastAdministrator); got != c.last {
				t.Errorf("%d last administrators, want %d: %v", got, c.last, p.Findings)
			}
			o.Guards.AllowLockout = true
			if p := Diff(&want, &live, o); p.Refused() {
				t.Errorf("refused with --allow-lockout: %v", p.Findings)
			}
		})
	}
}

func policy(effect string) access.List[access.InlinePolicySpec] {
	return access.List[access.InlinePolicySpec]{Items: []access.InlinePolicySpec{{Name: text("p"), Statements: access.List[access.StatementSpec]{
		Items: []access.StatementSpec{{Effect: text(effect), Actions: texts("s3:*"), Resources: texts("*")}}}}}}
}

func count(l diag.List, code diag.Code) int {
	n := 0
	for _, c := range codes(l) {
		if c == code {
			n++
		}
	}
	return n
}

func TestProtectedLosesNothing(t *testing.T) {
	live, s := administrators()
	s.Members = texts("jane")
	want := internal(nil, s)
	o := options(access.BuiltIn)
	o.Guards.Protected = []string{"joe"}
	if p := Diff(&want, &live, o); count(p.Findings, Lockout) != 1 {
		t.Errorf("findings: %v", p.Findings)
	}
}

func TestDelegatedAdministratorKeepsOffTheManagementAccount(t *testing.T) {
	w := newWorld().account("main", func(a *access.Account) { a.Management = true }).account("dev").group("Team", "").
		set("Team", "me", func(p *access.PermissionSet) { p.Provisioned = []string{"11110000000main"} }).assign("Team", "main", "Team")
	live := w.state()
	live.Sets[0].Provisioned = []string{accountID(live, "main")}
	want := external(spec("Team", "main", "dev"))
	want.Sets[0].Tags = live.Sets[0].Tags
	o := options(access.SCIM)
	if p := Diff(&want, &live, o); p.Refused() || !slices.ContainsFunc(p.Findings, func(d diag.Diagnostic) bool { return d.Code == MixedSet }) {
		t.Errorf("as the management account: %v", p.Findings)
	}
	o.Guards.Caller.Management = false
	if p := Diff(&want, &live, o); count(p.Findings, ManagementAccount) != 1 {
		t.Errorf("as delegated administrator: %v", p.Findings)
	}
}

// TestRemovalsAreNotMeasuredByMarks: whoever may tag cannot make a removal small
// by putting our mark on sets of others, which no record of an apply knows.
func TestRemovalsAreNotMeasuredByMarks(t *testing.T) {
	live := newWorld().account("dev").account("prod").group("A", "me").set("A", "me").assign("A", "dev", "A").
		group("Others", "").set("Forged", "me").assign("Forged", "dev", "Others").assign("Forged", "prod", "Others").state()
	for i, p := range live.Sets {
		if p.Name == "Forged" {
			live.Sets[i].Record = access.Recorded{}
		}
	}
	want := internal(nil, spec("A"))
	o := options(access.BuiltIn)
	if got := refusals(Diff(&want, &live, o), Removals); !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "1 of 1 account assignments") }) {
		t.Errorf("refused %q", got)
	}
}

// TestOurMarkWithoutARecordIsNotNarrowed: whoever may tag can put our mark on a
// set that others use, so its content goes as in an adoption. Where nobody has it,
// nobody loses anything.
func TestOurMarkWithoutARecordIsNotNarrowed(t *testing.T) {
	for name, c := range map[string]struct{ held, recorded, refused bool }{
		"held, on no record": {true, false, true}, "held, on record": {true, true, false}, "nobody has it": {false, false, false},
	} {
		w := newWorld().account("dev").group("A", "me").set("A", "me")
		if c.held {
			w.assign("A", "dev", "A")
		}
		live := w.state()
		live.Sets[0].ManagedPolicies = []string{readARN}
		if !c.recorded {
			live.Sets[0].Record = access.Recorded{}
		}
		want := internal(nil, spec("A", "dev"))
		got := refusals(Diff(&want, &live, options(access.BuiltIn)), Removals)
		if refused := slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "no record of an apply") }); refused != c.refused {
			t.Errorf("%s: refused %q", name, got)
		}
	}
}
