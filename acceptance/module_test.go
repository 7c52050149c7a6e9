package acceptance

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/write"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

const module = "modules/identity-center"

// The module's own tests: its rules with a mock, its set-ups for real.
func TestModule(t *testing.T) {
	w := newWorkspace(t, module, nil)
	before := contents(t, w.e)
	t.Log(w.must("test", "-no-color"))
	if diff := cmp.Diff(before, contents(t, w.e)); diff != "" {
		t.Errorf("left in AWS:\n%s", diff)
	}
	if n := w.e.Stats().Calls["sso-admin.CreateAccountAssignment"]; n != 3 {
		t.Errorf("%d assignments were made, want 3", n)
	}
}

// Each example: apply, a plan without changes, destroy, and nothing is left.
func TestExamples(t *testing.T) {
	entries, err := os.ReadDir("../examples/terraform")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join("../examples/terraform", e.Name(), "main.tf")); err != nil {
			continue
		}
		t.Run(e.Name(), func(t *testing.T) {
			w := newWorkspace(t, "examples/terraform/"+e.Name(), nil)
			before := contents(t, w.e)
			w.apply()
			if diff := cmp.Diff(before, contents(t, w.e)); diff == "" {
				t.Error("nothing was made")
			}
			w.destroy()
			if diff := cmp.Diff(before, contents(t, w.e)); diff != "" {
				t.Errorf("left in AWS:\n%s", diff)
			}
		})
	}
}

// The same file through the module and through what the command does comes to
// the same in AWS.
func TestModuleAndCommandMeanTheSame(t *testing.T) {
	for _, name := range []string{"okta-scim", "google-users-scim", "okta-without-scim", "built-in"} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join("../examples", name)
			e := estate(t, folder)
			bothWays(t, newWorkspace(t, module, e).unlimited(), filepath.Join(folder, "terraform.tfvars"), e)
		})
	}
}

// bothWays applies a file by the module, in the workspace, and by what the
// command does, over an estate of the same contents.
func bothWays(t *testing.T, w *workspace, file string, e *emulator.Estate) {
	t.Helper()
	file, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	result, found := config.Validate(file, config.Options{})
	if found.HasErrors() {
		t.Fatal(found.Err())
	}
	before := contents(t, w.e)
	args := []string{"-var-file=" + file, "-var=owner=platform"}
	w.apply(args...)
	same(t, w, result.Config, e)
	w.destroy(args...)
	if diff := cmp.Diff(before, contents(t, w.e)); diff != "" {
		t.Errorf("left in AWS:\n%s", diff)
	}
}

