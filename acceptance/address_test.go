package acceptance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
)

// team is what the groups of these tests have.
const team = `
  description          = "Access of a team"
  accounts_names       = ["development", "staging"]
  aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
`

// ofMine is a resource of the type with a for_each of the user's own.
func ofMine(kind, keys, body string) string {
	return fmt.Sprintf("\nresource \"rolecall_%s\" \"mine\" {\n  for_each = { %s }\n%s}\n", kind, keys, body)
}

// inModule calls the module with the groups.
func inModule(groups string) string {
	return fmt.Sprintf("\nmodule \"identity_center\" {\n  source        = \"../modules/identity-center\"\n  access_groups = [%s]\n}\n", groups)
}

// aGroup is a group of the module's list.
func aGroup(name, more string) string {
	return fmt.Sprintf("{ name = %q, %s description = \"Access of a team\", accounts_names = [\"development\", \"staging\"], "+
		"aws_managed_policies = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"], members = [\"jane.smith@company.com\"] },", name, more)
}

func movedBlock(from, to string) string {
	return fmt.Sprintf("moved {\n  from = %s\n  to   = %s\n}\n", from, to)
}

// addressChanges are configs that mean the same things under another address.
func addressChanges() map[string]struct{ before, after, from, to string } {
	const (
		group    = "  name    = each.value\n  members = [\"jane.smith@company.com\"]\n" + team
		external = "  name = each.value\n" + team
		user     = "  display_name = each.value\n  email = \"${each.value}@company.com\"\n  given_name = each.value\n  family_name = each.value\n"
	)
	single := "\nresource \"rolecall_access_group\" \"single\" {\n  name    = \"Team-One\"\n  members = [\"jane.smith@company.com\"]\n" + team + "}\n"
	return map[string]struct{ before, after, from, to string }{
		"group": {ofMine("access_group", `one = "Team-One", two = "Team-Two"`, group), ofMine("access_group", `uno = "Team-One", two = "Team-Two"`, group),
			`rolecall_access_group.mine["one"]`, `rolecall_access_group.mine["uno"]`},
		"external group": {ofMine("external_group", `one = "AWS-Development-Team"`, external), ofMine("external_group", `uno = "AWS-Development-Team"`, external),
			`rolecall_external_group.mine["one"]`, `rolecall_external_group.mine["uno"]`},
		"user": {ofMine("user", `one = "ann"`, user), ofMine("user", `uno = "ann"`, user),
			`rolecall_user.mine["one"]`, `rolecall_user.mine["uno"]`},
		"another label": {single, strings.ReplaceAll(single, `"single"`, `"other"`), `rolecall_access_group.single`, `rolecall_access_group.other`},
		"into the module": {single, inModule(aGroup("Team-One", "")),
			`rolecall_access_group.single`, `module.identity_center.rolecall_access_group.this["Team-One"]`},
	}
}

// What stands under another address without a `moved` block would be destroyed and
// made, in an order that nobody knows: it is refused at plan. With the block nothing
// at all happens in AWS.
func TestAnotherAddress(t *testing.T) {
	for name, c := range addressChanges() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachProgram(t, func(t *testing.T, program string) {
				w := newConfig(t, program, c.before, emulator.Options{})
				w.apply()
				w.config(c.after)
				w.refused(nil, "moved")
				w.refused([]string{"-target=" + c.to}, "moved", "import {") // the other one's end is not seen
				before := w.e.State()
				w.write("moved.tf", movedBlock(c.from, c.to))
				if out := w.must("apply", "-no-color", "-input=false", "-auto-approve"); !strings.Contains(out, "0 destroyed") {
					t.Errorf("with a moved block:\n%s", out)
				}
				w.unchanged(before)
				w.planIsEmpty()
			})
		})
	}
}

// A group that is renamed in the module's variables stands under another address, too;
// the message has the block, and with it the group is renamed in place.
func TestRenameInTheModule(t *testing.T) {
	for name, set := range map[string]string{"set of its own name": "", "set kept": `permission_set_name = "Team-One", `} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachProgram(t, func(t *testing.T, program string) {
				w := newConfig(t, program, inModule(aGroup("Team-One", "")), emulator.Options{})
				w.apply()
				w.config(inModule(aGroup("Team-Uno", `previously = "Team-One", `+set)))
				const from, to = `rolecall_access_group.this["Team-One"]`, `rolecall_access_group.this["Team-Uno"]`
				w.refused(nil, "moved {", from, to)
				w.renamed(movedBlock("module.identity_center."+from, "module.identity_center."+to), set != "")
			})
		})
	}
}

