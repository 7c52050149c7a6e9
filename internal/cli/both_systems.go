package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/doctor"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
)

// How many groups or users of the config the identity provider is asked about:
// a plan should not take minutes longer for it.
const (
	mostOfPlan   = 100
	mostOfDoctor = 1000
)

// connector opens the one of rolecall.hcl, unless the plan is to leave it out;
// nil where there is none. One that cannot be opened is a warning: the plan does
// not rest on it.
func (s *session) connector(f *planFlags) (directory.Directory, diag.List) {
	if f.noConnector {
		return nil, nil
	}
	d, err := s.directory()
	if err != nil {
		return nil, diag.List{notCompared(err)}
	}
	return d, nil
}

// otherSystem warns of what differs between the identity provider and AWS
// although one of them owns it. A connector that does not answer is a warning too.
func (s *session) otherSystem(ctx context.Context, desired, live access.State, d directory.Directory) diag.List {
	if d == nil {
		return nil
	}
	hear, end := s.watchIdP(d)
	defer end()
	verdicts, asked, err := doctor.Compare(ctx, doctor.Case{Desired: desired, Live: live, SetUp: s.setUp(), IdP: s.idp(), Now: time.Now(),
		AWS: s.reader.Diagnosis(), Directory: d, Most: mostOfPlan, Progress: hear})
	var out diag.List
	for _, v := range verdicts {
		f := v.Finding()
		f.Severity = diag.Warning
		if !v.Until.IsZero() {
			f.Severity = diag.Note // on the way
		}
		out = append(out, f)
	}
	if err != nil {
		out = append(out, notCompared(err))
	}
	if asked.Left > 0 {
		out = append(out, diag.Diagnostic{Severity: diag.Note, Code: CodeNotCompared,
			Summary: fmt.Sprintf("%s was asked about %d groups and users, but not about %d more", d.About().System, mostOfPlan, asked.Left),
			Hint:    "rolecall doctor asks about all of them."})
	}
	return out
}

// watchIdP shows how far the questions to the identity provider are.
func (s *session) watchIdP(d directory.Directory) (hear func(done, total int), end func()) {
	if d == nil {
		return nil, func() {}
	}
	watch, what := s.app.watchRead(), "groups and users at "+d.About().System
	return func(done, total int) { watch.step(read.Progress{What: what, Done: done, Total: total}) }, watch.end
}

// notCompared is a warning that a connector gave no answer.
func notCompared(err error) diag.Diagnostic {
	d := diag.Diagnostic{Severity: diag.Warning, Code: CodeNotCompared, Summary: "the identity provider was not compared with AWS", Detail: err.Error(),
		Hint: "Fix the connector in rolecall.hcl, or skip it with --no-connector."}
	if found := diag.FromError(asFinding(err)); len(found) > 0 {
		d.Detail, d.Evidence = found[0].Detail, found[0].Evidence
		if found[0].Hint != "" {
			d.Hint = found[0].Hint + " Pass --no-connector to skip it."
		}
	}
	return d
}
