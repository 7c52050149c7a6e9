package acceptance

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
)

// madeByOthers is an estate without any mark, in which every group has two members,
// and its set in every account.
func madeByOthers(groups, accounts int) *emulator.Estate {
	e := crowd(groups, accounts)
	for i := range e.PermissionSets {
		group := &e.Groups[len(e.Groups)-groups+i] // after those of the default estate
		group.Description, group.Members = "one of many", []string{"jane.smith@company.com", "wei.chen@company.com"}
		e.PermissionSets[i].Tags = map[string]string{"team": "old"}
	}
	return e
}

// theCrowd is the module's call for such an estate.
func theCrowd(groups, accounts int, more string) string {
	return fmt.Sprintf(`
module "identity_center" {
  source = "../modules/identity-center"
  access_groups = [for i in range(%d) : {
    name                 = format("group-%%03d", i)
    description          = "one of many"
    aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    accounts_names       = [for n in range(%d) : format("account-%%03d", n)]
    members              = ["jane.smith@company.com", "wei.chen@company.com"]
    tags                 = { team = "old" }
  }]
  %s
}
`, groups, accounts, more)
}

// unmarked is what is in AWS with every id, but without marks and tags of ours.
func unmarked(e *emulator.Emulator) emulator.StateInstance {
	s := e.State().Instances[0]
	for i := range s.Groups {
		s.Groups[i].Description, _ = access.ParseMark(s.Groups[i].Description)
	}
	for i, p := range s.PermissionSets {
		maps.DeleteFunc(p.Tags, func(key, _ string) bool { return strings.HasPrefix(key, "rolecall:") })
		if len(p.Tags) == 0 {
			s.PermissionSets[i].Tags = nil
		}
	}
	return s
}

// What others made is taken over by one plan and one apply: nothing is made, taken
// away or provisioned, and it costs a few calls an assignment.
func TestTakeOverAnEstate(t *testing.T) {
	const groups, accounts = 20, 20
	const imports = `
import {
  for_each = toset([for i in range(20) : format("group-%03d", i)])
  to       = module.identity_center.rolecall_access_group.this[each.key]
  id       = each.key
}
`
	for name, text := range map[string]string{
		"imports": theCrowd(groups, accounts, "") + imports,
		"adopt":   theCrowd(groups, accounts, `adopt = [for i in range(20) : format("group-%03d", i)]`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachProgram(t, func(t *testing.T, program string) {
				w := newConfig(t, program, text, emulator.Options{Estate: madeByOthers(groups, accounts)})
				before := unmarked(w.e)
				w.must("plan", "-no-color", "-input=false", "-out=saved")
				planned := w.e.Stats()
				w.must("apply", "-no-color", "-input=false", "saved")
				w.tookOver(before, planned, 3*groups*accounts)
				w.planIsEmpty()
			})
		})
	}
}

// tookOver says that nothing but marks was written, and counts.
func (w *workspace) tookOver(before emulator.StateInstance, planned emulator.Stats, most int) {
	w.t.Helper()
	stats := w.e.Stats()
	w.t.Logf("%d calls for the plan, %d with the apply\nplan: %v\nboth: %v", planned.Total, stats.Total, planned.Calls, stats.Calls)
	if stats.Total > most {
		w.t.Errorf("%d calls, want at most %d", stats.Total, most)
	}
	w.onlyMarked(before)
}

// onlyMarked says that nothing was written but marks.
func (w *workspace) onlyMarked(before emulator.StateInstance) {
	w.t.Helper()
	for name := range written(w.e.Stats()) {
		if !slices.Contains([]string{"identitystore.UpdateGroup", "sso-admin.TagResource", "sso-admin.UntagResource"}, name) {
			w.t.Errorf("%s was called", name)
		}
	}
	if diff := cmp.Diff(before, unmarked(w.e)); diff != "" {
		w.t.Errorf("in AWS (-before +after):\n%s", diff)
	}
}

// written are the calls that change something.
func written(s emulator.Stats) map[string]int {
	calls := maps.Clone(s.Calls)
	maps.DeleteFunc(calls, func(name string, _ int) bool { return !writes(name) })
	return calls
}

// odd is an estate with a group as hands and other tools leave them: the set is
// described otherwise than the group, and its policy is of another time.
func odd() *emulator.Estate {
	e := emulator.DefaultEstate()
	e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: "Old-Team", Description: "the old team", Members: []string{"jane.smith@company.com"}})
	e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: "Old-Team", Description: "what the old team may do",
		AWSManagedPolicies: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"},
		InlinePolicy: json.RawMessage(`{"Version":"2008-10-17","Id":"old","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"},` +
			`{"Effect":"Deny","Action":["s3:Delete*"],"Resource":["*"]}]}`)})
	e.Assignments = append(e.Assignments, emulator.EstateAssignment{PermissionSet: "Old-Team", Group: "Old-Team", Accounts: []string{"development", "production"}})
	return e
}

