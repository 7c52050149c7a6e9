package tfprovider

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
)

// byOthers is the estate in which somebody else made the group of development(), its
// permission set and its assignments, with texts and a document of their own.
func byOthers() *emulator.Estate {
	e := emulator.DefaultEstate()
	e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: "DevelopmentTeam", Description: "Development team access", Members: []string{"jane.smith@company.com"}})
	e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: "DevelopmentTeam", Description: "Build things",
		AWSManagedPolicies: []string{"arn:aws:iam::aws:policy/PowerUserAccess"},
		InlinePolicy:       json.RawMessage(`{"Version":"2008-10-17","Id":"from-long-ago","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}`)})
	e.Assignments = append(e.Assignments, emulator.EstateAssignment{PermissionSet: "DevelopmentTeam", Group: "DevelopmentTeam", Accounts: []string{"development", "staging"}})
	return e
}

func getObject() []object {
	return []object{{"name": "inline", "statements": []object{{"actions": []string{"s3:GetObject"}, "resources": []string{"*"}}}}}
}

// An import finds everything as it is: its first apply takes ownership, and writes
// nothing else.
func TestImportKeepsWhatItFinds(t *testing.T) {
	bubble(t, emulator.Options{Estate: byOthers()}, func(tf *terraform) {
		config := with(development(), "inline_policies", getObject())
		state, diags := tf.importing(accessGroup, "DevelopmentTeam")
		if state == nil {
			t.Fatal(words(diags))
		}
		for name, want := range map[string]string{"description": "Development team access", "permission_set_description": "Build things", "owner": "null"} {
			if got := state.get(name); got != want {
				t.Errorf("%s %s, want %s", name, got, want)
			}
		}
		roles := rolesBySet(tf.e)
		document := tf.e.State().Instances[0].PermissionSets[0].InlinePolicy
		state = tf.apply(accessGroup, state, config)
		tf.empty(accessGroup, state, config)
		calls := tf.e.Stats().Calls
		for name, n := range calls {
			operation := name[strings.IndexByte(name, '.')+1:]
			if n > 0 && !strings.HasPrefix(operation, "List") && !strings.HasPrefix(operation, "Describe") && !strings.HasPrefix(operation, "Get") && operation != "TagResource" && operation != "UpdateGroup" {
				t.Errorf("%d calls of %s", n, name)
			}
		}
		p := tf.e.State().Instances[0].PermissionSets[0]
		if p.Description != "Build things" || p.InlinePolicy != document || len(roles) != len(rolesBySet(tf.e)) || p.Tags[access.ViaTag] != access.ViaTerraform {
			t.Errorf("in AWS now: %+v", p)
		}
		// The group's description is its own, too.
		config["description"] = "Builders"
		state = tf.apply(accessGroup, state, config)
		tf.empty(accessGroup, state, config)
		if p := tf.e.State().Instances[0].PermissionSets[0]; p.Description != "Build things" {
			t.Errorf("the permission set's description: %q", p.Description)
		}
	})
}

