package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
)

const readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess"

// contents returns what the roles allow, by account.
func (c *cloud) contents() map[string]emulator.StateContent {
	out := map[string]emulator.StateContent{}
	for _, r := range c.State().Instances[0].Roles {
		out[r.Account] = r.Content
	}
	return out
}

func (c *cloud) provisionEverywhere(t *testing.T, set *string) *types.PermissionSetProvisioningStatus {
	t.Helper()
	job := must[*ssoadmin.ProvisionPermissionSetOutput](t)(c.sso.ProvisionPermissionSet(ctx(), &ssoadmin.ProvisionPermissionSetInput{
		InstanceArn: c.arn, PermissionSetArn: set, TargetType: types.ProvisionTargetTypeAllProvisionedAccounts,
	}))
	return c.provisioned(t, job.PermissionSetProvisioningStatus)
}

// A role allows what its set had when it was last provisioned: by a
// provisioning, or by an assignment in the account. A journal brings it back.
func TestRoleKeepsWhatWasProvisioned(t *testing.T) {
	dir := t.TempDir()
	c := start(t, emulator.Options{DataDir: dir})
	set, group, other := c.set(t, "Developers"), c.group(t, "AWS-Development-Team"), c.group(t, "AWS-Infrastructure-Admins")
	for _, account := range []string{development, production} {
		must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, account))
	}
	must[*ssoadmin.AttachManagedPolicyToPermissionSetOutput](t)(c.sso.AttachManagedPolicyToPermissionSet(ctx(), &ssoadmin.AttachManagedPolicyToPermissionSetInput{
		InstanceArn: c.arn, PermissionSetArn: set, ManagedPolicyArn: aws.String(readOnly)}))
	empty, full := emulator.StateContent{}, emulator.StateContent{AWSManagedPolicies: []string{readOnly}}
	check := func(when string, want map[string]emulator.StateContent) {
		t.Helper()
		if diff := cmp.Diff(want, c.contents()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	check("staged", map[string]emulator.StateContent{development: empty, production: empty})
	must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, other, development))
	half := map[string]emulator.StateContent{development: full, production: empty}
	check("another assignment in one account", half)
	c.leave(t)
	c = start(t, emulator.Options{DataDir: dir})
	check("started again", half)
	c.provisionEverywhere(t, set)
	check("provisioned", map[string]emulator.StateContent{development: full, production: full})
}

// A provisioning of all accounts can stop halfway.
func TestProvisioningStopsHalfway(t *testing.T) {
	dir := t.TempDir()
	c := start(t, emulator.Options{DataDir: dir})
	set, group := c.set(t, "Developers"), c.group(t, "AWS-Development-Team")
	for _, account := range []string{development, production} {
		must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, account))
	}
	must[*ssoadmin.UpdatePermissionSetOutput](t)(c.sso.UpdatePermissionSet(ctx(), &ssoadmin.UpdatePermissionSetInput{
		InstanceArn: c.arn, PermissionSetArn: set, SessionDuration: aws.String("PT2H")}))
	if err := c.SetFaults(emulator.Fault{Kind: emulator.FailJob, Operation: "sso-admin.ProvisionPermissionSet", Accounts: 1, Reason: "enough", Times: 1}); err != nil {
		t.Fatal(err)
	}
	if got := c.provisionEverywhere(t, set); got.Status != "FAILED" || aws.ToString(got.FailureReason) != "enough" {
		t.Errorf("job = %s %s, want FAILED enough", got.Status, aws.ToString(got.FailureReason))
	}
	latest := func() (n int) {
		for _, r := range c.State().Instances[0].Roles {
			if r.Latest {
				n++
			}
		}
		return n
	}
	if n := latest(); n != 1 {
		t.Errorf("%d roles are up to date, want 1", n)
	}
	c.leave(t)
	c = start(t, emulator.Options{DataDir: dir})
	if n := latest(); n != 1 {
		t.Errorf("started again: %d roles are up to date, want 1", n)
	}
	c.provisionEverywhere(t, set)
	if n := latest(); n != 2 {
		t.Errorf("provisioned again: %d roles are up to date, want 2", n)
	}
}
