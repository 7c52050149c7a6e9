package identitycenter_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// What never gets better ends in time, with a finding.
func TestReadGivesUp(t *testing.T) {
	centertest.CleanEnvironment(t)
	for _, c := range []struct {
		kind emulator.FaultKind
		code diag.Code
	}{{emulator.Throttle, identitycenter.CodeThrottled}, {emulator.Internal, identitycenter.CodeServiceFailed}, {emulator.Timeout, identitycenter.CodeUnreachable}} {
		t.Run(string(c.kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := centertest.Start(t, emulator.Options{Faults: []emulator.Fault{{Operation: "sso-admin.ListPermissionSets", Kind: c.kind}}})
				client := centertest.Limited(t, e, 20)
				began := time.Now()
				_, _, err := client.ListPermissionSets().All(t.Context())
				if took := time.Since(began); took > 3*time.Minute {
					t.Errorf("gave up after %s", took)
				}
				if n := centertest.Calls(e, identitycenter.SSOAdmin); n < 4 {
					t.Errorf("gave up after %d calls", n-1)
				}
				centertest.CheckFinding(t, client.Explain(err), c.code, "")
			})
		})
	}
}
