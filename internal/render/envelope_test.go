package render_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/presence"
	"github.com/rolecall-dev/rolecall/internal/quota"
	"github.com/rolecall-dev/rolecall/internal/render"
)

// TestJSONFields holds the names of every field that scripts read: a field may
// be added, none may go or be renamed.
func TestJSONFields(t *testing.T) {
	r := diag.Range{File: "a", Start: diag.Pos{Line: 1, Column: 2, Byte: 3}, End: diag.Pos{Line: 1, Column: 2, Byte: 3}}
	d := diag.Diagnostic{Severity: diag.Error, ID: "i", Code: "c", Summary: "s", Detail: "d", Hint: "h", Range: r, Related: []diag.Range{r}, Snippet: "x",
		Evidence: []diag.Evidence{{System: "s", What: "w", Saw: "s", ID: "i", When: "w"}}}
	one := 1
	p := &plan.Plan{FormatVersion: 1, Changes: []plan.Change{}, InstanceARN: "i", IdP: "i", Findings: diag.List{d},
		Blocked: []plan.Blocked{{}}, Replaced: []plan.ReplacedRole{{}}, FollowUps: []plan.FollowUp{{Users: []string{"u"}}},
		UnmanagedUsers: []plan.UnmanagedUser{{Groups: []string{"g"}, Reaches: []plan.Reach{{}}}}}
	for _, c := range []struct {
		name string
		data any
		want []string
	}{
		{"envelope", render.Envelope{Calls: []quota.Use{{Throttles: 1}}, Findings: diag.List{d}, Data: 1},
			[]string{"calls", "command", "data", "exit_code", "findings", "format_version"}},
		{"call", quota.Use{Throttles: 1}, []string{"calls", "family", "operation", "throttles"}},
		{"finding", d, []string{"code", "detail", "evidence", "hint", "id", "range", "related", "severity", "snippet", "summary"}},
		{"range", r, []string{"end", "file", "start"}},
		{"position", r.Start, []string{"byte", "column", "line"}},
		{"evidence", d.Evidence[0], []string{"id", "saw", "system", "what", "when"}},
		{"plan", render.PlanData{Plan: p, TwoSteps: []render.TwoStep{{}}, Sessions: []render.Session{{}}, Only: []string{"g"}},
			[]string{"blocked", "changes", "detours", "estimate", "findings", "follow_ups", "format_version", "identity_provider",
				"instance_arn", "observed", "only", "owner", "replaced_roles", "sessions", "set_up", "summary", "unmanaged_users"}},
		{"detour", render.TwoStep{Through: []string{"s"}}, []string{"accounts", "arriving", "leaving", "permission_set", "through"}},
		{"session", render.Session{Assumed: true, Leaving: []string{"u"}, ReplacedBy: []string{"s"}}, []string{"assumed", "leaving", "permission_set", "replaced_by", "up_to"}},
		{"change", plan.Change{Before: &plan.Value{}, After: &plan.Value{}, Refs: plan.Refs{GroupID: "g"}, Source: r, DependsOn: []plan.ID{"x"}},
			[]string{"action", "after", "before", "depends_on", "id", "key", "kind", "reason", "refs", "source"}},
		{"summary", plan.Summary{Records: 1, ByKind: map[plan.Kind]map[plan.Action]int{"x": {}}}, []string{"blocked", "by_kind", "create", "delete", "records", "update"}},
		{"estimate", apply.Estimate{}, []string{"assumed_job_seconds", "assumed_tps", "calls", "changes", "floor", "identity_calls", "jobs", "seconds"}},
		{"result", apply.Result{Stopped: &apply.Stop{}}, []string{"done", "failed", "interrupted", "left", "stats", "stopped"}},
		{"failure", apply.Failure{Reason: "r", Accounts: []string{"a"}}, []string{"accounts", "attempts", "cause", "finding", "id", "reason"}},
		{"left", apply.Left{BlockedBy: "x", Jobs: []string{"j"}}, []string{"blocked_by", "id", "jobs", "why"}},
		{"report", presence.Report{Window: &presence.Window{}}, []string{"counts", "items", "set_up", "window"}},
		{"item", presence.Item{Absent: true, ID: "i", Origin: "o", Owner: "o", Members: &one, Suggestions: []presence.Suggestion{{}}, Finding: &d},
			[]string{"finding", "id", "kind", "members", "name", "origin", "owner", "suggestions", "verdict", "wanted_absent"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, err := json.Marshal(c.data)
			if err != nil {
				t.Fatal(err)
			}
			var fields map[string]any
			if err := json.Unmarshal(text, &fields); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, slices.Sorted(maps.Keys(fields))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestEnvelopeOfNothing: lists are never null, and what was not given is not there.
func TestEnvelopeOfNothing(t *testing.T) {
	got := written(t, func(b *bytes.Buffer) error { return render.JSON(b, render.Envelope{Command: "plan", ExitCode: 4}) })
	want := "{\n  \"format_version\": 1,\n  \"command\": \"plan\",\n  \"exit_code\": 4,\n  \"findings\": [],\n  \"calls\": []\n}\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestJSONLine: one value is one line, and < is not escaped.
func TestJSONLine(t *testing.T) {
	got := written(t, func(b *bytes.Buffer) error {
		return render.JSONLine(b, apply.Event{Type: apply.Failed, Reason: "a\n<b>"})
	})
	if want := "{\"type\":\"failed\",\"at\":\"0001-01-01T00:00:00Z\",\"reason\":\"a\\n<b>\"}\n"; string(got) != want {
		t.Errorf("got %s want %s", got, want)
	}
}
