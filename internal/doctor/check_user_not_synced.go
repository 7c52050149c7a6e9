package doctor

import (
	"fmt"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// userNotSynced: the person is on the way to AWS and has not arrived.
func userNotSynced() Check {
	return Check{ID: "user-not-synced", Link: Provisioning, About: []Subject{Person},
		Means: "The person is on the way to AWS and has not arrived.",
		Looks: "The identity provider, the times of its provisioning, and the user in AWS.",
		Fix:   "Wait until the time that is named; after it, look at the provisioning log.",
		run: func(f *Facts) []Verdict {
			if !f.usersBySCIM() || f.createsNone() || !f.active() || !f.Assignment.Known || !f.assigned() || f.stuck() || !f.User.Known || f.inAWS() || f.Alike != nil ||
				f.skipped() || f.Assignment.Value.Sync == directory.SyncOff {
				return nil
			}
			if _, _, failed := f.pushFailure(); failed {
				return nil
			}
			return f.waiting(f.Person.Value.Updated, f.User.Evidence, fmt.Sprintf("%q", f.Name))
		}}
}

// waiting says until when it makes sense to wait for a change of that time.
func (f *Facts) waiting(changed time.Time, seen []diag.Evidence, what string) []Verdict {
	at, overdue := f.until(changed)
	if overdue {
		return wrong(f.IdP, "Waiting helps no more. Look at "+f.Window.Where+", and provision again by hand.", seen,
			"%s should have come to AWS by %s and has not", what, clock(at))
	}
	out := wrong(f.IdP, fmt.Sprintf("Wait until %s. %s", clock(at), f.Window.Why), seen, "%s is in %s and not in AWS yet", what, f.IdP)
	out[0].Until = at
	return out
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }
