package render_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/render"
)

// looks are plans that change nothing, and what was looked at for them.
func looks() map[string]func(*render.PlanData) {
	complete := func(d *render.PlanData) { d.Read.Complete, d.Read.CannotSee = true, nil }
	return map[string]func(*render.PlanData){
		"complete": complete,
		"others": func(d *render.PlanData) {
			complete(d)
			d.Read.OtherSets, d.OutdatedElsewhere = 12, 2
		},
		"strangers": func(d *render.PlanData) {
			complete(d)
			d.GroupsWithStrangers = 1
		},
		"hidden": func(d *render.PlanData) {
			complete(d)
			d.Hidden = &plan.Hidden{PermissionSets: 1, Groups: 2, Accounts: 1, Changes: 3, Assignments: 1}
		},
		"hidden-incomplete": func(d *render.PlanData) { d.Hidden = &plan.Hidden{Changes: 1} },
		"incomplete": func(d *render.PlanData) {
			d.Read.CannotSee = append(d.Read.CannotSee, d.Read.CannotSee[0], "permission sets that were marked as ours elsewhere")
		},
		"unknown":         func(d *render.PlanData) { d.Read = access.Observed{} },
		"deep-incomplete": func(d *render.PlanData) { d.Read.Read = "deep" },
		"only": func(d *render.PlanData) {
			complete(d)
			d.Read.Read, d.Only, d.Outside = "group", []string{"AWS-Audit"}, 3
		},
		"only-two": func(d *render.PlanData) { d.Read.Read, d.Only = "group", []string{"AWS-Audit", "AWS-Developers"} },
		"only-unnamed": func(d *render.PlanData) {
			complete(d)
			d.Outside = 1
		},
		"records": func(d *render.PlanData) {
			complete(d)
			d.Changes = []plan.Change{{Kind: plan.Record, Action: plan.Update, Key: plan.Key{PermissionSet: "AWS-Audit", Level: plan.Down}},
				{Kind: plan.Record, Action: plan.Update, Key: plan.Key{PermissionSet: "AWS-Audit"}}}
			d.Summary = plan.Summary{Records: 2, ByKind: map[plan.Kind]map[plan.Action]int{plan.Record: {plan.Update: 2}}}
		},
	}
}

// nothing is a plan that changes nothing.
func nothing(t *testing.T) render.PlanData {
	t.Helper()
	text, err := os.ReadFile("testdata/plan/nothing/access.tfvars")
	if err != nil {
		t.Fatal(err)
	}
	live := applied(t, organization("development", "staging", "production", "security"), string(text))
	d, _ := planned(t, seen(live), string(text), plan.Guards{})
	return d
}

// TestNoChangesIsSaidOfWhatWasLookedAt: whatever was not read is never said to be
// as the config asks for, in text, in Markdown and at the end of an apply.
func TestNoChangesIsSaidOfWhatWasLookedAt(t *testing.T) {
	for name, edit := range looks() {
		t.Run(name, func(t *testing.T) {
			d := nothing(t)
			edit(&d)
			var b bytes.Buffer
			if err := render.Plan(&b, d, nil, nil, terminal); err != nil {
				t.Fatal(err)
			}
			b.WriteString("--- Markdown\n")
			if err := render.PlanMarkdown(&b, d, nil, nil); err != nil {
				t.Fatal(err)
			}
			b.WriteString("--- after an apply\n")
			if err := render.Result(&b, d.Plan, &apply.Result{}, nil, terminal); err != nil {
				t.Fatal(err)
			}
			golden(t, "coverage/"+name+".txt", b.Bytes())
			exact := strings.Contains(b.String(), "AWS matches")
			if whole := d.Read.Complete && d.Read.Read != "group" && d.Outside == 0; exact != whole {
				t.Errorf("says that AWS matches the config: %v", exact)
			}
		})
	}
}

// TestPlanTellsWhatFollowsInJSON: JSON has what the text is made from.
func TestPlanTellsWhatFollowsInJSON(t *testing.T) {
	for name, want := range map[string]string{
		"leaver": `{"sessions":[{"permission_set":"AWS-Developers","up_to":"PT4H","leaving":["user john.miller@company.com of group AWS-Developers"]}],"summary":{"create":1,"update":2,"delete":1,"blocked":0},"observed":{"complete":false}}`,
		"handover": `{"detours":[{"permission_set":"Operations","leaving":["group Operators"],"arriving":["group Night-Shift"],"accounts":1}],` +
			`"sessions":[{"permission_set":"Operations","up_to":"PT8H","leaving":["group Operators"]}],"summary":{"create":3,"update":6,"delete":3,"records":4,"blocked":0},"observed":{"complete":false}}`,
		"changes": `{"sessions":[{"permission_set":"AWS-Developers","up_to":"PT8H","replaced_by":["AWS-Builders"]}],"summary":{"create":7,"update":5,"delete":7,"records":2,"blocked":0},"observed":{"complete":false}}`,
		"nothing": `{"summary":{"create":0,"update":0,"delete":0,"blocked":0},"observed":{"complete":false}}`,
	} {
		t.Run(name, func(t *testing.T) {
			d := folder(t, name)
			text, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				TwoSteps []render.TwoStep `json:"detours,omitempty"`
				Sessions []render.Session `json:"sessions,omitempty"`
				Summary  plan.Summary     `json:"summary"`
				Observed struct {
					Complete bool `json:"complete"`
				} `json:"observed"`
			}
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			if n := got.Summary.ByKind[plan.Record][plan.Update]; n != got.Summary.Records {
				t.Errorf("%d records by kind, %d in all", n, got.Summary.Records)
			}
			got.Summary.ByKind = nil
			if text, err = json.Marshal(got); err != nil || string(text) != want {
				t.Errorf("got  %s\nwant %s (%v)", text, want, err)
			}
		})
	}
}

