package acceptance

import (
	"net/http"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
)

// removeGroup is an identity provider that no longer pushes a group.
func removeGroup(t testing.TB, e *emulator.Emulator, name string) {
	t.Helper()
	for _, g := range e.State().Instances[0].Groups {
		if g.DisplayName != name {
			continue
		}
		req, err := http.NewRequest(http.MethodDelete, "https://scim.example"+strings.TrimSuffix(e.SCIM().Path, "/")+"/Groups/"+g.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+e.SCIM().Token)
		resp, err := e.Transport().RoundTrip(req)
		if err != nil || resp.StatusCode != http.StatusNoContent {
			t.Fatalf("remove %s: %v %v", name, resp, err)
		}
		return
	}
	t.Fatalf("there is no group %q", name)
}

// A group that the identity provider removed, and an account that is called otherwise
// now, keep nothing from being taken away: neither by another resource's plan nor by a
// destroy, which Terraform begins with a plan of the config.
func TestWhatIsGoneStopsNoRevocation(t *testing.T) {
	text := func(accounts string) string {
		return providerBlock + `
terraform {
  required_providers {
    rolecall = { source = "rolecall-dev/rolecall" }
  }
}

resource "rolecall_external_group" "gone" {
  name                 = "AWS-Development-Team"
  description          = "Development team access"
  scim_identity_source = "Okta"
  accounts_names       = ["development", "staging"]
  aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
}

resource "rolecall_external_group" "stays" {
  name                 = "AWS-Infrastructure-Admins"
  description          = "Admins"
  scim_identity_source = "Okta"
  accounts_names       = [` + accounts + `]
  aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
}
`
	}
	w := newWorkspaceAt(t, "examples", emulator.Options{})
	w.write("main.tf", text(`"development", "production"`))
	w.must("init", "-no-color", "-input=false")
	w.apply()
	removeGroup(t, w.e, "AWS-Development-Team")
	if err := w.e.Change(emulator.Change{Account: &emulator.AccountChange{Account: "staging", Name: "staging-2"}}); err != nil {
		t.Fatal(err)
	}
	w.write("main.tf", text(`"development"`))
	if code, out := w.run("plan", "-no-color", "-input=false", "-out=plan"); code != 0 || !strings.Contains(out, `Group "AWS-Development-Team" is not in IAM Identity Center`) {
		t.Errorf("plan: exit code %d\n%s", code, out)
	}
	// The resource of what is gone fails; the other one's removal is carried out.
	if code, out := w.run("apply", "-no-color", "-input=false", "plan"); code == 0 || !strings.Contains(out, "rolecall_external_group.stays: Modifications complete") {
		t.Errorf("apply: exit code %d\n%s", code, out)
	}
	w.destroy()
	if left := w.e.State().Instances[0]; len(left.PermissionSets) > 0 || len(left.Assignments) > 0 {
		t.Errorf("left in AWS: %+v %+v", left.PermissionSets, left.Assignments)
	}
}
