package tfprovider

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
)

// A permission set with a description of its own loses what the config takes out, and what
// somebody put on it, like any other.
func TestOwnDescriptionLosesPolicies(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		config := with(development(), "permission_set_description", "Something else")
		config["aws_managed_policies"] = []string{"arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"}
		state := tf.apply(accessGroup, nil, config)
		c := byHand(t, tf.e)
		_, err := c.sso.AttachManagedPolicyToPermissionSet(context.Background(), &ssoadmin.AttachManagedPolicyToPermissionSetInput{InstanceArn: c.instance,
			PermissionSetArn: aws.String(state.get("permission_set_arn")), ManagedPolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")})
		c.ok(err)
		for _, fewer := range []object{config, with(config, "aws_managed_policies", []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}), with(config, "session_duration", "PT2H")} {
			state = tf.apply(accessGroup, state, fewer)
			tf.empty(accessGroup, state, fewer)
		}
	})
}

// What the plan showed as going goes, however many accounts there are: the apply looks at
// everybody where the state has drift.
func TestShownDriftGoesInManyAccounts(t *testing.T) {
	estate, config := teams(26)
	for i := range 3000 { // to ask everybody is dear
		name := fmt.Sprintf("user-%04d@company.com", i)
		estate.Users = append(estate.Users, emulator.EstateUser{UserName: name, DisplayName: name, GivenName: "G", FamilyName: "F", Email: name})
	}
	bubble(t, emulator.Options{Estate: estate}, func(tf *terraform) {
		ten := with(config, "accounts_names", config["accounts_names"].([]string)[:10])
		state := tf.apply(accessGroup, nil, ten)
		c := byHand(t, tf.e)
		c.assign(state.get("permission_set_arn"), "900000000003", userID(tf.e, "wei.chen@company.com"), ssotypes.PrincipalTypeUser)
		p := tf.start()
		pl := p.plan(accessGroup, p.refresh(state), config)
		if !strings.Contains((&stored{value: pl.prior}).get("drift"), "wei.chen@company.com") {
			t.Fatalf("not in the plan: %s", show(pl.prior))
		}
		if _, diags := tf.start().apply(pl); hasErrors(diags) {
			t.Fatal(words(diags))
		}
		for _, a := range tf.e.State().Instances[0].Assignments {
			if a.PrincipalType == "USER" {
				t.Errorf("%s still has %s in %s", a.Principal, a.PermissionSet, a.AccountName)
			}
		}
	})
}

// Of a resource that is taken out of the config, Terraform shows the state from before the
// refresh: what else goes is said, and goes; what came after that is not taken.
func TestDestroyOfAnOrphanSaysWhatElseGoes(t *testing.T) {
	for name, late := range map[string]bool{"as planned": false, "and somebody comes": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, emulator.Options{}, func(tf *terraform) {
				state := tf.apply(accessGroup, nil, development())
				c := byHand(t, tf.e)
				c.join(state.get("id"), userID(tf.e, "wei.chen@company.com"))
				c.assign(state.get("permission_set_arn"), "222233334444", groupID(tf.e, "AWS-Development-Team"), ssotypes.PrincipalTypeGroup)
				p := tf.start()
				p.refresh(state)
				pl := p.plan(accessGroup, state, nil)
				if said := words(pl.diags); pl.failed || !strings.Contains(said, "wei.chen@company.com") || !strings.Contains(said, "AWS-Development-Team") {
					t.Fatalf("not said:\n%s", said)
				}
				if late {
					c.assign(state.get("permission_set_arn"), "333344445555", groupID(tf.e, "AWS-Development-Team"), ssotypes.PrincipalTypeGroup)
				}
				before := contents(tf.e)
				after, diags := tf.start().apply(pl)
				if hasErrors(diags) != late || (after == nil) == late {
					t.Errorf("left %v:\n%s", after, words(diags))
				}
				if late && contents(tf.e) != before {
					t.Error("something was taken")
				}
			})
		})
	}
}