// What taking over takes away is refused for a creation, which cannot show it, and for an
// import unless it is meant; its plan has each as a change.
func TestTakingOverShowsWhatItTakes(t *testing.T) {
	cases := map[string]func(c *console, e *emulator.Emulator){
		"a user's assignment in the group's account": func(c *console, e *emulator.Emulator) {
			c.assign(setARN(e, "DevelopmentTeam"), "222233334444", userID(e, "wei.chen@company.com"), ssotypes.PrincipalTypeUser)
		},
		"a user's assignment elsewhere": func(c *console, e *emulator.Emulator) {
			c.assign(setARN(e, "DevelopmentTeam"), "444455556666", userID(e, "wei.chen@company.com"), ssotypes.PrincipalTypeUser)
		},
		"another group's assignment": func(c *console, e *emulator.Emulator) {
			c.assign(setARN(e, "DevelopmentTeam"), "222233334444", groupID(e, "AWS-Development-Team"), ssotypes.PrincipalTypeGroup)
		},
		"a member": func(c *console, e *emulator.Emulator) {
			c.join(groupID(e, "DevelopmentTeam"), userID(e, "wei.chen@company.com"))
		},
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			bubble(t, emulator.Options{Estate: byOthers()}, func(tf *terraform) {
				config := with(with(development(), "inline_policies", getObject()), "permission_set_description", "Build things")
				spoil(byHand(t, tf.e), tf.e)
				before := contents(tf.e)
				for _, adopting := range []object{with(config, "adopt", true), with(with(config, "adopt", true), "allow", []string{"strangers"})} {
					if pl := tf.plan(accessGroup, nil, adopting); !pl.failed || !strings.Contains(words(pl.diags), "import {") {
						t.Errorf("a creation takes it away: %s\n%s", pl.action(), words(pl.diags))
					}
				}
				state, _ := tf.importing(accessGroup, "DevelopmentTeam")
				if pl := tf.plan(accessGroup, state, config); !pl.failed || !strings.Contains(words(pl.diags), "strangers") {
					t.Errorf("an import takes it away: %s\n%s", pl.action(), words(pl.diags))
				}
				if got := contents(tf.e); got != before {
					t.Errorf("something was written:\n%s", got)
				}
				meant := with(config, "allow", []string{"strangers"})
				pl := tf.plan(accessGroup, state, meant)
				prior := &stored{value: pl.prior}
				if shown := prior.get("drift") + prior.get("members"); pl.failed || !strings.Contains(shown, "wei.chen@company.com") && !strings.Contains(shown, "AWS-Development-Team") {
					t.Errorf("not among the changes of the plan:\n%s\n%s", shown, words(pl.diags))
				}
				tf.empty(accessGroup, tf.apply(accessGroup, state, meant), meant)
			})
		})
	}
}

func setARN(e *emulator.Emulator, name string) string {
	for _, p := range e.State().Instances[0].PermissionSets {
		if p.Name == name {
			return p.ARN
		}
	}
	return ""
}

func groupID(e *emulator.Emulator, name string) string {
	for _, g := range e.State().Instances[0].Groups {
		if g.DisplayName == name {
			return g.ID
		}
	}
	return ""
}

// Who joined after the plan was made is not taken, by an update or a destroy.
func TestWhoCameAfterThePlanStays(t *testing.T) {
	for name, wanted := range map[string]object{"update": with(development(), "accounts_names", []string{"development"}), "destroy": nil} {
		for _, kind := range []string{"member", "assignment"} {
			t.Run(name+" "+kind, func(t *testing.T) {
				bubble(t, emulator.Options{}, func(tf *terraform) {
					state := tf.apply(accessGroup, nil, development())
					pl := tf.plan(accessGroup, state, wanted)
					c, wei := byHand(t, tf.e), userID(tf.e, "wei.chen@company.com")
					if kind == "member" {
						c.join(state.get("id"), wei)
					} else {
						c.assign(state.get("permission_set_arn"), "222233334444", wei, ssotypes.PrincipalTypeUser)
					}
					before := contents(tf.e)
					after, diags := tf.start().apply(pl)
					if !hasErrors(diags) || after == nil || !strings.Contains(words(diags), "wei.chen@company.com") {
						t.Errorf("after: %v\n%s", after, words(diags))
					}
					if got := contents(tf.e); got != before {
						t.Errorf("something was written:\n%s", got)
					}
				})
			})
		}
	}
}

