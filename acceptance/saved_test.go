package acceptance

import (
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
)

// aTeam is one group with a member; more comes after it.
func aTeam(description, accounts, more string) string {
	return "\nresource \"rolecall_access_group\" \"team\" {\n  name = \"Team-One\"\n  description = \"" + description + "\"\n  accounts_names = [" + accounts + "]\n" +
		"  aws_managed_policies = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]\n  members = [\"jane.smith@company.com\"]\n}\n" + more
}

const (
	pushedTeam = "\nresource \"rolecall_external_group\" \"team\" {\n  name = \"AWS-Development-Team\"\n" + team + "}\n"
	ann        = "\nresource \"rolecall_user\" \"ann\" {\n  display_name = \"Ann Lee\"\n  email = \"ann@company.com\"\n  given_name = \"Ann\"\n  family_name = \"Lee\"\n}\n"
	staging    = "333344445555" // by the default estate
	production = "444455556666"
)

// betweenPlanAndApply are changes by hand after a plan was saved: before is applied,
// after is planned, "" being a destroy, and nothing of what the hand did may be
// touched.
func betweenPlanAndApply() map[string]struct {
	before, after string
	does          func(hand)
} {
	two := aTeam("A team", `"development", "staging"`, "")
	other, fewer := aTeam("Another text", `"development", "staging"`, ""), aTeam("A team", `"development"`, "")
	again := func(h hand) { h.deletesGroup("Team-One"); h.makesGroup("Team-One") }
	joins := func(h hand) { h.adds("wei.chen@company.com", "Team-One") }
	wider := func(h hand) { h.assigns("Team-One", production, "Team-One") }
	others := func(h hand) { h.assigns("Team-One", staging, "AWS-Development-Team") }
	anotherSet := func(h hand) { h.deletesSet("Team-One"); h.makesSet("Team-One") }
	pushedAgain := func(h hand) { removeGroup(h.t, h.e, "AWS-Development-Team"); h.makesGroup("AWS-Development-Team") }
	annAgain := func(h hand) { h.deletesUser("ann@company.com"); h.makesUser("ann@company.com") }
	type change = struct {
		before, after string
		does          func(hand)
	}
	return map[string]change{
		"a group appears":                    {"", two, func(h hand) { h.makesGroup("Team-One") }},
		"a set appears":                      {"", two, func(h hand) { h.makesSet("Team-One") }},
		"a group and its set appear":         {"", two, func(h hand) { h.makesGroup("Team-One"); h.makesSet("Team-One") }},
		"another run makes them":             {"", two, func(h hand) { h.makesOurs("Team-One") }},
		"the set of a pushed group appears":  {"", pushedTeam, func(h hand) { h.makesSet("AWS-Development-Team") }},
		"a user appears":                     {"", ann, func(h hand) { h.makesUser("ann@company.com") }},
		"update, the group goes":             {two, other, func(h hand) { h.deletesGroup("Team-One") }},
		"update, the group is another":       {two, other, again},
		"update, somebody joins":             {two, other, joins},
		"update, it is assigned elsewhere":   {two, other, wider},
		"update, another group gets the set": {two, other, others},
		"policies, another group gets it":    {two, strings.ReplaceAll(two, "ReadOnlyAccess", "PowerUserAccess"), others},
		"update, the set is another":         {two, other, anotherSet},
		"update, a policy is attached":       {two, other, func(h hand) { h.attaches("PowerUserAccess", "Team-One") }},
		"update, the user is another":        {ann, strings.ReplaceAll(ann, "Ann Lee", "Ann L."), annAgain},
		"update, the pushed one is another":  {pushedTeam, strings.ReplaceAll(pushedTeam, "ReadOnly", "PowerUser"), pushedAgain},
		"creation, the pushed group goes":    {"", pushedTeam, func(h hand) { removeGroup(h.t, h.e, "AWS-Development-Team") }},
		"removal, somebody joins":            {two, fewer, joins},
		"removal, another group gets it":     {two, fewer, others},
		"destroy, the group is another":      {two, "", again},
		"destroy, the set is another":        {two, "", anotherSet},
		"destroy, the pushed one is another": {pushedTeam, "", pushedAgain},
		"destroy, somebody joins":            {two, "", joins},
		"destroy, it is assigned elsewhere":  {two, "", wider},
		"destroy, another group gets it":     {two, "", others},
	}
}

// A saved plan is what somebody agreed to. What changed since stops its apply, with
// the provider's own error and before any write.
func TestSavedPlan(t *testing.T) {
	for name, c := range betweenPlanAndApply() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newConfig(t, program(t), c.before, emulator.Options{})
			if c.before != "" {
				w.must("apply", "-no-color", "-input=false", "-auto-approve")
			}
			args := []string{"plan", "-no-color", "-input=false", "-out=saved"}
			if c.after == "" {
				args = append(args, "-destroy")
			} else {
				w.write("main.tf", header+c.after)
			}
			w.must(args...)
			c.does(w.hand())
			before, wrote := w.e.State(), writesOf(w.e)
			code, out := w.run("apply", "-no-color", "-input=false", "saved")
			if code != 1 || strings.Contains(out, "inconsistent") || !strings.Contains(out, "Error: ") {
				t.Errorf("exit code %d, want 1 and the provider's own error\n%s", code, out)
			}
			w.inTerraformsWords(out)
			w.unchanged(before)
			if n := writesOf(w.e) - wrote; n > 0 {
				t.Errorf("%d calls wrote:\n%s", n, out)
			}
		})
	}
}

// Who was deleted and made again under the same name is somebody else, and no destroy's.
func TestSavedDestroyOfAUserMadeAgain(t *testing.T) {
	t.Parallel()
	w := newConfig(t, program(t), ann, emulator.Options{})
	w.must("apply", "-no-color", "-input=false", "-auto-approve")
	w.must("plan", "-no-color", "-input=false", "-out=saved", "-destroy")
	h := w.hand()
	h.deletesUser("ann@company.com")
	h.makesUser("ann@company.com")
	before := w.e.State()
	w.must("apply", "-no-color", "-input=false", "saved")
	w.unchanged(before)
}

// A plan without a refresh has not seen what came since the state was written: its apply
// takes nothing of that either.
func TestApplyWithoutRefresh(t *testing.T) {
	for name, c := range betweenPlanAndApply() {
		if what, _, _ := strings.Cut(name, ","); what != "destroy" && what != "removal" {
			continue // the others differ from a saved plan's in nothing
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newConfig(t, program(t), c.before, emulator.Options{})
			w.must("apply", "-no-color", "-input=false", "-auto-approve")
			w.write("main.tf", header+c.after)
			c.does(w.hand())
			before := w.e.State()
			code, out := w.run("apply", "-no-color", "-input=false", "-auto-approve", "-refresh=false")
			if code != 1 || strings.Contains(out, "inconsistent") {
				t.Errorf("exit code %d, want 1 and the provider's own error\n%s", code, out)
			}
			w.inTerraformsWords(out)
			w.unchanged(before)
		})
	}
}