// What has lost its mark is not destroyed, and says so, instead of leaving the state with
// everything still there.
func TestDestroyOfWhatLostItsMark(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		state := tf.apply(accessGroup, nil, development())
		c := byHand(t, tf.e)
		_, err := c.sso.UntagResource(context.Background(), &ssoadmin.UntagResourceInput{InstanceArn: c.instance, ResourceArn: aws.String(state.get("permission_set_arn")), TagKeys: []string{access.OwnerTag}})
		c.ok(err)
		left, diags := tf.try(accessGroup, state, nil)
		if left == nil || !hasErrors(diags) || !strings.Contains(words(diags), "does not carry our mark") {
			t.Errorf("left %v:\n%s", left, words(diags))
		}
		state = tf.apply(accessGroup, state, development())
		if left := tf.apply(accessGroup, state, nil); left != nil {
			t.Errorf("left %s", show(left.value))
		}
	})
}

// The group's own description, changed by hand, is shown, also where its mark went with it.
func TestDescriptionChangedByHand(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		state := tf.apply(accessGroup, nil, development())
		c := byHand(t, tf.e)
		_, err := c.store.UpdateGroup(context.Background(), &identitystore.UpdateGroupInput{IdentityStoreId: c.storeID, GroupId: aws.String(state.get("id")),
			Operations: []idtypes.AttributeOperation{{AttributePath: aws.String("description"), AttributeValue: lazy("by hand")}}})
		c.ok(err)
		pl := tf.plan(accessGroup, state, development())
		if prior := (&stored{value: pl.prior}); pl.action() != "update" || prior.get("description") != "by hand" || prior.get("owner") != "null" {
			t.Errorf("%s: %s", pl.action(), show(pl.prior))
		}
		tf.empty(accessGroup, tf.apply(accessGroup, state, development()), development())
	})
}

// A member whom the same plan deletes is refused, in whichever order.
func TestMemberWhoIsDeleted(t *testing.T) {
	group := with(development(), "members", []string{"jane.doe@company.com"})
	for kind, goes := range map[string]func(p *process, state *stored) planned{
		"rolecall_user": func(p *process, state *stored) planned { return p.plan(user, state, nil) },
		"rolecall_removed_user": func(p *process, _ *stored) planned {
			return p.plan("rolecall_removed_user", nil, object{"username": "jane.doe@company.com"})
		},
	} {
		for _, first := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s %t", kind, first), func(t *testing.T) {
				bubble(t, emulator.Options{}, func(tf *terraform) {
					person := tf.apply(user, nil, jane())
					state := tf.apply(accessGroup, nil, group)
					p := tf.start()
					state = p.refresh(state)
					var plans []planned
					if first {
						plans = append(plans, goes(p, person), p.plan(accessGroup, state, group))
					} else {
						plans = append(plans, p.plan(accessGroup, state, group), goes(p, person))
					}
					if !plans[0].failed && !plans[1].failed || !strings.Contains(words(plans[0].diags)+words(plans[1].diags), "deleted by this plan") {
						t.Errorf("not refused:\n%s%s", words(plans[0].diags), words(plans[1].diags))
					}
				})
			})
		}
	}
}

// A permission set that is replaced is told at plan, also while a member is still to come.
func TestReplacementBesideANewMember(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		state := tf.apply(accessGroup, nil, development())
		other := with(with(development(), "permission_set_name", "Another"), "members", []string{"jane.smith@company.com", "jane.doe@company.com"})
		pl := tf.plan(accessGroup, state, other)
		if !pl.failed || !strings.Contains(words(pl.diags), "ARN") {
			t.Errorf("%s:\n%s", pl.action(), words(pl.diags))
		}
	})
}

// A user whom rolecall_group_members added stays added under another name, and is taken out
// when the config no longer has it.
func TestAddedUserIsRenamed(t *testing.T) {
	bubble(t, emulator.Options{Estate: withResponders()}, func(tf *terraform) {
		person := tf.apply(user, nil, jane())
		state := tf.apply(groupMembers, nil, responders("jane.doe@company.com"))
		renamed := with(jane(), "email", "janet@company.com")
		p := tf.start()
		pl := p.plan(groupMembers, p.refresh(state), responders("janet@company.com"))
		tf.apply(user, person, renamed)
		state, diags := tf.start().apply(pl)
		if hasErrors(diags) || state.get("added") != "[janet@company.com]" {
			t.Fatalf("added %s\n%s", state.get("added"), words(diags))
		}
		tf.empty(groupMembers, state, responders("janet@company.com"))
		tf.apply(groupMembers, state, responders(wei))
		for _, m := range tf.e.State().Instances[0].Memberships {
			if m.User == "janet@company.com" {
				t.Error("she is still in the group")
			}
		}
	})
}