// What the command made is imported by an update that says so in the marks, so that the
// command leaves it alone from then on.
func TestImportFromTheCommand(t *testing.T) {
	estate := byOthers()
	mark := access.Mark{Owner: "platform"}
	estate.Groups[len(estate.Groups)-1].Description = mark.On("Development team access")
	p := &estate.PermissionSets[len(estate.PermissionSets)-1]
	p.Description, p.InlinePolicy = "Development team access", nil
	p.Tags = map[string]string{access.OwnerTag: "platform", access.GroupTag: "DevelopmentTeam"}
	bubble(t, emulator.Options{Estate: estate}, func(tf *terraform) {
		if pl := tf.plan(accessGroup, nil, with(development(), "adopt", true)); !pl.failed || !strings.Contains(words(pl.diags), "import {") {
			t.Errorf("a creation takes it up:\n%s", words(pl.diags))
		}
		state, _ := tf.importing(accessGroup, "DevelopmentTeam")
		if state.get("owner") != "null" {
			t.Errorf("owner %s: nothing says that the import changes anything", state.get("owner"))
		}
		state = tf.apply(accessGroup, state, development())
		tf.empty(accessGroup, state, development())
		instance := tf.e.State().Instances[0]
		for _, g := range instance.Groups {
			if _, m := access.ParseMark(g.Description); g.DisplayName == "DevelopmentTeam" && m.Via != access.ViaTerraform {
				t.Errorf("the group's mark is %+v", m)
			}
		}
		if tags := instance.PermissionSets[0].Tags; tags[access.ViaTag] != access.ViaTerraform {
			t.Errorf("the permission set's tags: %v", tags)
		}
	})
}

// What was deleted and made again after the plan, marks and all, is another thing: an
// update and a destroy of the former one leave it alone.
func TestWhatWasMadeAgainIsAnother(t *testing.T) {
	ctx := context.Background()
	remake := map[string]func(c *console, e *emulator.Emulator, state *stored){
		"group": func(c *console, e *emulator.Emulator, state *stored) {
			_, err := c.store.DeleteGroup(ctx, &identitystore.DeleteGroupInput{IdentityStoreId: c.storeID, GroupId: aws.String(state.get("id"))})
			c.ok(err)
			made, err := c.store.CreateGroup(ctx, &identitystore.CreateGroupInput{IdentityStoreId: c.storeID, DisplayName: aws.String("DevelopmentTeam"),
				Description: aws.String(access.Mark{Owner: "platform", Via: access.ViaTerraform}.On("Development team access"))})
			c.ok(err)
			c.join(*made.GroupId, userID(e, "wei.chen@company.com"))
		},
		"permission set": func(c *console, e *emulator.Emulator, state *stored) {
			for _, account := range []string{"222233334444", "333344445555"} {
				c.unassign(state.get("permission_set_arn"), account, state.get("id"))
			}
			time.Sleep(time.Minute)
			_, err := c.sso.DeletePermissionSet(ctx, &ssoadmin.DeletePermissionSetInput{InstanceArn: c.instance, PermissionSetArn: aws.String(state.get("permission_set_arn"))})
			c.ok(err)
			made, err := c.sso.CreatePermissionSet(ctx, &ssoadmin.CreatePermissionSetInput{InstanceArn: c.instance, Name: aws.String("DevelopmentTeam"),
				Tags: []ssotypes.Tag{{Key: aws.String(access.OwnerTag), Value: aws.String("platform")}, {Key: aws.String(access.ViaTag), Value: aws.String(access.ViaTerraform)}, {Key: aws.String(access.GroupTag), Value: aws.String("DevelopmentTeam")}}})
			c.ok(err)
			c.assign(*made.PermissionSet.PermissionSetArn, "222233334444", userID(e, "wei.chen@company.com"), ssotypes.PrincipalTypeUser)
			time.Sleep(time.Minute)
		},
	}
	for what, made := range remake {
		for name, wanted := range map[string]object{"update": with(development(), "accounts_names", []string{"development"}), "destroy": nil} {
			t.Run(what+" "+name, func(t *testing.T) {
				bubble(t, emulator.Options{}, func(tf *terraform) {
					state := tf.apply(accessGroup, nil, development())
					pl := tf.plan(accessGroup, state, wanted)
					made(byHand(t, tf.e), tf.e, state)
					before := contents(tf.e)
					if after, diags := tf.start().apply(pl); !hasErrors(diags) || after == nil || !strings.Contains(words(diags), "Terraform's state") {
						t.Errorf("after: %v\n%s", after, words(diags))
					}
					if got := contents(tf.e); got != before {
						t.Errorf("something was written:\n%s\nbefore:\n%s", got, before)
					}
				})
			})
		}
	}
}
