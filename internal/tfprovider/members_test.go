package tfprovider

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
)

const groupMembers = "rolecall_group_members"

// withResponders is an estate with a group that somebody made, and one member.
func withResponders() *emulator.Estate {
	e := emulator.DefaultEstate()
	e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: "Responders", Description: "by hand", Members: []string{"john.miller@company.com"}})
	return e
}

func responders(members ...string) object {
	return object{"group": "Responders", "members": members}
}

// inGroup returns who is in a group, first names only.
func inGroup(e *emulator.Emulator, name string) string {
	var out []string
	for _, m := range e.State().Instances[0].Memberships {
		if m.Group == name {
			first, _, _ := strings.Cut(m.User, ".")
			out = append(out, first)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func (c *console) member(group, user string, in bool) {
	c.t.Helper()
	ctx := context.Background()
	if in {
		_, err := c.store.CreateGroupMembership(ctx, &identitystore.CreateGroupMembershipInput{IdentityStoreId: c.storeID, GroupId: &group, MemberId: &idtypes.MemberIdMemberUserId{Value: user}})
		c.ok(err)
		return
	}
	id, err := c.store.GetGroupMembershipId(ctx, &identitystore.GetGroupMembershipIdInput{IdentityStoreId: c.storeID, GroupId: &group, MemberId: &idtypes.MemberIdMemberUserId{Value: user}})
	c.ok(err)
	_, err = c.store.DeleteGroupMembership(ctx, &identitystore.DeleteGroupMembershipInput{IdentityStoreId: c.storeID, MembershipId: id.MembershipId})
	c.ok(err)
}

const john, wei, smith = "john.miller@company.com", "wei.chen@company.com", "jane.smith@company.com"

// Members are added to what others have put there, and only they are taken out.
func TestGroupMembersLifeCycle(t *testing.T) {
	bubble(t, emulator.Options{Estate: withResponders(), Limits: emulator.AWSLimits()}, func(tf *terraform) {
		before := contents(tf.e)
		check := func(state *stored, config object, in, added string) {
			t.Helper()
			tf.empty(groupMembers, state, config)
			if got := inGroup(tf.e, "Responders"); got != in || state.get("added") != added {
				t.Errorf("in the group: %s; added: %s", got, state.get("added"))
			}
		}
		config := responders(john, wei)
		state := tf.apply(groupMembers, nil, config)
		check(state, config, "john wei", "["+wei+"]")
		config = responders(john, smith)
		state = tf.apply(groupMembers, state, config)
		check(state, config, "jane john", "["+smith+"]")

		c := byHand(t, tf.e)
		c.member(state.get("id"), userID(tf.e, smith), false)
		c.member(state.get("id"), userID(tf.e, wei), true)
		if pl := tf.plan(groupMembers, state, config); pl.action() != "update" {
			t.Errorf("who was taken out is no drift: %s", pl.action())
		}
		state = tf.apply(groupMembers, state, config)
		check(state, config, "jane john wei", "["+smith+"]") // a stranger is none of ours

		for key, value := range map[string]any{"scim_scope": "users", "allow": []string{"lockout"}} { // and scim_identity_source is for the tests of refusals
			changed := with(with(config, "scim_identity_source", "Google Workspace"), "scim_scope", "users")
			state = tf.apply(groupMembers, state, with(changed, key, value))
			tf.empty(groupMembers, state, with(changed, key, value))
		}
		state = tf.apply(groupMembers, state, responders()) // john and wei are others' work
		check(state, responders(), "john wei", "[]")
		c.member(state.get("id"), userID(tf.e, wei), false)
		state = tf.apply(groupMembers, state, config)
		if left := tf.apply(groupMembers, state, nil); left != nil {
			t.Errorf("left in the state: %s", show(left.value))
		}
		if got := contents(tf.e); got != before {
			t.Errorf("left in AWS:\n%s\nbefore:\n%s", got, before)
		}
	})
}

func TestGroupMembersImport(t *testing.T) {
	bubble(t, emulator.Options{Estate: withResponders()}, func(tf *terraform) {
		byName, diags := tf.importing(groupMembers, "Responders")
		if len(diags) > 0 {
			t.Fatal(words(diags))
		}
		tf.empty(groupMembers, byName, responders(john))
		byID, _ := tf.importing(groupMembers, byName.get("id"))
		if identity := tf.importBy(groupMembers, object{"group_id": byName.get("id")}); !byID.value.Equal(byName.value) || !identity.value.Equal(byName.value) {
			t.Error("the ways to import differ")
		}
		tf.apply(groupMembers, byName, nil)
		if got := inGroup(tf.e, "Responders"); got != "john" {
			t.Errorf("a destroy took out whom it had not added; left: %s", got)
		}
		if _, diags := tf.importing(groupMembers, "Nobody"); !hasErrors(diags) {
			t.Error("imported what is not there")
		}
	})
}

// The group must be there, and nobody else's to decide about.
func TestGroupMembersRefusals(t *testing.T) {
	estate := withResponders()
	estate.Groups = append(estate.Groups, emulator.EstateGroup{DisplayName: "Ours", Description: access.Mark{Owner: "platform"}.On("d")},
		emulator.EstateGroup{DisplayName: "Theirs", Description: access.Mark{Owner: "other"}.On("d")},
		emulator.EstateGroup{DisplayName: "Pushed", Source: emulator.FromSCIM, ExternalID: "00g1"})
	bubble(t, emulator.Options{Estate: estate}, func(tf *terraform) {
		before := contents(tf.e)
		for _, c := range []struct {
			config object
			want   string
		}{
			{object{"group": "Ours", "members": []string{wei}}, "rolecall_access_group"},
			{object{"group": "Theirs", "members": []string{wei}}, `belongs to owner "other"`},
			{object{"group": "Pushed", "members": []string{wei}}, "its members are managed there"},
			{with(responders(wei), "scim_identity_source", "Okta"), `The members of "Responders" cannot be set here: Okta manages them`},
			{with(with(responders(wei), "scim_identity_source", "Okta"), "scim_scope", "groups"), `scim_scope cannot be "groups"`},
		} {
			if pl := tf.plan(groupMembers, nil, c.config); !pl.failed || !strings.Contains(flat(pl), c.want) {
				t.Errorf("%v: %s\n%s", c.config, pl.action(), words(pl.diags))
			}
		}
		missing := object{"group": "Respodners", "members": []string{wei}}
		pl := tf.plan(groupMembers, nil, missing)
		if pl.failed || !strings.Contains(flat(pl), `"Responders"`) || !strings.Contains(flat(pl), "The apply stops here unless it is there by then") {
			t.Errorf("missing: %s\n%s", pl.action(), words(pl.diags))
		}
		if state, diags := tf.start().apply(pl); state != nil || !strings.Contains(words(diags), `AWS has "Responders"`) || strings.Contains(words(diags), "--allow") {
			t.Errorf("missing at apply: %v\n%s", state, words(diags))
		}
		if got := contents(tf.e); got != before {
			t.Errorf("something was written:\n%s", got)
		}
		google := with(with(responders(wei), "scim_identity_source", "Google Workspace"), "scim_scope", "users")
		tf.empty(groupMembers, tf.apply(groupMembers, nil, google), google)
	})
}

func flat(pl planned) string { return strings.Join(strings.Fields(words(pl.diags)), " ") }

// What another resource of the same apply makes, of whatever provider, is found
// although its absence was remembered.
func TestGroupMembersOfWhatComesMeanwhile(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		pl := tf.plan(groupMembers, nil, responders(wei))
		p := tf.start()
		p.plan(groupMembers, nil, responders(wei)) // remembers that there is no such group
		c := byHand(t, tf.e)
		_, err := c.store.CreateGroup(context.Background(), &identitystore.CreateGroupInput{IdentityStoreId: c.storeID, DisplayName: aws.String("Responders")})
		c.ok(err)
		state, diags := p.apply(pl)
		if hasErrors(diags) {
			t.Fatal(words(diags))
		}
		tf.empty(groupMembers, state, responders(wei))
	})
}

// denies refuses one operation about one thing, by its id.
type denies struct {
	next          http.RoundTripper
	operation, id string
}

func (d denies) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	if operationOf(req) != d.operation || !bytes.Contains(body, []byte(d.id)) {
		return d.next.RoundTrip(req)
	}
	return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amzn-Errortype": {"AccessDeniedException"}},
		Body: io.NopCloser(strings.NewReader(`{"__type":"AccessDeniedException","Message":"not for you"}`)), Request: req}, nil
}

