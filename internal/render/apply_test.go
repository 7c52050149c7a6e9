package render_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/render"
)

func firstPlan(t testing.TB) *plan.Plan {
	t.Helper()
	text, err := os.ReadFile("testdata/plan/first/access.tfvars")
	if err != nil {
		t.Fatal(err)
	}
	p, _ := diff(t, seen(organization("development", "staging", "production", "security")), string(text), plan.Guards{})
	// The tests below make the last changes fail: assignments, as it happens most.
	assignment := func(c plan.Change) bool { return c.Kind == plan.Assignment }
	last := slices.DeleteFunc(slices.Clone(p.Changes), func(c plan.Change) bool { return !assignment(c) })
	p.Changes = append(slices.DeleteFunc(p.Changes, assignment), last...)
	return p
}

func TestResult(t *testing.T) {
	p := firstPlan(t)
	all := make([]plan.ID, len(p.Changes))
	for i, c := range p.Changes {
		all[i] = c.ID
	}
	n := len(all)
	orphan := plan.Change{Kind: plan.Assignment, Action: plan.Delete, Key: plan.Key{PermissionSet: "Developers", Account: "333344445555", AccountName: "staging", OrphanID: "9067-x", OrphanType: "GROUP"}}
	stats := apply.Stats{Seconds: 83.4, JobsDone: 3, JobSeconds: 3.1, Retries: 1}
	for name, r := range map[string]*apply.Result{
		"result-complete.txt": {Done: all, Stats: stats},
		"result-futile.txt": {Done: all[1:], Stats: stats, Failed: []apply.Failure{{ID: all[0], Cause: apply.Futile, Attempts: 1, Reason: "gone", Finding: plan.StuckOrphan(orphan,
			"Received a 404 status error: the GROUP assignee 9067-x was not found in directory d-9067")}}},
		"result-partial.txt": {Done: all[:n-3], Stats: stats, Interrupted: true,
			Failed: []apply.Failure{{ID: all[n-3], Cause: apply.Permanent, Attempts: 3,
				Reason:  "Received a 404 status error: Policy audit/read-logs does not exist in account.",
				Finding: diag.Diagnostic{Severity: diag.Error, Code: apply.CodeJobFailed, Summary: "AWS could not assign it", Range: p.Changes[n-3].Source, Hint: "Make the policy in the account, and run again."}}},
			Left: []apply.Left{{ID: all[n-2], Why: apply.Blocked, BlockedBy: all[n-3]}, {ID: all[n-1], Why: apply.Unknown, Jobs: []string{"1b2c-3d"}}},
			Stopped: &apply.Stop{Reason: apply.StopInterrupted, Finding: diag.Diagnostic{Severity: diag.Error, Code: apply.CodeInterrupted,
				Summary: "the run was interrupted", Detail: "nothing new was started; what was in flight was waited for"}}},
	} {
		golden(t, name, written(t, func(b *bytes.Buffer) error { return render.Result(b, p, r, readCalls, terminal) }))
	}
}

// events are those of a short run.
func events(p *plan.Plan) []apply.Event {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	n := len(p.Changes)
	event := func(kind apply.EventType, i int, after time.Duration) apply.Event {
		return apply.Event{Type: kind, ID: p.Changes[i].ID, Change: &p.Changes[i], Source: p.Changes[i].Source, At: start.Add(after)}
	}
	retried := event(apply.Retried, n-2, 2*time.Second)
	retried.Cause, retried.Reason, retried.DelaySeconds = apply.Throttled, "ThrottlingException: Rate exceeded", 1.5
	done := event(apply.Succeeded, n-3, 3*time.Second)
	done.TookSeconds = 3
	failed := event(apply.Failed, n-1, 4*time.Second)
	failed.Cause, failed.Reason = apply.Permanent, "Received a 404 status error:\nPolicy does not exist"
	futile := event(apply.Failed, n-1, 5*time.Second)
	futile.Cause = apply.Futile
	return []apply.Event{
		event(apply.Started, n-3, 0), event(apply.Started, n-2, time.Second), event(apply.Started, n-1, time.Second), retried, done,
		{Type: apply.Progressing, At: start, Progress: &apply.Progress{Done: 15, Running: 1, Failed: 1, Total: 1217, Retries: 1, ETASeconds: 312}},
		failed, futile, {Type: apply.Stopping, Stop: apply.StopInterrupted, Finding: &diag.Diagnostic{Summary: "the run was interrupted"}},
	}
}

func TestEvents(t *testing.T) {
	var b bytes.Buffer
	for _, e := range events(firstPlan(t)) {
		if line := render.EventLine(e, file); line != "" {
			b.WriteString(line + "\n")
		}
		if e.Progress != nil {
			b.WriteString(render.ProgressLine(*e.Progress, readCalls, file) + "\n")
		}
	}
	golden(t, "events.txt", b.Bytes())
}

// TestLiveViewFits: at every moment the view has no more lines and no wider
// ones than the terminal, and never loses how far the run is.
func TestLiveViewFits(t *testing.T) {
	p := firstPlan(t)
	for _, height := range []int{1, 2, 3, 6, 24} {
		for _, width := range []int{20, 60, 120} {
			var l render.Live
			for _, e := range events(p) {
				l.Take(e)
				lines := l.Lines(e.At, readCalls, height, render.Style{Width: width, Color: true})
				if len(lines) > max(height, 2) {
					t.Fatalf("%d lines on a terminal of %d", len(lines), height)
				}
				for _, line := range lines {
					if lipgloss.Width(line) > width || strings.Contains(line, "\n") {
						t.Fatalf("%q is wider than %d", line, width)
					}
				}
				if last := lines[len(lines)-1]; !strings.Contains(last, "done") {
					t.Fatalf("the last line is %q", last)
				}
			}
		}
	}
}

func TestLive(t *testing.T) {
	var l render.Live
	var b bytes.Buffer
	for _, e := range events(firstPlan(t)) {
		l.Take(e)
		b.WriteString("--- " + string(e.Type) + "\n" + strings.Join(l.Lines(e.At.Add(2*time.Second), readCalls, 6, render.Style{Width: 100}), "\n") + "\n")
	}
	golden(t, "live.txt", b.Bytes())
}
