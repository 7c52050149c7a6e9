package acceptance

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config"
)

// 120 users, 40 groups and 25 accounts through the module: the same as by the
// command, and the calls that each of Terraform's steps may cost.
func TestLarge(t *testing.T) {
	const folder = "../examples/large"
	result, found := config.Validate(folder, config.Options{})
	if found.HasErrors() {
		t.Fatal(found.Err())
	}
	file, err := filepath.Abs(filepath.Join(folder, "terraform.tfvars"))
	if err != nil {
		t.Fatal(err)
	}
	e := estate(t, folder)
	w := newWorkspace(t, module, e).unlimited()
	before := contents(t, w.e)
	args := []string{"-no-color", "-input=false", "-var-file=" + file, "-var=owner=platform"}
	step := func(most int, command ...string) {
		t.Helper()
		calls := w.e.Stats().Total
		w.must(append(command, args...)...)
		made := w.e.Stats().Total - calls
		t.Logf("%v: %d calls", command, made)
		if made > most {
			t.Errorf("%v: %d calls, want at most %d", command, made, most)
		}
	}
	d := access.Desired(result.Config, "platform")
	groups, sets, users := len(d.Groups), len(d.Sets), len(d.Users)
	writes := groups + sets + users + len(d.Memberships) + len(d.Assignments) + policies(&d)
	// What is created carries the run's word until it is whole: a call takes it off
	// a group, and one off a set. A set's record is one call.
	marks := groups + 2*sets
	// A set with its tags, four kinds of policies, and accounts, provisioned and
	// outdated; a group with its members, and what it has.
	reads := 8*sets + 3*groups
	const lists = 40 // of users, groups, accounts, permission sets and jobs, for each of two processes
	// Everybody who has the permission sets is seen: docs/promises.md has what that may cost.
	const everybody = 200
	step(lists, "plan")
	step(writes+marks+reads+2*lists, "apply", "-auto-approve")
	step(reads+lists+everybody, "plan", "-detailed-exitcode")
	same(t, w, result.Config, e)
	step(writes+30*groups+users+2*lists+everybody, "destroy", "-auto-approve")
	if diff := cmp.Diff(before, contents(t, w.e)); diff != "" {
		t.Errorf("left in AWS:\n%s", diff)
	}
	if n := w.e.Stats().Throttles; len(n) > 0 {
		t.Errorf("throttled, so something here has limits: %v", n)
	}
}

// policies counts the calls that put policies onto the permission sets.
func policies(d *access.State) int {
	n := 0
	for _, s := range d.Sets {
		n += len(s.ManagedPolicies) + len(s.CustomerPolicies)
		if s.InlinePolicy != "" {
			n++
		}
		if !s.Boundary.IsZero() {
			n++
		}
	}
	return n
}
