package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/lease"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/write"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/render"
)

// applied is what apply returns.
type applied struct {
	Plan render.PlanData `json:"plan"`
	// Result is absent where nothing was carried out.
	Result *apply.Result `json:"result,omitempty"`
}

// planRun carries out one plan.
type planRun struct {
	*session
	f     *planFlags
	meter *meter
	live  render.Live
	// progress is the latest that was told.
	progress apply.Progress
	did      applied
	// shown says that the plan is on stdout already.
	shown bool
}

func (s *session) run(p *plan.Plan, f *planFlags) *planRun {
	return &planRun{session: s, f: f, did: applied{Plan: s.planData(p, f)}}
}

// approve shows the plan and asks; it returns an outcome where the answer is no.
func (s *session) approve(ctx context.Context, r *planRun) *outcome {
	r.showPlan()
	answer, err := s.app.ask(ctx, "\nApply these changes? Only \"yes\" is accepted: ")
	if err != nil {
		o := failed(err)
		return &o
	}
	if answer == "yes" {
		return nil
	}
	o := refuse(diag.Diagnostic{Code: CodeNotApproved, Summary: "not applied: nothing was written",
		Hint: "Answer yes, or pass --auto-approve if there is no terminal to ask on."})
	o.data = &r.did
	return &o
}

// showPlan writes the findings and the plan before anything is done.
func (r *planRun) showPlan() {
	if r.app.json {
		return
	}
	r.app.show(r.findings, r.result.Sources)
	r.findings = nil
	data, before := r.did.Plan, *r.did.Plan.Plan
	before.FollowUps = nil // the result says them, once there is something to follow up
	data.Plan = &before
	r.app.tell(r.planText(data, planOutput{}))
	r.shown = true
}

// ask puts a question to whoever is at stdin, on stderr.
func (a *app) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(a.sys.Stderr, question)
	type reply struct {
		line string
		err  error
	}
	got := make(chan reply, 1)
	go func() {
		line, err := bufio.NewReader(a.sys.Stdin).ReadString('\n')
		got <- reply{line, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.sys.Stderr)
		return "", ctx.Err()
	case r := <-got:
		if !a.terminal(a.sys.Stdin) || r.err != nil { // a terminal shows the end of a line itself
			fmt.Fprintln(a.sys.Stderr)
		}
		if r.err != nil && r.err != io.EOF {
			return "", fmt.Errorf("read the answer: %w", r.err)
		}
		return strings.TrimSpace(r.line), nil
	}
}

// carryOut runs the engine on the plan, unless a guard refuses it.
func (r *planRun) carryOut(ctx context.Context, l *lease.Lock) outcome {
	p := r.did.Plan.Plan
	if !r.shown {
		r.showPlan()
	}
	o := outcome{data: &r.did, within: p.Findings}
	switch {
	case p.Refused():
		o.code = Refused
		return o
	case len(p.Changes) == 0:
		o.code = exitOfRun(p, &apply.Result{})
		return o
	}
	if err := r.warnOfExpiry(ctx); err != nil {
		return failed(err)
	}
	r.meter = r.app.meter()
	result, err := r.engine(l, p.Changes).Run(ctx, p.Changes)
	r.meter.end()
	if err != nil {
		return failed(planFileError("the plan", err.Error()))
	}
	if result.Stopped == nil {
		// Who was not alone to the end knows nothing of what AWS has now.
		if found := diag.FromError(l.Check(ctx)); len(found) > 0 {
			result.Stopped = &apply.Stop{Reason: apply.StopLease, Finding: found[0]}
		}
	}
	r.did.Result = result
	failures := make(diag.List, len(result.Failed))
	for i, f := range result.Failed {
		failures[i] = f.Finding
	}
	o.within = slices.Concat(failures.Sorted(), o.within) // the text says why each failed, and what to do
	if result.Stopped != nil {
		o.findings = append(o.findings, result.Stopped.Finding)
	}
	o.code = exitOfRun(p, result)
	o.text = r.text
	return o
}

func (r *planRun) engine(l *lease.Lock, changes []plan.Change) *apply.Engine {
	return apply.New(write.New(r.client, write.Options{Owner: r.owner, Live: r.seen, Changes: changes}), apply.Options{
		MaxOutstanding: r.f.maxOutstanding, TPS: r.f.tps(), Events: r.event, StopWriting: l.Ended(),
	})
}

// event shows what the engine does: as lines of JSON, as a live view on a
// terminal, elsewhere as lines about what goes wrong and how far it is.
func (r *planRun) event(e apply.Event) {
	if r.app.json {
		r.app.emit("apply", e)
		return
	}
	r.live.Take(e)
	if e.Progress != nil {
		r.progress = *e.Progress
	}
	if line := render.EventLine(e, r.meter.style); line != "" && e.Type != apply.Succeeded && !r.meter.live {
		r.meter.above(line + "\n")
	}
	if e.Progress != nil || r.meter.live {
		r.meter.show(r.lines)
	}
}

// liveHeight is the most lines of the live view.
const liveHeight = 12

func (r *planRun) lines() []string {
	calls := r.client.Calls()
	if r.meter.live {
		return r.live.Lines(time.Now(), calls, liveHeight, r.meter.style)
	}
	return []string{"Applying: " + render.ProgressLine(r.progress, calls, r.meter.style)}
}

// warnOfExpiry says before the first write that the credentials will not last.
func (r *planRun) warnOfExpiry(ctx context.Context) error {
	end, expires, err := r.client.CredentialsExpire(ctx)
	if err != nil || !expires {
		return err
	}
	need := time.Duration(r.did.Plan.Estimate.Seconds * float64(time.Second))
	if left := time.Until(end); left < need {
		d := diag.Diagnostic{Severity: diag.Warning, Code: CodeExpiresSoon,
			Summary: fmt.Sprintf("the credentials expire in %s, and this run takes about %s", left.Round(time.Second), need.Round(time.Second)),
			Hint:    "Sign in again first. If you continue, no new job starts after they expire, and the next run does what is left."}
		r.findings = append(r.findings, d)
		if !r.app.json {
			r.app.show(diag.List{d}, nil)
			r.findings = nil
		}
	}
	return nil
}

// text says what was done, and what a person has to do now.
func (r *planRun) text(w io.Writer, style render.Style) error {
	return render.Result(w, r.did.Plan.Plan, r.did.Result, r.client.Calls(), style)
}
