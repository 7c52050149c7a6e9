package identitycenter_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

func limited(t *testing.T, e *emulator.Emulator, tps float64) *identitycenter.Client {
	t.Helper()
	o := centertest.OptionsFor(e.Transport(), emulator.ManagementKey)
	limits := identitycenter.Limits()
	limits[identitycenter.SSOAdmin] = quota.Limit{TPS: tps}
	o.Quota = quota.New(limits)
	c, err := identitycenter.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

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
				client := limited(t, e, 20)
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