// One membership of three fails: the state has the two, and only the third is
// made by the next apply.
func TestGroupMembersPartialFailure(t *testing.T) {
	for kind, before := range map[string][]string{"create": nil, "update": {john}} {
		t.Run(kind, func(t *testing.T) {
			bubble(t, emulator.Options{Estate: withResponders()}, func(tf *terraform) {
				var state *stored
				if before != nil {
					state = tf.apply(groupMembers, nil, responders(before...))
				}
				config := responders(john, wei, smith)
				tf.http = denies{tf.e.Transport(), "CreateGroupMembership", userID(tf.e, wei)}
				was := len(tf.e.State().Instances[0].Memberships)
				state, diags := tf.try(groupMembers, state, config)
				left := 1
				switch there := len(tf.e.State().Instances[0].Memberships); {
				case !hasErrors(diags):
					t.Fatalf("no error:\n%s", words(diags))
				case kind == "create": // nothing says whom it added, so it takes them out again
					if left = 2; state != nil || there != was {
						t.Fatalf("%d memberships, %d before\n%s", there, was, words(diags))
					}
				case strings.Count(state.get("members"), "@") != 2 || strings.Count(state.get("added"), "@") != 1:
					t.Fatalf("state %s\n%s", show(state.value), words(diags))
				}
				tf.http = nil
				made := tf.e.Stats().Calls["identitystore.CreateGroupMembership"]
				state = tf.apply(groupMembers, state, config)
				if n := tf.e.Stats().Calls["identitystore.CreateGroupMembership"] - made; n != left {
					t.Errorf("%d memberships were made to complete %d", n, left)
				}
				tf.empty(groupMembers, state, config)
			})
		})
	}
}

