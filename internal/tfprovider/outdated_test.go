package tfprovider

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/rolecall-dev/rolecall/emulator"
)

const (
	powerUser = "arn:aws:iam::aws:policy/PowerUserAccess"
	readOnly  = "arn:aws:iam::aws:policy/ReadOnlyAccess"
)

// outdatedSets make the set of a group one that has the right content and is
// outdated in staging, or in both accounts; they give the state, and the config
// that is right.
var outdatedSets = map[string]func(tf *terraform, kind string, state *stored, config object) (*stored, object){
	"a suspended account was reinstated": func(tf *terraform, kind string, state *stored, config object) (*stored, object) {
		suspend(tf.t, tf.e, "staging", "SUSPENDED")
		config = with(config, "aws_managed_policies", []string{readOnly})
		state = tf.apply(kind, state, config)
		suspend(tf.t, tf.e, "staging", "ACTIVE")
		return state, config
	},
	"a policy was detached and attached by hand": func(tf *terraform, _ string, state *stored, config object) (*stored, object) {
		byHand(tf.t, tf.e).again(state.get("permission_set_arn"), powerUser)
		return state, config
	},
	"the provisioning failed": func(tf *terraform, kind string, state *stored, config object) (*stored, object) {
		fail(tf.t, tf.e, emulator.Fault{Operation: "sso-admin.ProvisionPermissionSet", Kind: emulator.FailJob, Reason: "Received a 403 status error: a service control policy denies it"})
		config = with(config, "aws_managed_policies", []string{readOnly})
		state, diags := tf.try(kind, state, config)
		if !hasErrors(diags) {
			tf.t.Error("the provisioning did not fail")
		}
		tf.e.ClearFaults()
		return state, config
	},
	"the process was killed": func(tf *terraform, kind string, state *stored, config object) (*stored, object) {
		config = with(config, "aws_managed_policies", []string{readOnly})
		tf.http = deadBefore{tf.e.Transport(), "ProvisionPermissionSet"}
		tf.try(kind, state, config) // and nobody hears of it
		tf.http = nil
		return state, config
	},
}

// deadBefore is a process that is killed before it calls an operation.
type deadBefore struct {
	next      http.RoundTripper
	operation string
}

func (d deadBefore) RoundTrip(req *http.Request) (*http.Response, error) {
	if operationOf(req) == d.operation {
		return nil, errors.New("killed")
	}
	return d.next.RoundTrip(req)
}

// again takes a policy off a set and puts it back.
func (c *console) again(set, policy string) {
	c.t.Helper()
	ctx := context.Background()
	_, err := c.sso.DetachManagedPolicyFromPermissionSet(ctx, &ssoadmin.DetachManagedPolicyFromPermissionSetInput{InstanceArn: c.instance, PermissionSetArn: &set, ManagedPolicyArn: aws.String(policy)})
	c.ok(err)
	_, err = c.sso.AttachManagedPolicyToPermissionSet(ctx, &ssoadmin.AttachManagedPolicyToPermissionSetInput{InstanceArn: c.instance, PermissionSetArn: &set, ManagedPolicyArn: aws.String(policy)})
	c.ok(err)
}

// A set that has the right content and is outdated somewhere is provisioned by
// the next apply.
func TestAnOutdatedSetIsProvisioned(t *testing.T) {
	for kind, config := range map[string]object{accessGroup: development(), externalGroup: pushed()} {
		for why, spoil := range outdatedSets {
			for _, key := range []string{emulator.ManagementKey, emulator.DelegatedKey} {
				t.Run(kind+" "+why+" "+key, func(t *testing.T) {
					bubble(t, emulator.Options{}, func(tf *terraform) {
						tf.key = key
						state, config := spoil(tf, kind, tf.apply(kind, nil, config), config)
						set := state.get("permission_set_arn")
						if len(outdated(t, tf.e, set)) == 0 {
							t.Fatal("nothing is outdated")
						}
						if pl := tf.plan(kind, state, config); pl.failed || pl.action() != "update" {
							t.Fatalf("planned %s\n%s", pl.action(), words(pl.diags))
						}
						state = tf.apply(kind, state, config)
						tf.empty(kind, state, config)
						if left := outdated(t, tf.e, set); len(left) > 0 {
							t.Errorf("still outdated: %v", left)
						}
					})
				})
			}
		}
	}
}

