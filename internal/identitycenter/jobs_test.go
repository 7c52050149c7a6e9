package identitycenter_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// Jobs that an earlier run started are waited for; one that hangs is named.
func TestWaitForJobs(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w := centertest.NewWorld("platform", 3)
		w.Group("Developers", 0)
		e := centertest.Start(t, emulator.Options{Estate: w.Estate, JobLatency: emulator.Latency{Min: 30 * time.Second, Max: 30 * time.Second}})
		c := centertest.Client(t, e, emulator.ManagementKey)
		group := e.State().Instances[0].Groups[0].ID
		for _, a := range []string{"200000000000", "200000000001"} {
			k := access.AssignmentID{SetInAccount: access.SetInAccount{SetARN: centertest.Set(e, "Developers").ARN, Account: a}, Kind: access.GroupPrincipal, Principal: group}
			if _, err := c.CreateAccountAssignment(t.Context(), k); err != nil {
				t.Fatal(err)
			}
		}
		late, err := c.WaitForJobs(t.Context(), 10*time.Second, nil)
		if err != nil || len(late) != 1 || late[0].Code != identitycenter.CodeJobsRunning {
			t.Errorf("after 10 s: %v, %v, want that two jobs are still in progress", late, err)
		}
		told := 0
		late, err = c.WaitForJobs(t.Context(), time.Minute, func(left int) { told = left })
		if err != nil || len(late) != 0 || told != 2 {
			t.Errorf("%v, %v, told of %d, want that both jobs ended", late, err, told)
		}
		if n := len(e.State().Instances[0].Assignments); n != 2 {
			t.Errorf("%d assignments, want 2", n)
		}
	})
}
