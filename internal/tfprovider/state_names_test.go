package tfprovider

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	ssoadmin "github.com/aws/aws-sdk-go-v2/service/ssoadmin"

	"github.com/rolecall-dev/rolecall/emulator"
)

func (c *console) deleteUser(e *emulator.Emulator, name string) {
	c.t.Helper()
	id := userID(e, name)
	_, err := c.store.DeleteUser(context.Background(), &identitystore.DeleteUserInput{IdentityStoreId: c.storeID, UserId: &id})
	c.ok(err)
}

func (c *console) deleteGroup(e *emulator.Emulator, name string) {
	c.t.Helper()
	for _, g := range e.State().Instances[0].Groups {
		if g.DisplayName == name {
			_, err := c.store.DeleteGroup(context.Background(), &identitystore.DeleteGroupInput{IdentityStoreId: c.storeID, GroupId: &g.ID})
			c.ok(err)
		}
	}
}

// deleteSet takes a permission set out whole.
func (c *console) deleteSet(e *emulator.Emulator, name string) {
	c.t.Helper()
	arn := c.takeAway(e, name, "")
	_, err := c.sso.DeletePermissionSet(context.Background(), &ssoadmin.DeletePermissionSetInput{InstanceArn: c.instance, PermissionSetArn: &arn})
	c.ok(err)
}

// takeAway takes away what anybody has of a permission set in an account, or in all,
// and returns the set's ARN.
func (c *console) takeAway(e *emulator.Emulator, name, account string) string {
	c.t.Helper()
	i := e.State().Instances[0]
	at := slices.IndexFunc(i.PermissionSets, func(p emulator.StatePermissionSet) bool { return p.Name == name })
	for _, a := range i.Assignments {
		if a.PermissionSet == name && (account == "" || a.Account == account) {
			c.unassign(i.PermissionSets[at].ARN, a.Account, a.PrincipalID)
		}
	}
	time.Sleep(time.Minute)
	return i.PermissionSets[at].ARN
}

func byGoogle(config object) object {
	config = with(config, "scim_identity_source", "Google Workspace")
	if config["group"] != nil {
		config = with(config, "scim_scope", "users")
	}
	return config
}