// Who has an outdated set is seen wherever it is: they get what is provisioned.
func TestAnOutdatedSetShowsItsHolders(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		state := tf.apply(accessGroup, nil, development())
		c := byHand(t, tf.e)
		set := state.get("permission_set_arn")
		c.assign(set, "333344445555", userID(tf.e, "wei.chen@company.com"), ssotypes.PrincipalTypeUser)
		c.again(set, powerUser)
		pl := tf.plan(accessGroup, state, development())
		if drift := (&stored{value: pl.prior}).get("drift"); pl.failed || !strings.Contains(drift, "wei.chen@company.com") {
			t.Errorf("failed %t, drift %s\n%s", pl.failed, drift, words(pl.diags))
		}
		state = tf.apply(accessGroup, state, development())
		tf.empty(accessGroup, state, development())
		if n := len(tf.e.State().Instances[0].Assignments); n != 2 {
			t.Errorf("%d assignments, want 2", n)
		}
	})
}

// The plan names the accounts that keep the old content, and so does every later
// one, without a change, until they are reinstated.
func TestAnInactiveAccountKeepsTheOldContent(t *testing.T) {
	for kind, config := range map[string]object{accessGroup: development(), externalGroup: pushed()} {
		for _, inactive := range []string{"SUSPENDED", "PENDING_CLOSURE"} {
			t.Run(kind+" "+inactive, func(t *testing.T) {
				bubble(t, emulator.Options{}, func(tf *terraform) {
					state := tf.apply(kind, nil, config)
					suspend(t, tf.e, "staging", inactive)
					if pl := tf.plan(kind, state, config); len(pl.diags) > 0 {
						t.Errorf("nothing changes, and the plan says %s", words(pl.diags))
					}
					config := with(config, "aws_managed_policies", []string{readOnly})
					says(t, "plan", tf.plan(kind, state, config).diags)
					state = tf.apply(kind, state, config)
					tf.empty(kind, state, config)
					says(t, "next plan", tf.plan(kind, state, config).diags)
					suspend(t, tf.e, "staging", "ACTIVE")
					if pl := tf.plan(kind, state, config); len(pl.diags) > 0 || pl.action() != "update" {
						t.Errorf("reinstated: %s\n%s", pl.action(), words(pl.diags))
					}
				})
			})
		}
	}
}

func says(t *testing.T, what string, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	if got := words(diags); len(diags) != 1 || hasErrors(diags) || !strings.Contains(got, "keeps its old content in inactive accounts: staging (333344445555)\n") {
		t.Errorf("the %s says %s", what, got)
	}
}

// Terraform plans once more in the process that applies, and shows every warning
// that it gets: the apply does not repeat those of that plan.
func TestAnApplyRepeatsNoWarningOfItsPlan(t *testing.T) {
	for kind, config := range map[string]object{accessGroup: development(), externalGroup: pushed()} {
		for what, edit := range map[string]func(object) object{
			"a policy is narrowed": func(o object) object { return with(o, "aws_managed_policies", []string{readOnly}) },
			"an account goes":      func(o object) object { return with(o, "accounts_names", []string{"development"}) },
		} {
			t.Run(kind+" "+what, func(t *testing.T) {
				bubble(t, emulator.Options{}, func(tf *terraform) {
					state := tf.apply(kind, nil, config)
					suspend(t, tf.e, "staging", "SUSPENDED")
					p := tf.start()
					pl := p.plan(kind, state, edit(config))
					if len(pl.diags) != 1 {
						t.Errorf("the plan says %s", words(pl.diags))
					}
					if _, diags := p.apply(pl); len(diags) > 0 {
						t.Errorf("the apply says once more %s", words(diags))
					}
					// Planned before it was suspended, it is the apply's to say.
					if _, diags := tf.start().apply(pl); len(diags) != 1 || hasErrors(diags) {
						t.Errorf("an apply without that plan says %s", words(diags))
					}
				})
			})
		}
	}
}

// outdated returns the accounts in which a set is not the latest.
func outdated(t *testing.T, e *emulator.Emulator, set string) []string {
	t.Helper()
	c := byHand(t, e)
	out, err := c.sso.ListAccountsForProvisionedPermissionSet(context.Background(), &ssoadmin.ListAccountsForProvisionedPermissionSetInput{InstanceArn: c.instance,
		PermissionSetArn: &set, ProvisioningStatus: ssotypes.ProvisioningStatusLatestPermissionSetNotProvisioned})
	c.ok(err)
	return out.AccountIds
}
