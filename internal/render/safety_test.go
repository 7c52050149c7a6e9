package render_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/presence"
	"github.com/rolecall-dev/rolecall/internal/render"
)

var colors = regexp.MustCompile("\x1b\\[[0-9;]*m")

// TestColorChangesNothingButColor compares each text with its plain self.
func TestColorChangesNothingButColor(t *testing.T) {
	p := firstPlan(t)
	source, err := os.ReadFile("testdata/plan/first/access.tfvars")
	if err != nil {
		t.Fatal(err)
	}
	sources := diag.Sources{"access.tfvars": source}
	p.Findings = diag.List{{Severity: diag.Error, Summary: "s", Hint: "h", Range: p.Changes[0].Source}}
	report := presence.Report{Counts: presence.Counts{There: 1}, Items: []presence.Item{{Kind: presence.GroupItem, Name: "日本", Verdict: presence.There}}}
	for name, write := range map[string]func(*bytes.Buffer, render.Style) error{
		"plan":   func(b *bytes.Buffer, s render.Style) error { return render.Plan(b, planData(p), readCalls, sources, s) },
		"verify": func(b *bytes.Buffer, s render.Style) error { return render.Verify(b, report, s) },
		"result": func(b *bytes.Buffer, s render.Style) error {
			return render.Result(b, p, &apply.Result{Failed: []apply.Failure{{ID: p.Changes[0].ID, Reason: "r"}}}, nil, s)
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, width := range []int{0, 50} {
				bare := string(written(t, func(b *bytes.Buffer) error { return write(b, render.Style{Width: width}) }))
				colored := string(written(t, func(b *bytes.Buffer) error { return write(b, render.Style{Width: width, Color: true}) }))
				if strings.Contains(bare, "\x1b") || !strings.Contains(colored, "\x1b") {
					t.Error("color where none is asked for, or none where it is")
				}
				if diff := cmp.Diff(bare, colors.ReplaceAllString(colored, "")); diff != "" {
					t.Errorf("(-plain +colored):\n%s", diff)
				}
			}
		})
	}
}

// TestNamesFromAWSDoNotSteerTheTerminal puts what a terminal obeys into
// everything that somebody else may have named.
func TestNamesFromAWSDoNotSteerTheTerminal(t *testing.T) {
	evil := "x\x1b]0;owned\a\r\n- delete\u202e</details>\n```\n| <img src=x> `"
	p := firstPlan(t)
	for i := range p.Changes {
		c := &p.Changes[i]
		for _, s := range []*string{&c.Key.User, &c.Key.Group, &c.Key.PermissionSet, &c.Key.Policy, &c.Key.AccountName, &c.Reason, &c.Source.File} {
			if *s != "" {
				*s += evil
			}
		}
		if c.Kind == plan.InlinePolicy {
			c.After.Document = `{"Statement":"` + evil + `"}`
		}
		if c.Kind == plan.PermissionSet {
			c.After.PermissionSet.Description = evil
			c.After.PermissionSet.Tags = append(c.After.PermissionSet.Tags, access.Tag{Key: evil, Value: evil})
		}
	}
	p.Owner, p.IdP = evil, evil
	p.Read.CannotSee = []string{evil}
	p.UnmanagedUsers = []plan.UnmanagedUser{{User: evil, Groups: []string{evil}, Reaches: []plan.Reach{{PermissionSet: evil, AccountName: evil}}}}
	p.Replaced = []plan.ReplacedRole{{AccountName: evil, PermissionSet: evil, Replacement: evil, RolePattern: evil}}
	p.FollowUps = []plan.FollowUp{{System: evil, Users: []string{evil}, Steps: []string{evil}}}
	p.Hidden, p.Outside = &plan.Hidden{Users: 1}, 1
	data := planData(p)
	data.Only, data.Sessions = []string{evil}, []render.Session{{PermissionSet: evil, UpTo: evil, Leaving: []string{evil}, ReplacedBy: []string{evil}}}
	for _, c := range p.Changes {
		if c.Kind == plan.PermissionSet {
			data.TwoSteps = []render.TwoStep{{PermissionSet: c.Key.PermissionSet, Leaving: []string{evil}, Arriving: []string{evil}, Through: []string{evil}}}
		}
	}
	result := &apply.Result{Failed: []apply.Failure{{ID: p.Changes[0].ID, Reason: evil, Accounts: []string{evil}}},
		Left: []apply.Left{{ID: p.Changes[1].ID, Why: apply.Blocked, BlockedBy: p.Changes[0].ID, Jobs: []string{evil}}}}
	item := presence.Item{Kind: presence.GroupItem, Name: evil, Verdict: presence.WillNotCome, Owner: evil, Origin: presence.FromRolecall,
		Suggestions: []presence.Suggestion{{Name: evil, Match: names.Case, Differences: names.Differences("a", evil)}}}
	var b bytes.Buffer
	for _, err := range []error{
		render.Plan(&b, data, readCalls, nil, terminal),
		render.PlanMarkdown(&b, data, readCalls, nil),
		render.Result(&b, p, result, readCalls, terminal),
		render.Verify(&b, presence.Report{Items: []presence.Item{item}, Counts: presence.Counts{WillNotCome: 1}}, terminal),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var live render.Live
	for _, e := range events(p) {
		e.Reason += evil
		live.Take(e)
		b.WriteString(render.EventLine(e, terminal) + "\n" + strings.Join(live.Lines(time.Time{}, nil, 9, terminal), "\n") + "\n")
	}
	if i := strings.IndexFunc(b.String(), func(r rune) bool { return r != '\n' && unicode.IsControl(r) || r == '\u202e' }); i >= 0 {
		t.Errorf("sends %q", b.String()[max(i-80, 0):min(i+80, b.Len())])
	}
	if !strings.Contains(b.String(), "changed in two steps") {
		t.Error("no two steps are shown")
	}
	if strings.Contains(b.String(), "<summary>Group AWS-Developersx</details>") {
		t.Error("a name closes a fold of the Markdown")
	}
}

// TestPeopleWhomTheConfigDoesNotName are listed with what they reach, a few of
// many.
func TestPeopleWhomTheConfigDoesNotName(t *testing.T) {
	p := firstPlan(t)
	p.Changes, p.Summary, p.FollowUps = nil, plan.Summary{}, nil
	for i := range 12 {
		s := plan.UnmanagedUser{User: "guest" + string(rune('a'+i)) + "@company.com"}
		for j := range i {
			s.Groups = []string{"Contractors"}
			s.Reaches = append(s.Reaches, plan.Reach{PermissionSet: []string{"ReadOnly", "Billing"}[j%2],
				Account: fmt.Sprintf("%012d", 222233334444+j), AccountName: fmt.Sprintf("workload-%d", j)})
		}
		p.UnmanagedUsers = append(p.UnmanagedUsers, s)
	}
	golden(t, "strangers.txt", written(t, func(b *bytes.Buffer) error { return render.Plan(b, planData(p), nil, nil, terminal) }))
}
