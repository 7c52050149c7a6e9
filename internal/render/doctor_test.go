package render_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/doctor"
	"github.com/rolecall-dev/rolecall/internal/render"
)

func diagnosis() doctor.Report {
	return doctor.Report{
		Subject: doctor.Person, Name: "jane@company.com", Account: "444455556666", State: doctor.Problem,
		Answer: `"jane@company.com" is not assigned to the AWS application in Okta.`,
		Chain: []doctor.Step{
			{Link: doctor.AtIdP, State: doctor.OK, Says: "1 person"},
			{Link: doctor.Application, State: doctor.Problem, Broken: true, Says: `"jane@company.com" is not assigned`},
			{Link: doctor.Provisioning, State: doctor.CannotTell, Says: "a token"},
		},
		Verdicts: []doctor.Verdict{
			{Check: "not-assigned", Link: doctor.Application, State: doctor.Problem, System: "Okta", Cause: `"jane@company.com" is not assigned to the AWS application in Okta`,
				Fix:      "In Okta, assign \"jane@company.com\".",
				Evidence: []diag.Evidence{{System: "Okta", What: "GET /api/v1/apps/0oa1/users/00u1", Saw: "404", ID: "req-1", When: "2026-11-23T12:00:00Z"}}},
			{Check: "scim-token", Link: doctor.Provisioning, State: doctor.CannotTell, Needs: "the SCIM token"},
		},
	}
}

func TestDoctor(t *testing.T) {
	got := string(written(t, func(b *bytes.Buffer) error { return render.Doctor(b, diagnosis(), render.Style{}) }))
	want := `"jane@company.com" is not assigned to the AWS application in Okta.

x problem "jane@company.com" is not assigned to the AWS application in Okta  [not-assigned]
  fix (Okta): In Okta, assign "jane@company.com".
  saw Okta: GET /api/v1/apps/0oa1/users/00u1: 404 (request req-1) at 2026-11-23T12:00:00Z

LINK                 STATE          SEEN
identity provider    + ok           1 person
AWS application      x broken here  "jane@company.com" is not assigned
provisioning (SCIM)  ? cannot tell  see below

What could not be seen, and what it needs:
  scim-token: the SCIM token
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Names come from whoever may make a group.
func TestDoctorShowsHostileNamesAsText(t *testing.T) {
	r := diagnosis()
	hostile := "\x1b[31m\u202e[x](http://evil.example) | <img src=x> @everyone\n# head"
	r.Answer, r.Name, r.Verdicts[0].Cause, r.Chain[1].Says = hostile, hostile, hostile, hostile
	text := string(written(t, func(b *bytes.Buffer) error { return render.Doctor(b, r, render.Style{Width: 60}) }))
	if strings.ContainsAny(text, "\x1b\u202e") {
		t.Errorf("a terminal would obey %q", text)
	}
	md := string(written(t, func(b *bytes.Buffer) error { return render.DoctorMarkdown(b, r) }))
	for _, bad := range []string{"\x1b", "\u202e", "](http", "<img", "@everyone", "\n# head"} {
		if strings.Contains(md, bad) {
			t.Errorf("%q is in %s", bad, md)
		}
	}
	for line := range strings.Lines(md) {
		if strings.HasPrefix(line, "|") && strings.Count(line, "|") != 4 {
			t.Errorf("a row of other cells: %s", line)
		}
	}
}