// renamed applies with the block, and says that the group is the same, with its grants
// and its members, and so is its permission set where that is kept.
func (w *workspace) renamed(block string, kept bool) {
	w.t.Helper()
	before := w.e.State().Instances[0]
	w.write("moved.tf", block)
	if code, out := w.run("plan", "-no-color", "-input=false", "-detailed-exitcode"); code != 2 && !kept {
		if code != 1 || !strings.Contains(words(out), "replace") { // other role ARNs need a word
			w.t.Errorf("a plan: exit code %d\n%s", code, out)
		}
		return
	}
	w.apply()
	after := w.e.State().Instances[0]
	if groupID(w.t, w.e, "Team-Uno") != idOf(before.Groups, "Team-One") {
		w.t.Error("the group is another one")
	}
	if len(after.Memberships) != len(before.Memberships) || len(after.Assignments) != len(before.Assignments) {
		w.t.Errorf("members or grants were lost: %+v %+v", after.Memberships, after.Assignments)
	}
	if kept && after.PermissionSets[0].ARN != before.PermissionSets[0].ARN {
		w.t.Error("the permission set is another one")
	}
	if n := w.e.Stats().Calls["sso-admin.DeleteAccountAssignment"]; kept && n > 0 {
		w.t.Errorf("%d assignments were taken away", n)
	}
}

// A user who is renamed in the module's variables stands under another address as well.
func TestUserRenamedInTheModule(t *testing.T) {
	users := func(email, more string) string {
		return fmt.Sprintf("\nmodule \"identity_center\" {\n  source = \"../modules/identity-center\"\n  users = [{ display_name = \"Ann\", email = %q, given_name = \"Ann\", family_name = \"Lee\"%s }]\n}\n", email, more)
	}
	eachProgram(t, func(t *testing.T, program string) {
		w := newConfig(t, program, users("ann@company.com", ""), emulator.Options{})
		w.apply()
		id := userID(w.e, "ann@company.com")
		w.config(users("ann.lee@company.com", ", previously = \"ann@company.com\""))
		const from, to = `rolecall_user.this["ann@company.com"]`, `rolecall_user.this["ann.lee@company.com"]`
		w.refused(nil, "moved {", from, to)
		w.write("moved.tf", movedBlock("module.identity_center."+from, "module.identity_center."+to))
		w.apply()
		if userID(w.e, "ann.lee@company.com") != id {
			t.Error("the user is another one")
		}
	})
}

// Addresses by number move along when the first of a list goes, and values of for_each
// can change places: each resource would become what another one is.
func TestAddressesThatMoveAlong(t *testing.T) {
	counted := func(names string) string {
		return fmt.Sprintf("\nresource \"rolecall_access_group\" \"mine\" {\n  count   = length([%[1]s])\n  name    = [%[1]s][count.index]\n  members = [\"jane.smith@company.com\"]\n%[2]s}\n", names, team)
	}
	const keyed = "  name    = each.value\n  members = [\"jane.smith@company.com\"]\n" + team
	users := func(names string) string {
		return fmt.Sprintf("\nresource \"rolecall_user\" \"mine\" {\n  count = length([%[1]s])\n  display_name = [%[1]s][count.index]\n  email = \"${[%[1]s][count.index]}@company.com\"\n  given_name = \"A\"\n  family_name = \"B\"\n}\n", names)
	}
	for name, c := range map[string]struct{ before, after string }{
		"the first of three groups goes": {counted(`"Team-One", "Team-Two", "Team-Three"`), counted(`"Team-Two", "Team-Three"`)},
		"one comes before":               {counted(`"Team-One", "Team-Two"`), counted(`"Team-Zero", "Team-One", "Team-Two"`)},
		"two change places":              {ofMine("access_group", `a = "Team-One", b = "Team-Two"`, keyed), ofMine("access_group", `a = "Team-Two", b = "Team-One"`, keyed)},
		"the first of three users goes":  {users(`"ann", "bob", "cyd"`), users(`"bob", "cyd"`)},
		"a pushed group of ours": {ofMine("access_group", `a = "Team-One"`, keyed),
			ofMine("external_group", `a = "AWS-Development-Team"`, "  name = each.value\n  permission_set_name = \"Team-One\"\n"+team)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newConfig(t, program(t), c.before, emulator.Options{})
			w.apply()
			w.config(c.after)
			w.refused(nil)
		})
	}
}

// One thing under two addresses is refused at plan: each would undo the other's work.
func TestTwoAddressesOfOneThing(t *testing.T) {
	single := func(label string) string {
		return fmt.Sprintf("\nresource \"rolecall_access_group\" %q {\n  name    = \"Team-One\"\n  members = [\"jane.smith@company.com\"]\n%s}\n", label, team)
	}
	members := "\nresource \"rolecall_group_members\" \"more\" {\n  group   = \"Team-One\"\n  members = [\"wei.chen@company.com\"]\n}\n"
	user := func(label string) string {
		return fmt.Sprintf("\nresource \"rolecall_user\" %q {\n  display_name = \"Ann\"\n  email = \"ann@company.com\"\n  given_name = \"Ann\"\n  family_name = \"Lee\"\n}\n", label)
	}
	for name, c := range map[string]struct{ before, after string }{
		"two new groups":             {"", single("one") + single("two")},
		"two new users":              {"", user("one") + user("two")},
		"a new one beside its like":  {single("one"), single("one") + single("two")},
		"imported a second time":     {single("one"), single("one") + single("two") + "import {\n  to = rolecall_access_group.two\n  id = \"Team-One\"\n}\n"},
		"a group and members of it":  {"", single("one") + members},
		"members of a group of ours": {single("one"), single("one") + members},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newConfig(t, program(t), c.before, emulator.Options{})
			if c.before != "" {
				w.apply()
			}
			w.config(c.after)
			w.refused(nil)
		})
	}
}
