package acceptance

import (
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
)

// replaceable has a resource of each kind that makes something whole; lifecycle goes
// into all of them.
func replaceable(lifecycle, trigger string) string {
	text := `
resource "terraform_data" "trigger" {
  input = "TRIGGER"
}

resource "rolecall_access_group" "own" {
  name    = "Team-One"
  members = ["jane.smith@company.com"]
  LIFECYCLE` + team + `}

resource "rolecall_external_group" "pushed" {
  name = "AWS-Development-Team"
  LIFECYCLE` + team + `}

resource "rolecall_user" "ann" {
  display_name = "Ann Lee"
  email        = "ann@company.com"
  given_name   = "Ann"
  family_name  = "Lee"
  LIFECYCLE
}
`
	return strings.NewReplacer("LIFECYCLE", lifecycle, "TRIGGER", trigger).Replace(text)
}

// Every way in which Terraform replaces a resource would take away access, and give
// back other ids and role ARNs: it is refused at plan, and says what to leave out.
func TestReplaceIsRefused(t *testing.T) {
	eachProgram(t, func(t *testing.T, program string) {
		w := newConfig(t, program, replaceable("", "1"), emulator.Options{})
		w.apply()
		for _, address := range []string{"rolecall_access_group.own", "rolecall_external_group.pushed", "rolecall_user.ann"} {
			w.refused([]string{"-replace=" + address}, "-replace", "untaint")
		}
		w.must("taint", "rolecall_access_group.own")
		w.refused(nil, "untaint")
		w.must("untaint", "rolecall_access_group.own")
		w.planIsEmpty()

		w.config(replaceable("lifecycle { create_before_destroy = true }", "1"))
		w.planIsEmpty()
		for _, address := range []string{"rolecall_access_group.own", "rolecall_external_group.pushed", "rolecall_user.ann"} {
			w.refused([]string{"-replace=" + address}, "-replace")
		}

		w.config(replaceable("lifecycle { replace_triggered_by = [terraform_data.trigger] }", "2"))
		w.refused(nil, "Team-One", "AWS-Development-Team", "ann@company.com")
		w.config(replaceable("", "1"))
		w.planIsEmpty()
	})
}