// Who would be taken out of the group through which they are signed in is asked.
func TestGroupMembersLockout(t *testing.T) {
	estate := withResponders()
	estate.PermissionSets = append(estate.PermissionSets, emulator.EstatePermissionSet{Name: "Respond"})
	estate.Assignments = append(estate.Assignments, emulator.EstateAssignment{PermissionSet: "Respond", Group: "Responders", Accounts: []string{"management"}})
	estate.Callers = append(estate.Callers, emulator.EstateCaller{AccessKey: "AKIDOFWEI", PermissionSet: "Respond", Session: wei})
	bubble(t, emulator.Options{Estate: estate}, func(tf *terraform) {
		state := tf.apply(groupMembers, nil, responders(wei))
		tf.key = "AKIDOFWEI"
		for name, config := range map[string]object{"update": responders(john), "destroy": nil} {
			if pl := tf.plan(groupMembers, state, config); !pl.failed || !strings.Contains(words(pl.diags), `allow = ["lockout"]`) {
				t.Errorf("%s: %s\n%s", name, pl.action(), words(pl.diags))
			}
		}
		meant := with(responders(john), "allow", []string{"lockout"})
		tf.empty(groupMembers, tf.apply(groupMembers, state, meant), meant)
	})
}

// A group that has come to belong to an identity provider since keeps its
// members when the resource goes.
func TestGroupMembersOfAGroupThatIsTakenOver(t *testing.T) {
	bubble(t, emulator.Options{Estate: withResponders()}, func(tf *terraform) {
		state := tf.apply(groupMembers, nil, responders(wei))
		c := byHand(t, tf.e)
		_, err := c.store.UpdateGroup(context.Background(), &identitystore.UpdateGroupInput{IdentityStoreId: c.storeID, GroupId: aws.String(state.get("id")),
			Operations: []idtypes.AttributeOperation{{AttributePath: aws.String("description"), AttributeValue: lazy(access.Mark{Owner: "other"}.On("by hand"))}}})
		c.ok(err)
		left, diags := tf.try(groupMembers, state, nil)
		if left != nil || hasErrors(diags) || !strings.Contains(words(diags), "stay") || inGroup(tf.e, "Responders") != "john wei" {
			t.Errorf("left %v, in the group: %s\n%s", left, inGroup(tf.e, "Responders"), words(diags))
		}
	})
}
