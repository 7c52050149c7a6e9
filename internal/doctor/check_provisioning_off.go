package doctor

import (
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// provisioningOff: provisioning to AWS is off, paused, or has never run.
func provisioningOff() Check {
	return Check{ID: "provisioning-off", Link: Provisioning, About: all(),
		Means: "Provisioning to AWS is off, paused, or has never run.",
		Looks: "The provisioning settings and job of the AWS application.",
		Fix:   "Start provisioning at the identity provider.",
		run: func(f *Facts) []Verdict {
			p := f.Provisioning
			switch {
			case !f.usersBySCIM() || tokenRefused(f) || f.off():
				return nil
			case !p.Known:
				return unsure(p.Needs)
			case p.Value.State == directory.JobOff || p.Value.State == directory.JobPaused || p.Value.State == directory.JobNotRun:
				return wrong(f.IdP, "Start provisioning of the AWS application in "+f.IdP+".", p.Evidence, "provisioning to AWS is %s in %s", p.Value.State, f.IdP)
			}
			return fine(p.Evidence...)
		}}
}
