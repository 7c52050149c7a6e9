package acceptance

import (
	"context"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// hand is somebody who changes AWS beside Terraform.
type hand struct {
	t      testing.TB
	e      *emulator.Emulator
	client *identitycenter.Client
}

func (w *workspace) hand() hand {
	w.t.Helper()
	return hand{w.t, w.e, connect(w.t, w.e)}
}

func connect(t testing.TB, e *emulator.Emulator) *identitycenter.Client {
	t.Helper()
	client, err := identitycenter.Connect(context.Background(), identitycenter.Options{Region: "us-east-1", MaxTPS: 1000, HTTPClient: &http.Client{Transport: e.Transport()},
		Credentials: credentials.NewStaticCredentialsProvider(emulator.ManagementKey, "secret", "")})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (h hand) done(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h hand) makesGroup(name string) {
	h.t.Helper()
	_, err := h.client.CreateGroup(context.Background(), access.Group{Name: name, Description: "made by hand"})
	h.done(err)
}

func (h hand) makesSet(name string) {
	h.t.Helper()
	_, _, err := h.client.CreatePermissionSet(context.Background(), access.PermissionSet{Name: name, Description: "made by hand"})
	h.done(err)
}

// makesOurs makes a group and its set as another run of Terraform does, of the same
// owner, which has come to its end.
func (h hand) makesOurs(name string) {
	h.t.Helper()
	mark := access.Mark{Owner: "platform", Via: access.ViaTerraform}
	_, err := h.client.CreateGroup(context.Background(), access.Group{Name: name, Description: mark.On("made elsewhere")})
	h.done(err)
	_, _, err = h.client.CreatePermissionSet(context.Background(), access.PermissionSet{Name: name, Description: "made elsewhere",
		Tags: []access.Tag{{Key: access.OwnerTag, Value: "platform"}, {Key: access.GroupTag, Value: name}, {Key: access.ViaTag, Value: access.ViaTerraform}}})
	h.done(err)
}

func (h hand) makesUser(name string) {
	h.t.Helper()
	_, err := h.client.CreateUser(context.Background(), access.User{Username: name, DisplayName: "By Hand", GivenName: "By", FamilyName: "Hand", Email: name})
	h.done(err)
}

func (h hand) deletesGroup(name string) {
	h.t.Helper()
	h.done(h.client.DeleteGroup(context.Background(), groupID(h.t, h.e, name)))
}

func (h hand) adds(user, group string) {
	h.t.Helper()
	h.done(h.client.CreateGroupMembership(context.Background(), groupID(h.t, h.e, group), userID(h.e, user)))
}

// assigns gives a group the set in an account, by the account's id.
func (h hand) assigns(set, account, group string) {
	h.t.Helper()
	_, err := h.client.CreateAccountAssignment(context.Background(), access.AssignmentID{SetInAccount: access.SetInAccount{Account: account, SetARN: setNamed(h.e.State().Instances[0], set).ARN},
		Kind: access.GroupPrincipal, Principal: groupID(h.t, h.e, group)})
	h.done(err)
}

// deletesSet takes away all that is assigned by the set, and the set.
func (h hand) deletesSet(name string) {
	h.t.Helper()
	s := h.e.State().Instances[0]
	arn := setNamed(s, name).ARN
	for _, a := range assignmentsOf(s, name) {
		_, err := h.client.DeleteAccountAssignment(context.Background(), access.AssignmentID{SetInAccount: access.SetInAccount{Account: a.Account, SetARN: arn},
			Kind: access.GroupPrincipal, Principal: a.PrincipalID})
		h.done(err)
	}
	h.done(h.client.DeletePermissionSet(context.Background(), arn, false))
}

func (h hand) deletesUser(name string) {
	h.t.Helper()
	h.done(h.client.DeleteUser(context.Background(), userID(h.e, name)))
}

func (h hand) attaches(policy, set string) {
	h.t.Helper()
	h.done(h.client.AttachManagedPolicy(context.Background(), setNamed(h.e.State().Instances[0], set).ARN, "arn:aws:iam::aws:policy/"+policy))
}

func userID(e *emulator.Emulator, name string) string {
	for _, u := range e.State().Instances[0].Users {
		if u.UserName == name {
			return u.ID
		}
	}
	return ""
}

// groupID is the id that a group has in AWS.
func groupID(t testing.TB, e *emulator.Emulator, name string) string {
	t.Helper()
	id := idOf(e.State().Instances[0].Groups, name)
	if id == "" {
		t.Fatalf("there is no group %q", name)
	}
	return id
}

func idOf(groups []emulator.StateGroup, name string) string {
	for _, g := range groups {
		if g.DisplayName == name {
			return g.ID
		}
	}
	return ""
}
