package doctor

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// outOfScope: the person may use the AWS application and is outside the scope of provisioning.
func outOfScope() Check {
	return Check{ID: "out-of-scope", Link: Provisioning, About: []Subject{Person},
		Means: "The person may use the AWS application and is outside the scope of provisioning.",
		Looks: "The assignment of the person, the scope of provisioning, and the provisioning log.",
		Fix:   "Bring the person into the scope of provisioning at the identity provider.",
		run: func(f *Facts) []Verdict {
			if !f.usersBySCIM() || !f.active() || f.stuck() || f.inAWS() || !f.Assignment.Known || f.createsNone() {
				return nil
			}
			a := f.Assignment.Value
			if a.How == directory.NotAssigned || a.How != directory.Everybody && a.Sync != directory.SyncOff && !f.skipped() {
				return nil
			}
			return wrong(f.IdP, "In "+f.IdP+", assign the person to the AWS application, and look at the scope and the filters of its provisioning.",
				append(slices.Clone(f.Assignment.Evidence), f.Events.Evidence...), "%q may use the AWS application in %s and is out of the scope of its provisioning", f.Name, f.IdP)
		}}
}

// skipped says that the log passed the person over, last.
func (f *Facts) skipped() bool {
	return len(f.Events.Value) > 0 && f.Events.Value[0].Outcome == directory.Skipped
}