// An import keeps what it finds, however odd: nothing of the content is planned to
// change, and nothing is provisioned.
func TestImportOfTheOdd(t *testing.T) {
	eachProgram(t, func(t *testing.T, program string) {
		w := newConfig(t, program, "import {\n  to = rolecall_access_group.old\n  id = \"Old-Team\"\n}\n", emulator.Options{Estate: odd()})
		before := unmarked(w.e)
		w.must("plan", "-no-color", "-input=false", "-generate-config-out=generated.tf")
		w.must("plan", "-no-color", "-input=false", "-out=saved")
		for address, changed := range w.changes("saved") {
			if rest := slices.DeleteFunc(changed, func(name string) bool { return name == "owner" || name == "drift" }); len(rest) > 0 {
				t.Errorf("%s: %v is planned to change", address, rest)
			}
		}
		w.must("apply", "-no-color", "-input=false", "saved")
		w.onlyMarked(before)
		w.planIsEmpty()
	})
}

// strangers is an estate with a group of which others have more than the config of
// aTeam for the development account says; each extra makes one more.
func strangers(extras ...string) *emulator.Estate {
	e := emulator.DefaultEstate()
	group := emulator.EstateGroup{DisplayName: "Team-One", Description: "A team", Members: []string{"jane.smith@company.com"}}
	set := emulator.EstatePermissionSet{Name: "Team-One", Description: "A team", AWSManagedPolicies: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}}
	accounts := []string{"development"}
	for _, extra := range extras {
		switch extra {
		case "member":
			group.Members = append(group.Members, "wei.chen@company.com")
		case "account":
			accounts = append(accounts, "production")
		case "policy":
			set.AWSManagedPolicies = append(set.AWSManagedPolicies, "arn:aws:iam::aws:policy/PowerUserAccess")
		case "inline policy":
			set.InlinePolicy = json.RawMessage(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`)
		case "session":
			set.SessionDuration = "PT12H"
		case "another group":
			e.Assignments = append(e.Assignments, emulator.EstateAssignment{PermissionSet: "Team-One", Group: "AWS-Development-Team", Accounts: []string{"staging"}})
		}
	}
	e.Groups, e.PermissionSets = append(e.Groups, group), append(e.PermissionSets, set)
	e.Assignments = append(e.Assignments, emulator.EstateAssignment{PermissionSet: "Team-One", Group: "Team-One", Accounts: accounts})
	return e
}

// extras are what strangers may have, and the attribute that shows its loss.
var extras = map[string]string{"member": "members", "account": "accounts_names", "policy": "aws_managed_policies", "inline policy": "inline_policies",
	"session": "session_duration", "another group": "drift"}

// A creation never takes anything from anybody, and cannot show it: taking over what
// somebody would lose by is refused at plan, with the import block.
func TestAdoptTakesNothing(t *testing.T) {
	for extra := range extras {
		t.Run(extra, func(t *testing.T) {
			t.Parallel()
			w := newConfig(t, program(t), strings.Replace(aTeam("A team", `"development"`, ""), "{\n", "{\n  adopt = true\n", 1), emulator.Options{Estate: strangers(extra)})
			w.refused(nil, "import {")
		})
	}
}

// An import's plan shows everything that its apply takes, as a change of what has it,
// and the apply takes that and no more.
func TestImportShowsWhatItTakes(t *testing.T) {
	allowed := strings.Replace(aTeam("A team", `"development"`, ""), "{\n", "{\n  allow = [\"strangers\"]\n", 1)
	w := newConfig(t, program(t), allowed+"import {\n  to = rolecall_access_group.team\n  id = \"Team-One\"\n}\n",
		emulator.Options{Estate: strangers(slices.Collect(maps.Keys(extras))...)})
	w.must("plan", "-no-color", "-input=false", "-out=saved")
	shown := w.changes("saved")["rolecall_access_group.team"]
	for extra, attribute := range extras {
		if !slices.Contains(shown, attribute) {
			t.Errorf("%s: %s is not shown to change, but %v", extra, attribute, shown)
		}
	}
	w.must("apply", "-no-color", "-input=false", "saved")
	w.planIsEmpty()
	clean, err := emulator.New(emulator.Options{Estate: strangers(), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(withoutMarks(t, clean), withoutMarks(t, w.e)); diff != "" {
		t.Errorf("in AWS (-without extras +imported):\n%s", diff)
	}
}

// withoutMarks is unmarked without ids.
func withoutMarks(t *testing.T, e *emulator.Emulator) string {
	t.Helper()
	s := withoutIDs(e)
	u := unmarked(e)
	for i := range s.Groups {
		s.Groups[i].Description = u.Groups[i].Description
	}
	for i := range s.PermissionSets {
		s.PermissionSets[i].Tags = u.PermissionSets[i].Tags
	}
	return asText(t, s)
}

// changes gives, for each resource that a saved plan changes, the attributes that
// are not after it what they were before.
func (w *workspace) changes(saved string) map[string][]string {
	w.t.Helper()
	var plan struct {
		ResourceChanges []struct {
			Address string
			Change  struct{ Before, After map[string]any }
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(w.must("show", "-json", saved)), &plan); err != nil {
		w.t.Fatal(err)
	}
	out := map[string][]string{}
	for _, r := range plan.ResourceChanges {
		for name, before := range r.Change.Before {
			if !cmp.Equal(before, r.Change.After[name]) {
				out[r.Address] = append(out[r.Address], name)
			}
		}
	}
	return out
}