// What the state names and AWS no longer has is drift: a plan of the same config warns
// of it, so that it may be destroyed, and so that one who left stops nothing else.
// Terraform walks the plan of the config before it destroys.
func TestWhatTheStateNamesStopsNoPlan(t *testing.T) {
	for name, c := range map[string]struct {
		kind   string
		config object
		spoil  func(c *console, e *emulator.Emulator)
		gone   string // what the plan names; "" where it may say nothing
		apply  string // what the apply of the resource says
		http   func(http.RoundTripper) http.RoundTripper
	}{
		"the group that SCIM brought": {kind: externalGroup, config: pushed(), gone: `"AWS-Development-Team"`, apply: `"AWS-Development-Team" is not in IAM Identity Center`,
			spoil: func(c *console, e *emulator.Emulator) { c.deleteGroup(e, "AWS-Development-Team") }},
		"the group, with its permission set": {kind: externalGroup, config: pushed(), gone: `"AWS-Development-Team"`, apply: `"AWS-Development-Team" is not in IAM Identity Center`,
			spoil: func(c *console, e *emulator.Emulator) {
				c.deleteSet(e, "AWS-Development-Team")
				c.deleteGroup(e, "AWS-Development-Team")
			}},
		"the group's name": {kind: externalGroup, config: pushed(), gone: `"Cloud-Builders"`, apply: `now called "Cloud-Builders"`,
			spoil: func(c *console, e *emulator.Emulator) { rename(c.t, e, "AWS-Development-Team", "Cloud-Builders") }},
		"the group's name in another case": {kind: externalGroup, config: pushed(), gone: `"aws-development-team"`, apply: `"aws-development-team"`,
			spoil: func(c *console, e *emulator.Emulator) { rename(c.t, e, "AWS-Development-Team", "aws-development-team") }},
		"a member whom SCIM brought": {kind: accessGroup, config: byGoogle(with(development(), "members", []string{wei, smith})), gone: `"` + wei + `"`, apply: `"` + wei + `" is not in IAM`,
			spoil: func(c *console, e *emulator.Emulator) { c.deleteUser(e, wei) }},
		"a member": {kind: accessGroup, config: with(development(), "members", []string{wei, smith}), gone: `"` + wei + `"`, apply: `"` + wei + `" is not in IAM`,
			spoil: func(c *console, e *emulator.Emulator) { c.deleteUser(e, wei) }},
		"a member of another's group": {kind: groupMembers, config: byGoogle(responders(wei, john)), gone: `"` + wei + `"`, apply: `"` + wei + `" is not in IAM`,
			spoil: func(c *console, e *emulator.Emulator) { c.deleteUser(e, wei) }},
		"another's group": {kind: groupMembers, config: byGoogle(responders(wei, john)), gone: `"Responders"`, apply: `"Responders" is not in IAM`,
			spoil: func(c *console, e *emulator.Emulator) { c.deleteGroup(e, "Responders") }},
		"another's group and a member": {kind: groupMembers, config: byGoogle(responders(wei, john)), gone: `"` + wei + `"`, apply: `"Responders" is not in IAM`,
			spoil: func(c *console, e *emulator.Emulator) { c.deleteGroup(e, "Responders"); c.deleteUser(e, wei) }},
		"an account": {kind: accessGroup, config: development(), gone: `"staging"`, apply: `no account named "staging"`,
			http: func(next http.RoundTripper) http.RoundTripper { return withoutAccount{next, "staging"} }},
		"an account's name": {kind: accessGroup, config: development(), gone: `"staging"`, apply: `"staging" is now called "closed-2026"`,
			spoil: func(c *console, e *emulator.Emulator) { renameAccount(c.t, e, "staging", "closed-2026") }},
		"an account of SCIM's group": {kind: externalGroup, config: pushed(), gone: `"staging"`, apply: `no account named "staging"`,
			http: func(next http.RoundTripper) http.RoundTripper { return withoutAccount{next, "staging"} }},
		"an account that was suspended, and what the group had there": {kind: accessGroup, config: development(), gone: `"staging"`, apply: `is SUSPENDED`,
			spoil: func(c *console, e *emulator.Emulator) {
				c.takeAway(e, "DevelopmentTeam", "333344445555")
				suspend(c.t, e, "staging", "SUSPENDED")
			}},
		"which account": {kind: externalGroup, config: pushed(), gone: `"staging"`, apply: `"staging"`,
			spoil: func(c *console, e *emulator.Emulator) { renameAccount(c.t, e, "production", "staging") }},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, emulator.Options{Estate: withResponders()}, func(tf *terraform) {
				empty := holdings(tf.e)
				state := tf.apply(c.kind, nil, c.config)
				if c.http != nil {
					tf.http = c.http(tf.e.Transport())
				} else {
					c.spoil(byHand(t, tf.e), tf.e)
				}
				pl := tf.plan(c.kind, state, c.config)
				if pl.failed || !strings.Contains(words(pl.diags), c.gone) {
					t.Fatalf("plan, failed %t:\n%s", pl.failed, words(pl.diags))
				}
				if _, diags := tf.start().apply(pl); !hasErrors(diags) || !strings.Contains(words(diags), c.apply) {
					t.Errorf("apply:\n%s", words(diags))
				}
				// A refresh that Terraform wrote down changes nothing of that.
				p := tf.start()
				if now := p.refresh(state); now != nil {
					if pl := tf.plan(c.kind, now, c.config); pl.failed || !strings.Contains(words(pl.diags), c.gone) {
						t.Errorf("after a refresh, failed %t:\n%s", pl.failed, words(pl.diags))
					}
					state = now
				}
				// What is new in the config is still an error.
				if c.config["accounts_names"] != nil {
					if pl := tf.plan(c.kind, state, with(c.config, "accounts_names", []string{"development", "no-such-account"})); !pl.failed || !strings.Contains(words(pl.diags), `"no-such-account"`) {
						t.Errorf("what is new, failed %t:\n%s", pl.failed, words(pl.diags))
					}
				}
				if left, diags := tf.destroy(state, c.config); left != nil || hasErrors(diags) {
					t.Errorf("destroy:\n%s", words(diags))
				}
				for _, line := range strings.Split(holdings(tf.e), "\n") {
					if !strings.HasPrefix(line, "group ") && !strings.Contains(empty, line) {
						t.Errorf("left in AWS: %s", line)
					}
				}
			})
		})
	}
}

// withoutAccount is an organization that an account has left.
type withoutAccount struct {
	next http.RoundTripper
	name string
}