// same says that what Terraform made is what the command makes of the config: a
// plan of the whole config as from Terraform's door changes nothing of it, and
// what the command makes elsewhere differs in the words for the door only.
func same(t *testing.T, w *workspace, c access.Config, e *emulator.Estate) {
	t.Helper()
	desired := access.Desired(c, "platform")
	if p, _, _ := planned(t, w.e, desired, c, access.ViaTerraform); p.Refused() || len(p.Changes)+len(p.Blocked) > 0 {
		t.Errorf("the config would change what the module made of it: %+v %+v\n%v", p.Changes, p.Blocked, p.Findings.Err())
	}
	other, err := emulator.New(emulator.Options{Estate: e, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	command(t, other, desired, c)
	if diff := cmp.Diff(withoutDoor(t, other), withoutDoor(t, w.e)); diff != "" {
		t.Errorf("in AWS (-command +module):\n%s", diff)
	}
}

// withoutDoor is contents without what says through which door something was
// made, and without records: they are made of ids, and whether they fit is for a
// plan to say.
func withoutDoor(t *testing.T, e *emulator.Emulator) string {
	t.Helper()
	s := withoutIDs(e)
	for i, g := range s.Groups {
		description, mark := access.ParseMark(g.Description)
		mark.Via = ""
		s.Groups[i].Description = mark.On(description)
	}
	for _, p := range s.PermissionSets {
		maps.DeleteFunc(p.Tags, func(key, _ string) bool {
			return key == access.ViaTag || key == access.RecordTag || strings.HasPrefix(key, "rolecall:principals-") || strings.HasPrefix(key, "rolecall:accounts-")
		})
	}
	return asText(t, s)
}

// estate is nil where the folder has none. The tests of examples, another module's, read
// theirs alike.
func estate(t *testing.T, folder string) *emulator.Estate {
	t.Helper()
	file, err := os.Open(filepath.Join(folder, "estate.json"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	e, err := emulator.ReadEstate(file)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// planned reads what there is for the config, and plans as from the door.
func planned(t *testing.T, e *emulator.Emulator, desired access.State, c access.Config, via string) (*plan.Plan, *identitycenter.Client, *access.State) {
	t.Helper()
	client := connect(t, e)
	live, _, err := read.New(client).Read(context.Background(), read.Options{Desired: desired, Owner: "platform"})
	if err != nil {
		t.Fatal(err)
	}
	p := plan.Diff(&desired, &live, plan.Options{Owner: "platform", Via: via, SetUp: c.SetUp(), IdP: c.IdPName(), Guards: plan.Guards{Caller: plan.Caller{Management: true}}})
	return p, client, &live
}

// command plans and applies as the command does.
func command(t *testing.T, e *emulator.Emulator, desired access.State, c access.Config) {
	t.Helper()
	p, client, live := planned(t, e, desired, c, "")
	if p.Refused() {
		t.Fatal(p.Findings.Err())
	}
	result, err := apply.New(write.New(client, write.Options{Owner: "platform", Live: live, Changes: p.Changes}), apply.Options{TPS: 1000}).Run(context.Background(), p.Changes)
	if err != nil || !result.Complete() {
		t.Fatalf("%v %+v", err, result)
	}
}

// contents is everything in the first instance but what AWS makes up.
func contents(t *testing.T, e *emulator.Emulator) string {
	t.Helper()
	return asText(t, withoutIDs(e))
}

func withoutIDs(e *emulator.Emulator) emulator.StateInstance {
	s := e.State().Instances[0]
	ids := map[string]string{}
	for i, u := range s.Users {
		ids[u.ID], s.Users[i].ID = u.UserName, ""
	}
	for i := range s.Groups {
		s.Groups[i].ID = ""
	}
	for i := range s.Memberships {
		s.Memberships[i].ID = ""
	}
	for i := range s.PermissionSets {
		s.PermissionSets[i].ARN = ""
	}
	for i := range s.Assignments {
		s.Assignments[i].PrincipalID = ""
	}
	s.Roles = nil
	return s
}

func asText(t *testing.T, s emulator.StateInstance) string {
	t.Helper()
	text, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A config that breaks the guide's rules fails at plan, with the rule's words.
func TestRulesInWords(t *testing.T) {
	w := newWorkspace(t, module, nil)
	user := `users=[{display_name="Jane",email="jane@company.com",given_name="Jane",family_name="Smith"}]`
	group := func(more string) string {
		return `[{name="G",description="d",accounts_names=["development"]` + more + `}]`
	}
	for _, c := range []struct {
		vars []string
		want string
	}{
		{[]string{"management_mode=outside"}, `management_mode cannot be "outside"`},
		{[]string{"management_mode=external", "scim_scope=groups"}, `scim_scope cannot be "groups"`},
		{[]string{"management_mode=external", "scim_identity_source=Okta", user}, "users cannot be defined in external mode: SCIM brings them from Okta"},
		{[]string{"management_mode=external", "scim_scope=users", "scim_identity_source=Google Workspace", user}, "users cannot be defined in external mode: SCIM brings them from Google Workspace"},
		{[]string{"management_mode=external", `removed_users=["jane@company.com"]`}, "users cannot be removed in external mode: they belong to the identity provider"},
		{[]string{"management_mode=external", "access_groups=" + group("")}, "access_groups cannot be defined in external mode"},
		{[]string{"management_mode=external", "identity_provider=Okta"}, "identity_provider is for an identity provider without SCIM, and management_mode is external"},
		{[]string{"management_mode=external", "scim_identity_source=Okta", "external_groups=" + group(`,members=["jane@company.com"]`)}, "members of an external group cannot be set here: Okta manages them"},
		{[]string{"external_groups=" + group("")}, "external_groups cannot be used in internal mode: nothing brings groups into AWS"},
		{[]string{"scim_identity_source=Okta"}, "scim_identity_source is for external mode, and management_mode is internal"},
		{[]string{"scim_scope=users"}, "scim_scope is for external mode, and management_mode is internal"},
		{[]string{"access_groups=" + group(`,session_duration="8h"`)}, `Did you mean "PT8H"?`},
		{[]string{"access_groups=" + group(`,tags={"aws:x"="y"}`)}, "has a reserved prefix"},
		{[]string{"access_groups=" + group(`,sesion_duration="PT8H"`)}, `an access group has no key "sesion_duration". Did you mean "session_duration"?`},
		{[]string{`users=[{email="jane@company.com"}]`}, `a user called "jane@company.com" lacks display_name`},
		{[]string{"access_groups=[" + strings.Trim(group(""), "[]") + "," + strings.Trim(group(""), "[]") + "]"}, "Two groups of access_groups have the same name"},
	} {
		args := []string{"plan", "-no-color", "-input=false", "-var=owner=platform"}
		for _, v := range c.vars {
			args = append(args, "-var="+v)
		}
		code, out := w.run(args...)
		if flat := strings.Join(strings.Fields(strings.ReplaceAll(out, "│", "")), " "); code != 1 || !strings.Contains(flat, c.want) {
			t.Errorf("%v: exit code %d, want %q in\n%s", c.vars, code, c.want, out)
		}
	}
}

// The examples of the provider's documentation are valid.
func TestDocumentedExamples(t *testing.T) {
	w := newWorkspace(t, module, nil) // for its mirror
	for _, path := range glob(t, "../internal/tfprovider/testdata/docs/*.tf") {
		if filepath.Base(path) == "provider.tf" {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			v := *w
			v.t, v.dir = t, t.TempDir()
			for _, name := range []string{"../internal/tfprovider/testdata/docs/provider.tf", path} {
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(v.dir, filepath.Base(name)), text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			v.must("init", "-no-color", "-input=false")
			v.must("validate", "-no-color")
		})
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %v", pattern, err)
	}
	return paths
}

// What is written in Terraform's language is formatted as Terraform does.
func TestFormat(t *testing.T) {
	w := newWorkspace(t, module, nil)
	for _, dir := range []string{"../modules", "../examples/terraform", "../internal/tfprovider/testdata/docs"} {
		abs, err := filepath.Abs(dir)
		if err != nil {
			t.Fatal(err)
		}
		if out := w.must("fmt", "-check", "-diff", "-recursive", abs); out != "" {
			t.Error(out)
		}
	}
}

// What exists is imported with config that Terraform writes itself; the first
// apply takes it over in place, and then there is nothing to do.
func TestGeneratedConfig(t *testing.T) {
	e := emulator.DefaultEstate()
	e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: "Old-Team", Description: "made by hand", Members: []string{"jane.smith@company.com"}})
	e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: "Old-Team", Description: "made by hand", SessionDuration: "PT2H",
		AWSManagedPolicies: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}, Tags: map[string]string{"team": "old"},
		InlinePolicy: json.RawMessage(`{"Version":"2012-10-17","Statement":[{"Sid":"List","Effect":"Allow","Action":"s3:ListBucket","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}]}`)})
	e.Assignments = append(e.Assignments, emulator.EstateAssignment{PermissionSet: "Old-Team", Group: "Old-Team", Accounts: []string{"development", "production"}})
	w := importing(t, e, map[string]string{"rolecall_access_group.old": "Old-Team"})
	out := w.must("plan", "-no-color", "-input=false", "-generate-config-out=generated.tf")
	if !strings.Contains(out, "1 to import, 0 to add, 1 to change, 0 to destroy") {
		t.Errorf("planned:\n%s", out)
	}
	roles := w.e.State().Instances[0].Roles
	w.apply()
	if diff := cmp.Diff(roles, w.e.State().Instances[0].Roles); diff != "" {
		t.Errorf("taking over changed roles:\n%s", diff)
	}
}

// importing is a workspace whose config imports, by address and id, and nothing
// else.
func importing(t *testing.T, e *emulator.Estate, ids map[string]string) *workspace {
	t.Helper()
	w := newWorkspace(t, "examples/terraform/built-in", e)
	text, err := os.ReadFile(filepath.Join(w.dir, "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(text), "module \"identity_center\"")
	for address, id := range ids {
		head += fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, id)
	}
	w.write("main.tf", head)
	return w
}

// So it is for the other resources, by name and by id: what is somebody else's
// is taken over in place, once, and the rest is as it was written.
func TestGeneratedConfigOfEachResource(t *testing.T) {
	e := emulator.DefaultEstate()
	e.Users = append(e.Users, emulator.EstateUser{ID: "90670000aa-12345678-1234-1234-1234-123456789abc", UserName: "by.hand@company.com", DisplayName: "By Hand", GivenName: "By", FamilyName: "Hand", Email: "by.hand@company.com"})
	e.Groups = append(e.Groups, emulator.EstateGroup{ID: "90670000aa-12345678-1234-1234-1234-123456789abd", DisplayName: "Responders", Members: []string{"by.hand@company.com"}})
	e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: "AWS-Development-Team", Description: "made by hand", AWSManagedPolicies: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}})
	e.Assignments = append(e.Assignments, emulator.EstateAssignment{PermissionSet: "AWS-Development-Team", Group: "AWS-Development-Team", Accounts: []string{"development"}})
	for name, ids := range map[string]map[string]string{
		"by name": {"rolecall_external_group.team": "AWS-Development-Team", "rolecall_user.one": "by.hand@company.com", "rolecall_group_members.responders": "Responders"},
		"by id":   {"rolecall_user.one": "90670000aa-12345678-1234-1234-1234-123456789abc", "rolecall_group_members.responders": "90670000aa-12345678-1234-1234-1234-123456789abd"},
	} {
		t.Run(name, func(t *testing.T) {
			w := importing(t, e, ids)
			out := w.must("plan", "-no-color", "-input=false", "-generate-config-out=generated.tf")
			if want := fmt.Sprintf("%d to import, 0 to add, %d to change, 0 to destroy", len(ids), len(ids)-2); !strings.Contains(out, want) {
				t.Errorf("want %s:\n%s", want, out)
			}
			roles := w.e.State().Instances[0].Roles
			w.apply()
			if diff := cmp.Diff(roles, w.e.State().Instances[0].Roles); diff != "" {
				t.Errorf("taking over changed roles:\n%s", diff)
			}
		})
	}
}
