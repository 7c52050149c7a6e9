package doctor

import (
	"fmt"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// namesMissing: a group, user or account of the config is not in AWS, or not as it should be.
func namesMissing() Check {
	return Check{ID: "names", Link: InConfig, About: []Subject{SetUp},
		Means: "A group, user or account of the config is not in AWS, or not as it should be.",
		Looks: "Every name of the config, in AWS.",
		Fix:   "What the finding says: rolecall verify explains each name.",
		run: func(f *Facts) []Verdict {
			if !f.Names.Known {
				return unsure(f.Names.Needs)
			}
			var out []Verdict
			for _, item := range f.Names.Value.Items {
				if d := item.Finding; d != nil && !isRenamed(d) {
					out = append(out, f.nameVerdict(item, *d))
				}
			}
			if out == nil && !slices.ContainsFunc(f.Names.Value.Items, func(i presence.Item) bool { return isRenamed(i.Finding) }) {
				return fine(diag.Evidence{System: identityCenter, What: "the names of the config", Saw: fmt.Sprintf("%d names, all there", len(f.Names.Value.Items))})
			}
			return out
		}}
}

// nameVerdict takes over what verify found; a name that has not come yet is
// not broken.
func (f *Facts) nameVerdict(item presence.Item, d diag.Diagnostic) Verdict {
	v := Verdict{State: Problem, Cause: d.Summary, Fix: d.Hint, System: config, Range: d.Range, Evidence: d.Evidence}
	if d.Detail != "" {
		v.Cause += ": " + d.Detail
	}
	switch {
	case item.Verdict == presence.CannotTell:
		return Verdict{State: CannotTell, Needs: d.Hint, Evidence: d.Evidence}
	case item.Verdict == presence.There || d.Severity != diag.Error:
		v.State = Warning
	}
	switch {
	case item.Kind == presence.AccountItem:
		v.System = organizations
	case item.Verdict == presence.NotYet:
		v.System = f.IdP
		f.arriving(item, &v)
	}
	return v
}

// arriving puts what the identity provider says of a name that is not there yet:
// what keeps it, or until when it should come.
func (f *Facts) arriving(item presence.Item, v *Verdict) {
	why, asked := f.Coming[item.Subject()]
	switch {
	case asked && why.Cause != "":
		v.Cause, v.Fix = why.Cause, why.Fix
		v.Evidence = slices.Concat(v.Evidence, why.Evidence)
	case asked && !f.stuck():
		v.Until, _ = f.until(time.Time{})
	}
}