func (w withoutAccount) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(req)
	if err != nil || operationOf(req) != "ListAccounts" {
		return resp, err
	}
	var page map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&page); err != nil {
		return nil, err
	}
	accounts, _ := page["Accounts"].([]any)
	page["Accounts"] = slices.DeleteFunc(accounts, func(a any) bool { return a.(map[string]any)["Name"] == w.name })
	text, err := json.Marshal(page)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return resp, err
}

func renameAccount(t *testing.T, e *emulator.Emulator, name, now string) {
	t.Helper()
	if err := e.Change(emulator.Change{Account: &emulator.AccountChange{Account: name, Name: now}}); err != nil {
		t.Fatal(err)
	}
}

// A name that is new to a resource is an error at plan, in a resource that is there.
func TestANewNameIsAnErrorAtPlan(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		google := byGoogle(development())
		for name, c := range map[string]struct {
			kind            string
			config, changed object
		}{
			"member":  {accessGroup, google, with(google, "members", []string{smith, "nobody@company.com"})},
			"account": {accessGroup, development(), with(development(), "accounts_names", []string{"development", "no-such-account"})},
			"group":   {externalGroup, pushed(), with(pushed(), "name", "AWS-No-Such-Group")},
		} {
			state := tf.apply(c.kind, nil, c.config)
			if pl := tf.plan(c.kind, state, c.changed); !pl.failed {
				t.Errorf("%s: %s\n%s", name, pl.action(), words(pl.diags))
			}
			tf.apply(c.kind, state, nil)
		}
		// One who was taken out of the config is new again.
		state := tf.apply(accessGroup, nil, with(google, "members", []string{smith, wei}))
		state = tf.apply(accessGroup, state, google)
		byHand(t, tf.e).deleteUser(tf.e, wei)
		if pl := tf.plan(accessGroup, state, with(google, "members", []string{smith, wei})); !pl.failed {
			t.Errorf("one who had gone: %s\n%s", pl.action(), words(pl.diags))
		}
	})
}

// Where users are resources of the same apply, one who is not there is no error, but
// where AWS has the same name otherwise written; what is only near is a warning.
func TestMembersWhomAResourceMayMake(t *testing.T) {
	estate := withResponders()
	estate.Users = append(estate.Users, emulator.EstateUser{UserName: "wchen", DisplayName: "W", GivenName: "W", FamilyName: "C", Email: "w.c@company.com"})
	for name, c := range map[string]struct {
		member, says string
		fails        bool
		comes        object
	}{
		"nobody like it":                         {member: "somebody.else@company.org", says: "`rolecall_user.NAME.username`"},
		"case":                                   {member: "WChen", says: `"wchen"`, fails: true},
		"separators":                             {member: "w-chen", says: `"wchen"`, fails: true},
		"look-alike":                             {member: "wch\u0435n", says: `"wchen"`, fails: true},
		"same address":                           {member: "w.c@company.com", says: `"wchen"`, fails: true},
		"typo":                                   {member: "wchne", says: `"wchen"`},
		"typo, but it is made by the same apply": {member: "wchne", comes: object{"display_name": "A", "given_name": "A", "family_name": "B", "email": "ab@company.com", "username": "wchne"}},
		"case, but the same apply renames":       {member: "WChen", comes: object{"display_name": "W", "given_name": "W", "family_name": "C", "email": "w.c@company.com", "username": "WChen", "previously": "wchen"}},
	} {
		for kind, config := range map[string]object{accessGroup: with(development(), "members", []string{c.member, smith}), groupMembers: responders(c.member, john)} {
			t.Run(kind+" "+name, func(t *testing.T) {
				bubble(t, emulator.Options{Estate: estate}, func(tf *terraform) {
					p := tf.start()
					if c.comes != nil {
						go func() { // Terraform plans side by side
							time.Sleep(time.Second)
							p.plan(user, nil, c.comes)
						}()
					}
					pl := p.plan(kind, nil, config)
					if pl.failed != c.fails || c.says == "" && len(pl.diags) > 0 || !strings.Contains(words(pl.diags), c.says) {
						t.Errorf("failed %t:\n%s", pl.failed, words(pl.diags))
					}
					time.Sleep(time.Minute)
				})
			})
		}
	}
}

