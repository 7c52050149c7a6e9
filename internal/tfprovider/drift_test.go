package tfprovider

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// push has the identity provider create a group.
func push(t *testing.T, e *emulator.Emulator, name string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Group"}, "displayName": name})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, "https://scim.example"+strings.TrimSuffix(e.SCIM().Path, "/")+"/Groups", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+e.SCIM().Token)
	req.Header.Set("Content-Type", "application/scim+json")
	resp, err := e.Transport().RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("push %s: %v %v", name, resp, err)
	}
}

// console is somebody who changes things by hand.
type console struct {
	t        *testing.T
	sso      *ssoadmin.Client
	store    *identitystore.Client
	instance *string
	storeID  *string
}

func byHand(t *testing.T, e *emulator.Emulator) *console {
	t.Helper()
	cfg := aws.Config{Region: "us-east-1", HTTPClient: &http.Client{Transport: e.Transport()},
		Credentials: credentials.NewStaticCredentialsProvider(emulator.ManagementKey, "secret", "")}
	i := e.State().Instances[0]
	return &console{t, ssoadmin.NewFromConfig(cfg), identitystore.NewFromConfig(cfg), &i.ARN, &i.IdentityStoreID}
}

func (c *console) ok(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *console) assign(set, account, principal string, kind ssotypes.PrincipalType) {
	c.t.Helper()
	_, err := c.sso.CreateAccountAssignment(context.Background(), &ssoadmin.CreateAccountAssignmentInput{InstanceArn: c.instance, PermissionSetArn: &set,
		TargetId: &account, TargetType: ssotypes.TargetTypeAwsAccount, PrincipalId: &principal, PrincipalType: kind})
	c.ok(err)
}

func (c *console) unassign(set, account, principal string) {
	c.t.Helper()
	_, err := c.sso.DeleteAccountAssignment(context.Background(), &ssoadmin.DeleteAccountAssignmentInput{InstanceArn: c.instance, PermissionSetArn: &set,
		TargetId: &account, TargetType: ssotypes.TargetTypeAwsAccount, PrincipalId: &principal, PrincipalType: ssotypes.PrincipalTypeGroup})
	c.ok(err)
}

func userID(e *emulator.Emulator, name string) string {
	for _, u := range e.State().Instances[0].Users {
		if u.UserName == name {
			return u.ID
		}
	}
	return ""
}

