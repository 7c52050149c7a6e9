package doctor

import (
	"cmp"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// quarantine: the provisioning job is in quarantine: it failed too often.
func quarantine() Check {
	return Check{ID: "quarantine", Link: Provisioning, About: all(),
		Means: "The provisioning job is in quarantine: it failed too often.",
		Looks: "The state of the provisioning job.",
		Fix:   "Mend what the message names, then restart provisioning at the identity provider.",
		run: func(f *Facts) []Verdict {
			p := f.Provisioning
			if !f.usersBySCIM() || tokenRefused(f) || !p.Known || p.Value.State != directory.JobQuarantine {
				return nil
			}
			message := p.Value.Failure
			if q := p.Value.Quarantine; q != nil {
				message = cmp.Or(q.Message, q.Reason, message)
			}
			return wrong(f.IdP, "Mend what the message names, then restart provisioning in "+f.IdP+".", p.Evidence,
				"provisioning to AWS is in quarantine in %s: %s", f.IdP, cmp.Or(message, "no reason is given"))
		}}
}
