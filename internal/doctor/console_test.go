package doctor_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
)

// What people do in consoles, behind rolecall's back.

func (w *world) sdk() aws.Config {
	return aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider(emulator.ManagementKey, "secret", ""),
		HTTPClient: &http.Client{Transport: w.aws.Transport()}}
}

func (w *world) ids(user, group string) (*identitycenter.Client, string, string) {
	w.t.Helper()
	c := w.client()
	u, _, _, err := read.New(c).Diagnosis().UserByName(w.t.Context(), user)
	w.must(err)
	g, _, _, err := read.New(c).Diagnosis().GroupByName(w.t.Context(), group)
	w.must(err)
	return c, u.ID, g.ID
}

// join puts a user into the team in AWS.
func (w *world) join(user string) {
	w.t.Helper()
	mary, ok := w.idp.FindUser(user)
	if !ok {
		w.must(errors.New("no such user"))
	}
	w.must(w.idp.Assign(w.t.Context(), "user", mary.ID))
	w.sync()
	c, u, g := w.ids(user, team)
	_, err := identitystore.NewFromConfig(w.sdk()).CreateGroupMembership(w.t.Context(), &identitystore.CreateGroupMembershipInput{
		IdentityStoreId: aws.String(c.Instance().IdentityStoreID), GroupId: &g, MemberId: &storetypes.MemberIdMemberUserId{Value: u}})
	w.must(err)
}

// leave takes a user out of the team in AWS.
func (w *world) leave(user string) {
	w.t.Helper()
	c, u, g := w.ids(user, team)
	store, id := identitystore.NewFromConfig(w.sdk()), aws.String(c.Instance().IdentityStoreID)
	m, err := store.GetGroupMembershipId(w.t.Context(), &identitystore.GetGroupMembershipIdInput{IdentityStoreId: id, GroupId: &g, MemberId: &storetypes.MemberIdMemberUserId{Value: u}})
	w.must(err)
	_, err = store.DeleteGroupMembership(w.t.Context(), &identitystore.DeleteGroupMembershipInput{IdentityStoreId: id, MembershipId: m.MembershipId})
	w.must(err)
}

// rename gives the team another name on both sides, and not in the config.
func (w *world) rename(name string) {
	w.t.Helper()
	w.must(w.idp.RenameGroup(w.t.Context(), w.teamID, name))
	w.sync()
}

// renameKnown renames the team to a name that is not near, where the record of its
// set tells the id.
func (w *world) renameKnown() {
	w.t.Helper()
	w.rename("Cloud-Builders")
	for _, g := range w.aws.State().Instances[0].Groups {
		if g.DisplayName == "Cloud-Builders" {
			w.renamed = map[string]access.Renamed{team: {Name: team, Now: g.DisplayName, ID: g.ID, Set: set, Recorded: true}}
		}
	}
}

// elsewhere makes another AWS, whose SCIM endpoint is asked; rolecall.hcl has
// another address than the identity provider.
func (w *world) elsewhere() {
	w.t.Helper()
	e := emulator.DefaultEstate()
	e.Users, e.Groups = nil, nil
	e.Instances = nil
	another, err := emulator.New(emulator.Options{Estate: e, Seed: 7})
	w.must(err)
	w.another, w.address = another, "https://scim.us-east-1.amazonaws.com/another/scim/v2/"
}

// newGroup makes a group at the identity provider with Jane in it, which the
// config names instead of the team.
func (w *world) newGroup(name string) string {
	w.t.Helper()
	g, err := w.idp.CreateGroup(w.t.Context(), idp.Group{Name: name})
	w.must(err)
	w.must(w.idp.AddMember(w.t.Context(), g.ID, w.janeID))
	w.config = strings.Replace(w.config, team, name, 1)
	return g.ID
}

// second makes another group on both sides, which the config does not name.
func (w *world) second(name string) {
	config := w.config
	id := w.newGroup(name)
	w.config = config
	w.bring(id)
}

// bring has the identity provider bring a group to AWS.
func (w *world) bring(id string) {
	w.t.Helper()
	if w.idp.Snapshot().Kind == idp.Okta {
		w.must(w.idp.PushGroup(w.t.Context(), id, true))
		return
	}
	w.must(w.idp.Assign(w.t.Context(), idp.GroupPrincipal, id))
	w.sync()
}

// disable switches a user off in AWS.
func (w *world) disable(user string) {
	w.t.Helper()
	w.patch(user, "active", false)
}

// patch changes a user in AWS.
func (w *world) patch(user, path string, value any) {
	w.t.Helper()
	_, u, _ := w.ids(user, team)
	body, err := json.Marshal(map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
		"Operations": []map[string]any{{"op": "replace", "path": path, "value": value}}})
	w.must(err)
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPatch, "https://scim.us-east-1.amazonaws.com"+w.aws.SCIM().Path+"/Users/"+u, bytes.NewReader(body))
	w.must(err)
	req.Header.Set("Authorization", "Bearer "+w.aws.SCIM().Token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := w.aws.Transport().RoundTrip(req)
	w.must(err)
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		w.must(fmt.Errorf("%s: %s", resp.Status, text))
	}
}

// recreate deletes the team at the identity provider and makes it again.
func (w *world) recreate() {
	w.t.Helper()
	g, err := w.idp.RecreateGroup(w.t.Context(), w.teamID)
	w.must(err)
	w.teamID = g.ID
}

// setARN finds a permission set by name.
func (w *world) setARN(c *identitycenter.Client, name string) string {
	w.t.Helper()
	live, _, err := read.New(c).Read(w.t.Context(), read.Options{Desired: access.State{Sets: []access.PermissionSet{{Name: name}}}, Owner: "tests"})
	w.must(err)
	at := live.SetIndex(name)
	if at < 0 {
		w.must(fmt.Errorf("no permission set %q", name))
	}
	return live.Sets[at].ARN
}

// assign makes an assignment that fails.
func (w *world) assign(reason string) {
	w.t.Helper()
	w.must(w.aws.SetFaults(emulator.Fault{Operation: "sso-admin.CreateAccountAssignment", Kind: emulator.FailJob, Reason: reason}))
	c, _, g := w.ids(jane, team)
	arn := w.setARN(c, set)
	_, err := ssoadmin.NewFromConfig(w.sdk()).CreateAccountAssignment(w.t.Context(), &ssoadmin.CreateAccountAssignmentInput{
		InstanceArn: aws.String(c.Instance().ARN), PermissionSetArn: &arn, PrincipalId: &g, PrincipalType: ssotypes.PrincipalTypeGroup,
		TargetId: aws.String(production), TargetType: ssotypes.TargetTypeAwsAccount})
	w.must(err)
	time.Sleep(time.Minute)
}
