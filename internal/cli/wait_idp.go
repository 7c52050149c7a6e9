package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/doctor"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// arrivals are what the identity provider says keeps a name from coming.
type arrivals map[diag.Subject]doctor.Verdict

// sense says until when waiting makes sense: by the identity provider's own
// schedule where a connector shows it, else by what is known of its kind. A
// connector also says what keeps each missing name from coming; one that fails
// is a warning.
func (s *session) sense(ctx context.Context, start time.Time, r presence.Report) (*waited, arrivals) {
	if r.Window == nil {
		return &waited{Until: start, Why: "In this set-up nothing is synced to AWS.", Pointless: true}, nil
	}
	window := *r.Window
	w := &waited{Until: start.Add(time.Duration(window.LongestMinutes) * time.Minute), Why: window.Why}
	d, err := s.directory()
	if err != nil {
		s.findings = append(s.findings, notAsked(err.Error(), err))
	}
	if d == nil || r.Counts.NotYet == 0 {
		return w, nil
	}
	a := doctor.NewArrivals(ctx, doctor.Case{SetUp: s.setUp(), IdP: s.idp(), Now: start, Directory: d})
	job := a.Provisioning()
	if _, tells := d.(directory.Provisioner); tells && !job.Known {
		s.findings = append(s.findings, notAsked(job.Needs, nil))
		return w, nil
	}
	if job.Known {
		w.schedule(job.Value, d.About().System, start)
	}
	return w, a.Ask(ctx, r.Items)
}

// schedule takes over the identity provider's own.
func (w *waited) schedule(job directory.Provisioning, system string, start time.Time) {
	switch {
	case job.State == directory.JobUnclear: // what is usual counts
	case job.State != directory.JobOn:
		w.Pointless, w.Why = true, fmt.Sprintf("Provisioning to AWS is %s in %s.", job.State, system)
	case !job.OnChange && job.NextRun.After(start):
		w.Until = job.NextRun.Add(job.Interval)
		w.Why = fmt.Sprintf("%s provisions next at %s, every %s.", system, clock(job.NextRun), job.Interval)
	}
}

// explain puts the identity provider's reasons to the names that are still
// missing. What it does not bring will not come by waiting.
func (a arrivals) explain(r presence.Report) presence.Report {
	r.Items = slices.Clone(r.Items)
	for i, item := range r.Items {
		v := a[item.Subject()]
		if v.Cause == "" || item.Verdict != presence.NotYet || item.Finding == nil {
			continue
		}
		d := v.Evident(*item.Finding)
		r.Items[i].Finding = &d
		if !v.Retried() {
			r.Items[i].Verdict = presence.WillNotCome
			r.Counts.NotYet--
			r.Counts.WillNotCome++
		}
	}
	return r
}

// notAsked is a warning that waiting rests on what is usual.
func notAsked(why string, err error) diag.Diagnostic {
	d := diag.Diagnostic{Severity: diag.Warning, Code: CodeNotCompared, Summary: "the identity provider's own schedule could not be read", Detail: why,
		Hint: "The usual sync time is assumed instead. Fix the connector in rolecall.hcl."}
	if found := diag.FromError(asFinding(err)); err != nil && len(found) > 0 {
		d.Detail, d.Evidence = found[0].Summary+": "+found[0].Detail, found[0].Evidence
		d.Hint = "The usual sync time is assumed instead. " + found[0].Hint
	}
	return d
}
