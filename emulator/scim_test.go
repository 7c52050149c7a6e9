package emulator_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/rolecall-dev/rolecall/emulator"
)

func TestTokensOfSCIM(t *testing.T) {
	c := start(t, emulator.Options{})
	get := func(path, token string) int {
		r, err := http.NewRequest(http.MethodGet, "http://emulator.invalid"+path+"Users", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := c.Transport().RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode
	}
	end := c.SCIM()
	foreign := strings.Replace(end.Path, "/scim", "0/scim", 1)
	if a, b, d := get(end.Path, end.Token), get(end.Path, "wrong"), get(foreign, end.Token); a != 200 || b != 401 || d != 404 {
		t.Errorf("right, wrong and foreign token = %d, %d, %d", a, b, d)
	}
	if err := c.Change(emulator.Change{SCIM: &emulator.SCIMChange{Expired: aws.Bool(true)}}); err != nil {
		t.Fatal(err)
	}
	if got := get(end.Path, end.Token); got != 401 {
		t.Errorf("expired token = %d", got)
	}
	if err := c.Change(emulator.Change{SCIM: &emulator.SCIMChange{Expired: aws.Bool(false), Token: "fresh"}}); err != nil {
		t.Fatal(err)
	}
	if a, b := get(end.Path, end.Token), get(end.Path, "fresh"); a != 401 || b != 200 {
		t.Errorf("old and fresh token = %d, %d", a, b)
	}
}

// TestOneStoreForBothFrontEnds: what SCIM writes the API shows, with external id
// and status.
func TestOneStoreForBothFrontEnds(t *testing.T) {
	c := start(t, emulator.Options{})
	c.scim(t, http.MethodPost, "Users", `{"userName":"ada","externalId":"x1","displayName":"Ada","name":{"givenName":"A","familyName":"L"},"active":false}`, http.StatusCreated)
	u := must[*identitystore.GetUserIdOutput](t)(c.ids.GetUserId(ctx(), &identitystore.GetUserIdInput{IdentityStoreId: c.store, AlternateIdentifier: &idtypes.AlternateIdentifierMemberUniqueAttribute{
		Value: idtypes.UniqueAttribute{AttributePath: aws.String("userName"), AttributeValue: documentOf("ada")},
	}}))
	got := must[*identitystore.DescribeUserOutput](t)(c.ids.DescribeUser(ctx(), &identitystore.DescribeUserInput{IdentityStoreId: c.store, UserId: u.UserId}))
	if *got.ExternalIds[0].Id != "x1" || got.UserStatus != idtypes.UserStatusDisabled {
		t.Errorf("user = %+v", got)
	}
	byID := must[*identitystore.GetUserIdOutput](t)(c.ids.GetUserId(ctx(), &identitystore.GetUserIdInput{IdentityStoreId: c.store, AlternateIdentifier: &idtypes.AlternateIdentifierMemberExternalId{Value: got.ExternalIds[0]}}))
	if *byID.UserId != *u.UserId {
		t.Errorf("by external id = %s", *byID.UserId)
	}
	must[*identitystore.DeleteUserOutput](t)(c.ids.DeleteUser(ctx(), &identitystore.DeleteUserInput{IdentityStoreId: c.store, UserId: u.UserId}))
	c.scim(t, http.MethodGet, "Users/"+*u.UserId, "", http.StatusNotFound)
}

func TestSCIMIsThrottledOnItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, emulator.Options{Limits: emulator.Limits{SCIM: 2}})
		for _, want := range []int{200, 200, 429} {
			c.scim(t, http.MethodGet, "Users", "", want)
		}
		time.Sleep(500 * time.Millisecond)
		c.scim(t, http.MethodGet, "Users", "", 200)
		if got := c.Stats().Throttles["scim.ListUsers"]; got != 1 {
			t.Errorf("throttles = %d, want 1", got)
		}
	})
}