// A former name in other capitals would make a second person.
func TestAFormerNameInAnotherCase(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		tf.apply(user, nil, userCalled("wchen", "w.c@company.com"))
		before := holdings(tf.e)
		for name, config := range map[string]object{
			"former name": with(userCalled("wei", "wei@company.com"), "previously", "WCHEN"),
			"name":        userCalled("WCHEN", "wei@company.com"),
		} {
			if pl := tf.plan(user, nil, config); !pl.failed || !strings.Contains(words(pl.diags), `is in AWS as "wchen"`) {
				t.Errorf("%s: %s\n%s", name, pl.action(), words(pl.diags))
			}
		}
		if got := holdings(tf.e); got != before {
			t.Errorf("changed:\n%s", got)
		}
		if pl := tf.plan(user, nil, with(userCalled("ann", "ann@company.com"), "previously", "nobody")); pl.failed || len(pl.diags) > 0 {
			t.Errorf("a former name of nobody:\n%s", words(pl.diags))
		}
	})
}

// A group whose name AWS has otherwise written comes from nowhere.
func TestMembersOfAGroupWrittenOtherwise(t *testing.T) {
	estate := withResponders()
	estate.Groups = append(estate.Groups, emulator.EstateGroup{DisplayName: "Incident-Response"})
	bubble(t, emulator.Options{Estate: estate}, func(tf *terraform) {
		for group, fails := range map[string]bool{"Incident Response": true, "incident-response": true, "Incident-R\u0435sponse": true, "Incident-Respones": false, "Anything else": false} {
			pl := tf.plan(groupMembers, nil, object{"group": group, "members": []string{john}})
			if pl.failed != fails || len(pl.diags) == 0 || strings.Contains(words(pl.diags), "nothing creates it") {
				t.Errorf("%q, failed %t:\n%s", group, pl.failed, words(pl.diags))
			}
		}
	})
}

// The answer about an external group's name is the same for a new resource and for one
// that had another name.
func TestAnotherNameOfAnExternalGroup(t *testing.T) {
	for name, written := range map[string]string{"case": "aws-development-team", "blank": "AWS Development Team", "look-alike": "\u0410WS-Development-Team", "typo": "AWS-Develompent-Team"} {
		for _, waits := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				bubble(t, emulator.Options{}, func(tf *terraform) {
					config := pushed()
					if waits {
						config = with(config, "wait_for_sync", true)
					}
					create := tf.plan(externalGroup, nil, with(config, "name", written))
					state := tf.apply(externalGroup, nil, config)
					update := tf.plan(externalGroup, state, with(with(config, "name", written), "permission_set_name", "AWS-Development-Team"))
					if c, u := words(create.diags), words(update.diags); c != u || create.failed != update.failed || !strings.Contains(c, `"AWS-Development-Team"`) {
						t.Errorf("create:\n%s\nupdate:\n%s", c, u)
					}
				})
			})
		}
	}
}

// A wait that is over says how long it was and what sets that.
func TestAWaitThatIsOver(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		late := with(with(pushed(), "name", "AWS-Late-Team"), "wait_for_sync", true)
		for _, c := range []struct {
			timeouts object
			want     string
		}{{nil, "waited for it for 60 minutes; `timeouts.create`"}, {object{"create": "90s"}, "waited for it for 1m30s; `timeouts.create`"}} {
			config := late
			if c.timeouts != nil {
				config = with(late, "timeouts", c.timeouts)
			}
			pl := tf.plan(externalGroup, nil, config)
			if pl.failed || strings.Contains(words(pl.diags), "wait_for_sync") {
				t.Errorf("plan:\n%s", words(pl.diags))
			}
			if _, diags := tf.start().apply(pl); !hasErrors(diags) || !strings.Contains(words(diags), c.want) || strings.Contains(words(diags), "wait_for_sync") {
				t.Errorf("apply:\n%s", words(diags))
			}
		}
		there := with(with(pushed(), "wait_for_sync", true), "timeouts", object{"update": "5m"})
		state := tf.apply(externalGroup, nil, there)
		pl := tf.plan(externalGroup, state, with(there, "accounts_names", []string{"development"}))
		byHand(t, tf.e).deleteGroup(tf.e, "AWS-Development-Team")
		if _, diags := tf.start().apply(pl); !strings.Contains(words(diags), "waited for it for 5 minutes; `timeouts.update`") {
			t.Errorf("update:\n%s", words(diags))
		}
	})
}
