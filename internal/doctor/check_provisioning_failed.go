package doctor

import (
	"cmp"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// provisioningFailed: the identity provider tried to bring the person to AWS, and failed.
func provisioningFailed() Check {
	return Check{ID: "provisioning-failed", Link: Provisioning, About: []Subject{Person},
		Means: "The identity provider tried to bring the person to AWS, and failed.",
		Looks: "The state of the person's provisioning, and the provisioning log.",
		Fix:   "Mend what the message of the identity provider names, then provision the person again.",
		run: func(f *Facts) []Verdict {
			if !f.usersBySCIM() || !f.active() || !f.assigned() || f.stuck() || f.inAWS() || f.Alike != nil || f.createsNone() {
				return nil
			}
			message, seen, failed := f.pushFailure()
			if !failed {
				return nil
			}
			return wrong(f.IdP, "Mend what the message names, then provision the person again in "+f.IdP+".", seen,
				"%s could not bring %q to AWS: %s", f.IdP, f.Name, message)
		}}
}

// pushFailure gives the identity provider's own message about the person.
func (f *Facts) pushFailure() (message string, seen []diag.Evidence, failed bool) {
	if len(f.Events.Value) > 0 {
		if e := f.Events.Value[0]; e.Outcome == directory.Failed {
			return cmp.Or(e.Reason, f.Assignment.Value.Said), f.Events.Evidence, true
		}
	}
	if f.Assignment.Value.Sync == directory.SyncFailed {
		return cmp.Or(f.Assignment.Value.Said, "it gives no reason"), f.Assignment.Evidence, true
	}
	return "", nil, false
}