// Whatever is changed by hand is drift: the plan says so, the apply puts it
// right, and then there is nothing to do.
func TestDriftIsPutRight(t *testing.T) {
	ctx := context.Background()
	cases := []struct {
		name  string
		spoil func(c *console, e *emulator.Emulator, set, group string)
	}{
		{"a grant was taken away", func(c *console, _ *emulator.Emulator, set, group string) { c.unassign(set, "222233334444", group) }},
		{"the group got another account", func(c *console, _ *emulator.Emulator, set, group string) {
			c.assign(set, "444455556666", group, ssotypes.PrincipalTypeGroup)
		}},
		{"a stranger has the set", func(c *console, e *emulator.Emulator, set, _ string) {
			c.assign(set, "444455556666", userID(e, "wei.chen@company.com"), ssotypes.PrincipalTypeUser)
		}},
		{"a policy was attached", func(c *console, _ *emulator.Emulator, set, _ string) {
			_, err := c.sso.AttachManagedPolicyToPermissionSet(ctx, &ssoadmin.AttachManagedPolicyToPermissionSetInput{InstanceArn: c.instance, PermissionSetArn: &set,
				ManagedPolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")})
			c.ok(err)
		}},
		{"an inline policy was put", func(c *console, _ *emulator.Emulator, set, _ string) {
			_, err := c.sso.PutInlinePolicyToPermissionSet(ctx, &ssoadmin.PutInlinePolicyToPermissionSetInput{InstanceArn: c.instance, PermissionSetArn: &set,
				InlinePolicy: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`)})
			c.ok(err)
		}},
		{"the session is longer", func(c *console, _ *emulator.Emulator, set, _ string) {
			_, err := c.sso.UpdatePermissionSet(ctx, &ssoadmin.UpdatePermissionSetInput{InstanceArn: c.instance, PermissionSetArn: &set, SessionDuration: aws.String("PT12H")})
			c.ok(err)
		}},
		{"the mark is gone", func(c *console, _ *emulator.Emulator, set, _ string) {
			_, err := c.sso.UntagResource(ctx, &ssoadmin.UntagResourceInput{InstanceArn: c.instance, ResourceArn: &set, TagKeys: []string{"rolecall:owner"}})
			c.ok(err)
		}},
		{"a stranger is in the group", func(c *console, e *emulator.Emulator, _, group string) {
			_, err := c.store.CreateGroupMembership(ctx, &identitystore.CreateGroupMembershipInput{IdentityStoreId: c.storeID, GroupId: &group,
				MemberId: &idtypes.MemberIdMemberUserId{Value: userID(e, "wei.chen@company.com")}})
			c.ok(err)
		}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			bubble(t, emulator.Options{}, func(tf *terraform) {
				want := development()
				state := tf.apply(accessGroup, nil, want)
				right := contents(tf.e)
				tc.spoil(byHand(t, tf.e), tf.e, state.get("permission_set_arn"), state.get("id"))
				pl := tf.plan(accessGroup, state, want)
				if pl.failed || pl.action() != "update" {
					t.Fatalf("planned %s\n%s", pl.action(), words(pl.diags))
				}
				drift := (&stored{value: pl.prior}).get("drift")
				if drift == "[]" {
					t.Error("the drift is not named")
				}
				drift = strings.ReplaceAll(drift, `\"`, `"`)
				for _, change := range changesOfTheCommand(t, tf.e, tc.name == "the mark is gone") {
					if !strings.Contains(drift, change+": ") {
						t.Errorf("the command would also %s: %s", change, drift)
					}
					drift = strings.Replace(drift, change+": ", "", 1)
				}
				if found := regexp.MustCompile(`(create|update|delete|attach|detach|add|remove|provision|set|write) .*"\S*": `).FindString(drift); found != "" {
					t.Errorf("to the command this is no drift: %s", found)
				}
				state = tf.apply(accessGroup, state, want)
				tf.empty(accessGroup, state, want)
				if got := contents(tf.e); got != right {
					t.Errorf("in AWS now:\n%s\nwant:\n%s", got, right)
				}
			})
		})
	}
}

// changesOfTheCommand are what the command plans over the same group: drift is
// the same to both.
func changesOfTheCommand(t *testing.T, e *emulator.Emulator, adopting bool) []string {
	t.Helper()
	text := func(s string) access.Text { return access.Text{Value: s} }
	texts := func(list ...string) (out access.List[access.Text]) {
		for _, s := range list {
			out.Items = append(out.Items, text(s))
		}
		return out
	}
	want := development()
	desired := access.Desired(access.Config{AccessGroups: access.List[access.GroupSpec]{Items: []access.GroupSpec{{
		Name: text("DevelopmentTeam"), Description: text("Development team access"), SessionDuration: text("PT1H"), Members: texts(want["members"].([]string)...),
		AWSManagedPolicies: texts(want["aws_managed_policies"].([]string)...), AccountsNames: texts(want["accounts_names"].([]string)...)}}}}, "platform")
	ctx := context.Background()
	c, err := identitycenter.Connect(ctx, identitycenter.Options{Region: "us-east-1", HTTPClient: &http.Client{Transport: e.Transport()},
		Credentials: credentials.NewStaticCredentialsProvider(emulator.ManagementKey, "secret", "")})
	if err != nil {
		t.Fatal(err)
	}
	var adopt []string
	if adopting {
		adopt = []string{"DevelopmentTeam"}
	}
	live, _, err := read.New(c).Read(ctx, read.Options{Desired: desired, Owner: "platform", Adopt: adopt})
	if err != nil {
		t.Fatal(err)
	}
	p := plan.Diff(&desired, &live, plan.Options{Via: access.ViaTerraform, Owner: "platform", Adopt: adopt, SetUp: access.BuiltIn, Guards: plan.Guards{RemovalsOff: true, Caller: plan.Caller{Management: true}}})
	var all []string
	for _, change := range p.Changes {
		all = append(all, change.Describe())
	}
	for _, b := range p.Blocked {
		all = append(all, b.Change.Describe())
	}
	if len(all) == 0 {
		t.Error("to the command this is no drift")
	}
	return all
}

// contents is everything in the instance but what AWS makes up anew.
func contents(e *emulator.Emulator) string {
	s := e.State().Instances[0]
	for i := range s.Memberships {
		s.Memberships[i].ID = ""
	}
	s.Roles = nil
	text, _ := json.MarshalIndent(s, "", " ")
	return string(text)
}

// What was deleted outside is made again.
func TestDeletedOutside(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		state := tf.apply(accessGroup, nil, development())
		c := byHand(t, tf.e)
		group := state.get("id")
		_, err := c.store.DeleteGroup(context.Background(), &identitystore.DeleteGroupInput{IdentityStoreId: c.storeID, GroupId: &group})
		c.ok(err)
		state = tf.apply(accessGroup, state, development())
		tf.empty(accessGroup, state, development())
		if state.get("id") == group {
			t.Error("the id is still the old one")
		}
	})
}

// A group that SCIM deletes and brings again has another id: granting to it is
// asked about first, because whoever could make that name would get the access.
func TestRebind(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		state := tf.apply(externalGroup, nil, pushed())
		c := byHand(t, tf.e)
		group := state.get("id")
		_, err := c.store.DeleteGroup(context.Background(), &identitystore.DeleteGroupInput{IdentityStoreId: c.storeID, GroupId: &group})
		c.ok(err)
		push(t, tf.e, "AWS-Development-Team")
		roles := roleARNs(tf.e, "222233334444")
		if pl := tf.plan(externalGroup, state, pushed()); !pl.failed || !strings.Contains(words(pl.diags), `allow = ["rebind"]`) {
			t.Errorf("not asked about: %s\n%s", pl.action(), words(pl.diags))
		}
		again := with(pushed(), "allow", []string{"rebind"})
		state = tf.apply(externalGroup, state, again)
		tf.empty(externalGroup, state, again)
		if state.get("id") == group || strings.Join(roleARNs(tf.e, "222233334444"), " ") != strings.Join(roles, " ") {
			t.Error("the id is the old one, or a role changed")
		}
	})
}

// A rename of a group of ours keeps its id. Its permission set would be
// another: that is refused unless agreed to, or kept by its name.
func TestRename(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		state := tf.apply(accessGroup, nil, development())
		id, arn, roles := state.get("id"), state.get("permission_set_arn"), roleARNs(tf.e, "222233334444")
		renamed := with(development(), "name", "Developers")
		if pl := tf.plan(accessGroup, state, renamed); !pl.failed || !strings.Contains(words(pl.diags), `permission_set_name = "DevelopmentTeam"`) {
			t.Errorf("a replaced set was not refused: %s\n%s", pl.action(), words(pl.diags))
		}
		kept := with(renamed, "permission_set_name", "DevelopmentTeam")
		state = tf.apply(accessGroup, state, kept)
		tf.empty(accessGroup, state, kept)
		if state.get("id") != id || state.get("permission_set_arn") != arn || strings.Join(roleARNs(tf.e, "222233334444"), " ") != strings.Join(roles, " ") {
			t.Error("the rename changed the group's id, the set or its roles")
		}
		replaced := with(renamed, "allow", []string{"replace"})
		state = tf.apply(accessGroup, state, replaced)
		tf.empty(accessGroup, state, replaced)
		if strings.Contains(holdings(tf.e), "set DevelopmentTeam\n") {
			t.Error("the old set is still there")
		}
	})
}

// unowned is an estate with a group that somebody made by hand.
func unowned() *emulator.Estate {
	estate := emulator.DefaultEstate()
	estate.Groups = append(estate.Groups, emulator.EstateGroup{DisplayName: "DevelopmentTeam", Description: "Development team access", Members: []string{"jane.smith@company.com"}})
	estate.PermissionSets = append(estate.PermissionSets, emulator.EstatePermissionSet{Name: "DevelopmentTeam", Description: "Development team access",
		AWSManagedPolicies: []string{"arn:aws:iam::aws:policy/PowerUserAccess"}})
	estate.Assignments = append(estate.Assignments, emulator.EstateAssignment{PermissionSet: "DevelopmentTeam", Group: "DevelopmentTeam", Accounts: []string{"development", "staging"}})
	return estate
}

// An unmarked group and set are imported, and the plan is one update in place
// that takes them over.
func TestImportOfUnowned(t *testing.T) {
	bubble(t, emulator.Options{Estate: unowned()}, func(tf *terraform) {
		roles := roleARNs(tf.e, "222233334444")
		state, diags := tf.importing(accessGroup, "DevelopmentTeam")
		if len(diags) > 0 {
			t.Fatal(words(diags))
		}
		if got := state.get("accounts_names") + state.get("members") + state.get("owner"); got != "[development staging][jane.smith@company.com]null" {
			t.Errorf("imported %s", got)
		}
		pl := tf.plan(accessGroup, state, development())
		if pl.failed || pl.action() != "update" || (&stored{value: pl.planned}).get("owner") != "platform" {
			t.Fatalf("planned %s\n%s", pl.action(), words(pl.diags))
		}
		state = tf.apply(accessGroup, state, development())
		tf.empty(accessGroup, state, development())
		if strings.Join(roleARNs(tf.e, "222233334444"), " ") != strings.Join(roles, " ") {
			t.Error("taking over changed a role")
		}
	})
}

// The module names the owner on the resource, not in the provider block.
func TestOwnerOfTheResource(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		tf.owner = ""
		config := with(development(), "owner", "team-a")
		state := tf.apply(accessGroup, nil, config)
		tf.empty(accessGroup, state, config)
		imported, diags := tf.importing(accessGroup, "DevelopmentTeam")
		if len(diags) > 0 {
			t.Fatal(words(diags))
		}
		tf.empty(accessGroup, imported, config)
		// Another owner takes over in place, and the old one has nothing left.
		moved := with(config, "owner", "team-b")
		roles := roleARNs(tf.e, "222233334444")
		state = tf.apply(accessGroup, state, moved)
		tf.empty(accessGroup, state, moved)
		if tags := tf.e.State().Instances[0].PermissionSets[0].Tags; tags["rolecall:owner"] != "team-b" || strings.Join(roleARNs(tf.e, "222233334444"), " ") != strings.Join(roles, " ") {
			t.Errorf("tags %v", tags)
		}
		tf.apply(accessGroup, state, nil)
		if strings.Contains(holdings(tf.e), "DevelopmentTeam") {
			t.Error("something is left")
		}
	})
}

// With another permission set at once, or under an import, the set of the state would
// keep its assignments, and nobody would know of it any more.
func TestOwnerAndPermissionSetAtOnce(t *testing.T) {
	for name, estate := range map[string]*emulator.Estate{"owner": nil, "import": unowned()} {
		t.Run(name, func(t *testing.T) {
			bubble(t, emulator.Options{Estate: estate}, func(tf *terraform) {
				tf.owner = "team-a"
				var state *stored
				if estate == nil {
					state = tf.apply(accessGroup, nil, development())
				} else {
					imported, diags := tf.importing(accessGroup, "DevelopmentTeam")
					if len(diags) > 0 {
						t.Fatal(words(diags))
					}
					state = imported
				}
				tf.owner = "team-b"
				held := holdings(tf.e)
				other := with(development(), "permission_set_name", "Other")
				pl := tf.plan(accessGroup, state, other)
				if !pl.failed || !strings.Contains(words(pl.diags), `would stay as it is, with what it grants, next to "Other"`) {
					t.Errorf("planned %s\n%s", pl.action(), words(pl.diags))
				}
				if holdings(tf.e) != held {
					t.Error("something changed")
				}
				state = tf.apply(accessGroup, state, development())
				other = with(other, "allow", []string{"replace"})
				state = tf.apply(accessGroup, state, other)
				tf.empty(accessGroup, state, other)
				if strings.Contains(holdings(tf.e), "set DevelopmentTeam\n") {
					t.Error("the old set is still there")
				}
			})
		})
	}
}

// Values that are not known yet, of whatever key, leave what depends on them
// unknown, and what comes true in between is planned then.
func TestUnknownValues(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		for kind, config := range map[string]object{accessGroup: development(), externalGroup: pushed(), user: jane()} {
			keys := groupKeys(kind == externalGroup).keys()
			if kind == user {
				keys = userKeys().keys()
			}
			for _, k := range keys {
				pl := tf.plan(kind, nil, with(config, k.Path, unknownValue{}))
				if pl.failed || pl.action() != "create" {
					t.Fatalf("%s of %s: %s\n%s", k.Path, kind, pl.action(), words(pl.diags))
				}
				planned := &stored{value: pl.planned}
				known := kind == externalGroup && k.Path == "accounts_names" // leaves unknown only what hangs on it
				if planned.get(k.Path) != "(unknown)" || (planned.get("id") != "(unknown)") != known {
					t.Errorf("%s of %s: %s", k.Path, kind, show(pl.planned))
				}
			}
		}
	})
}

// A permission set that others use is not taken over by the way: what they
// would lose is refused first, by adoption and by import alike.
func TestTakingOverWhatOthersUse(t *testing.T) {
	estate := emulator.DefaultEstate()
	estate.PermissionSets = append(estate.PermissionSets, emulator.EstatePermissionSet{Name: "Shared", Description: "Development team access"})
	estate.Assignments = append(estate.Assignments,
		emulator.EstateAssignment{PermissionSet: "Shared", Group: "AWS-Development-Team", Accounts: []string{"development"}},
		emulator.EstateAssignment{PermissionSet: "Shared", Group: "AWS-Production-ReadOnly", Accounts: []string{"development", "production"}})
	bubble(t, emulator.Options{Estate: estate}, func(tf *terraform) {
		before := holdings(tf.e)
		config := with(with(with(pushed(), "permission_set_name", "Shared"), "accounts_names", []string{"development"}), "adopt", true)
		imported, _ := tf.importing(externalGroup, "AWS-Development-Team::Shared")
		for name, state := range map[string]*stored{"adoption": nil, "import": imported} {
			if pl := tf.plan(externalGroup, state, config); !pl.failed || !strings.Contains(words(pl.diags), "AWS-Production-ReadOnly") {
				t.Errorf("%s: %s\n%s", name, pl.action(), words(pl.diags))
			}
		}
		if got := holdings(tf.e); got != before {
			t.Errorf("something was written:\n%s", got)
		}
		meant := with(config, "allow", []string{"strangers"})
		state := tf.apply(externalGroup, imported, meant)
		tf.empty(externalGroup, state, meant)
		if n := len(tf.e.State().Instances[0].Assignments); n != 1 {
			t.Errorf("%d assignments, want 1", n)
		}
	})
}

// A destroy takes what its plan shows, of a group that is there under another name too.
func TestDestroyOfARenamedGroup(t *testing.T) {
	for kind, config := range map[string]object{accessGroup: development(), externalGroup: pushed()} {
		bubble(t, emulator.Options{}, func(tf *terraform) {
			state := tf.apply(kind, nil, config)
			rename(t, tf.e, config["name"].(string), "Renamed")
			read := tf.start().refresh(state)
			if read.get("accounts_names") != "[development staging]" || read.get("id") != state.get("id") {
				t.Errorf("read %s", show(read.value))
			}
			if pl := tf.plan(kind, state, config); !pl.failed && pl.action() == "no-op" {
				t.Errorf("planned nothing: %s", words(pl.diags))
			}
			left, diags := tf.destroy(state, config)
			if left != nil || hasErrors(diags) {
				t.Errorf("destroy: %s", words(diags))
			}
			if strings.Contains(holdings(tf.e), "set "+config["name"].(string)) {
				t.Error("the set is left")
			}
			if kind == accessGroup && !(strings.Contains(holdings(tf.e), "group Renamed") && strings.Contains(words(diags), `stays: it is called "Renamed" now`)) {
				t.Errorf("the group went, or nobody said that it stays: %s", words(diags))
			}
		})
	}
}

// A mark that is taken off after the plan leaves nothing behind out of the state.
func TestMarkTakenOffAfterThePlanOfAnotherSet(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		state := tf.apply(accessGroup, nil, development())
		planned := tf.plan(accessGroup, state, with(with(development(), "permission_set_name", "Other"), "allow", []string{"replace"}))
		c := byHand(t, tf.e)
		_, err := c.sso.UntagResource(context.Background(), &ssoadmin.UntagResourceInput{InstanceArn: c.instance,
			ResourceArn: aws.String(state.get("permission_set_arn")), TagKeys: []string{"rolecall:owner"}})
		c.ok(err)
		held := holdings(tf.e)
		if _, diags := tf.start().apply(planned); !strings.Contains(words(diags), `would stay as it is, with what it grants, next to "Other"`) || holdings(tf.e) != held {
			t.Errorf("applied: %s", words(diags))
		}
	})
}

func (c *console) join(group, user string) {
	c.t.Helper()
	_, err := c.store.CreateGroupMembership(context.Background(), &identitystore.CreateGroupMembershipInput{IdentityStoreId: c.storeID, GroupId: &group,
		MemberId: &idtypes.MemberIdMemberUserId{Value: user}})
	c.ok(err)
}