// folder returns the plan of a folder of testdata/plan.
func folder(t testing.TB, name string) render.PlanData {
	t.Helper()
	live := organization("development", "staging", "production", "security")
	if before, err := os.ReadFile("testdata/plan/" + name + "/before.tfvars"); err == nil {
		live = applied(t, live, string(before))
	}
	text, err := os.ReadFile("testdata/plan/" + name + "/access.tfvars")
	if err != nil {
		t.Fatal(err)
	}
	d, _ := planned(t, seen(live), string(text), plan.Guards{AllowReplace: true})
	return d
}

// TestPlanMarkdownOfSteps: what a pull request shows of two steps, of records and
// of open sessions.
func TestPlanMarkdownOfSteps(t *testing.T) {
	golden(t, "handover.md", written(t, func(b *bytes.Buffer) error { return render.PlanMarkdown(b, folder(t, "handover"), nil, nil) }))
}

// TestVerbosePlanHasIDs: names come first, ids beside them where they are asked
// for.
func TestVerbosePlanHasIDs(t *testing.T) {
	golden(t, "verbose.txt", written(t, func(b *bytes.Buffer) error {
		return render.Plan(b, folder(t, "handover"), nil, nil, render.Style{Width: 100, Verbose: true})
	}))
}

// TestPlanFromFileTellsOfSessions: where durations are not known, the longest
// that AWS takes is named, and whoever forgets to ask is told all the same.
func TestPlanFromFileTellsOfSessions(t *testing.T) {
	d := folder(t, "handover")
	out := string(written(t, func(b *bytes.Buffer) error { return render.Plan(b, render.PlanData{Plan: d.Plan}, nil, nil, file) }))
	for _, want := range []string{"up to 12 hours, the maximum that AWS allows", "changed in two steps"} {
		if !strings.Contains(out, want) {
			t.Errorf("does not say %q:\n%s", want, out)
		}
	}
}

// TestOutdatedSetIsBroughtUpToDateForAll: a grant on a set that is outdated in the
// account gives all its holders there what they did not have yet.
func TestOutdatedSetIsBroughtUpToDateForAll(t *testing.T) {
	before, err := os.ReadFile("testdata/plan/nothing/access.tfvars")
	if err != nil {
		t.Fatal(err)
	}
	live := applied(t, organization("development", "staging", "production", "security"), string(before))
	i := live.SetIndex("AWS-Developers")
	live.Sets[i].Outdated = live.Sets[i].Provisioned[:1]
	d, _ := planned(t, seen(live), string(before), plan.Guards{})
	out := string(written(t, func(b *bytes.Buffer) error { return render.Plan(b, d, nil, nil, file) }))
	if want := "~ provision the permission set: updates it in development (222233334444) for everyone who has it\n"; !strings.Contains(out, want) {
		t.Errorf("does not say %q:\n%s", want, out)
	}
}

// TestBoundarySwapIsNoTwoStep: the parts of an edit between which nothing happens
// are in order and need no explanation.
func TestBoundarySwapIsNoTwoStep(t *testing.T) {
	config := func(policy, limit string) string {
		return `access_groups = [{ name = "A", description = "d", accounts_names = ["production"], aws_managed_policies = ["arn:aws:iam::aws:policy/` +
			policy + `"], permissions_boundary = "arn:aws:iam::aws:policy/` + limit + `" }]`
	}
	live := applied(t, organization("production"), config("ReadOnlyAccess", "PowerUserAccess"))
	d, _ := planned(t, seen(live), config("SecurityAudit", "ViewOnlyAccess"), plan.Guards{})
	out := string(written(t, func(b *bytes.Buffer) error { return render.Plan(b, d, nil, nil, file) }))
	down, boundary, up := strings.Index(out, "- detach AWS managed policy"), strings.Index(out, "update permissions boundary"), strings.Index(out, "+ attach AWS managed policy")
	if len(d.TwoSteps) > 0 || strings.Contains(out, "two steps") || down < 0 || down > boundary || boundary > up {
		t.Errorf("two steps %+v in\n%s", d.TwoSteps, out)
	}
}
