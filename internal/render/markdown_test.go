package render_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/render"
)

func TestMarkdown(t *testing.T) {
	before, err := os.ReadFile("testdata/plan/changes/before.tfvars")
	if err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile("testdata/plan/changes/access.tfvars")
	if err != nil {
		t.Fatal(err)
	}
	live := applied(t, organization("development", "staging", "production", "security"), string(before))
	d, sources := planned(t, seen(live), string(after), plan.Guards{AllowReplace: true})
	golden(t, "plan.md", written(t, func(b *bytes.Buffer) error {
		return render.PlanMarkdown(b, d, readCalls, sources)
	}))
}

// large is a config of 40 groups, each with access to all of 125 accounts.
func large() (config string, accounts []string) {
	var names, quoted []string
	for i := range 125 {
		names = append(names, fmt.Sprintf("workload-%03d", i))
		quoted = append(quoted, fmt.Sprintf("%q", names[i]))
	}
	var b strings.Builder
	b.WriteString("management_mode = \"external\"\nscim_identity_source = \"Okta\"\nexternal_groups = [\n")
	for i := range 40 {
		fmt.Fprintf(&b, "  { name = \"AWS-Team-%02d\", description = \"Team\", aws_managed_policies = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"],\n    accounts_names = [%s] },\n",
			i, strings.Join(quoted, ", "))
	}
	return b.String() + "]\n", names
}

func largePlan(t testing.TB) (*plan.Plan, []byte) {
	text, accounts := large()
	live := organization(accounts...)
	for i := range 40 {
		live = withSCIMGroup(live, fmt.Sprintf("AWS-Team-%02d", i))
	}
	p, sources := diff(t, seen(live), text, plan.Guards{})
	if n := p.Summary.ByKind[plan.Assignment][plan.Create]; n != 5000 {
		t.Fatalf("%d assignments", n)
	}
	return p, sources["access.tfvars"]
}

// TestLargePlanIsReadable: 5,000 assignments are summed up, and nothing that
// goes uncounted.
func TestLargePlanIsReadable(t *testing.T) {
	p, _ := largePlan(t)
	out := string(written(t, func(b *bytes.Buffer) error { return render.Plan(b, planData(p), readCalls, nil, terminal) }))
	if n := strings.Count(out, "\n"); n > 700 {
		t.Errorf("%d lines", n)
	}
	for _, want := range []string{"+ create 125 account assignments for group AWS-Team-07", "... and 122 more", "account assignments   + 5,000", "Plan: 5,080 to create"} {
		if !strings.Contains(out, want) {
			t.Errorf("does not say %q:\n%s", want, out[max(len(out)-1500, 0):])
		}
	}
	md := written(t, func(b *bytes.Buffer) error { return render.PlanMarkdown(b, planData(p), readCalls, nil) })
	if len(md) > 65_536 {
		t.Errorf("%d bytes of Markdown are more than GitHub takes", len(md))
	}
}

// TestLargestMarkdownFits: a plan that does not fit into a comment says what
// it leaves out, and closes what it opens.
func TestLargestMarkdownFits(t *testing.T) {
	p, _ := largePlan(t)
	for i := range p.Changes {
		p.Changes[i].Reason = strings.Repeat("a long reason with ``` in it ", 50) + p.Changes[i].Key.PermissionSet
	}
	md := string(written(t, func(b *bytes.Buffer) error { return render.PlanMarkdown(b, planData(p), readCalls, nil) }))
	if len(md) > 65_536 || !strings.Contains(md, "more sections are not shown here") {
		t.Errorf("%d bytes", len(md))
	}
	if a, b := strings.Count(md, "<details>"), strings.Count(md, "</details>"); a != b || a == 0 {
		t.Errorf("%d folds opened, %d closed", a, b)
	}
	if regexp.MustCompile("(?m)^```$").MatchString(md[strings.Index(md, "<details>"):]) {
		t.Error("a fence ends with three backticks around a text that has them")
	}
}

func BenchmarkPlan(b *testing.B) {
	p, source := largePlan(b)
	data := planData(p)
	sources := map[string][]byte{"access.tfvars": source}
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		if err := render.Plan(&out, data, readCalls, sources, terminal); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(out.Len()), "bytes-out")
}
