package vendorapi_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
)

// TestImagesOfPushedGroups finds what Group Push makes in Okta itself: a group of the
// name that AWS has, with those who are in it there.
func TestImagesOfPushedGroups(t *testing.T) {
	d := directory(t, idp.Okta)
	ann, bob := addUser(t, d, "ann@company.com"), addUser(t, d, "bob@company.com")
	team := addGroup(t, d, "Team", ann, bob)
	ok(t, d.Assign(t.Context(), idp.UserPrincipal, ann))
	ok(t, d.PushGroupAs(t.Context(), team, "Team in AWS", false))
	api := vendorapi.New(d, vendorapi.Options{Token: "token"})
	var groups []struct {
		ID, Type string
		Profile  struct{ Name string }
		Source   struct{ ID string }
	}
	get(t, api, "/api/v1/groups", &groups)
	if len(groups) != 2 || groups[0].ID != team || groups[0].Type != "OKTA_GROUP" || groups[1].Type != "APP_GROUP" || groups[1].Profile.Name != "Team in AWS" || groups[1].Source.ID != api.ApplicationID() {
		t.Fatalf("%+v", groups)
	}
	var users []struct{ ID string }
	get(t, api, "/api/v1/groups/"+groups[1].ID+"/users", &users)
	if len(users) != 1 || users[0].ID != ann {
		t.Errorf("the image has %+v", users)
	}
	d.ForgetTarget(team)
	groups = nil
	if get(t, api, "/api/v1/groups", &groups); len(groups) != 1 {
		t.Errorf("forgotten: %+v", groups)
	}
	if _, err := d.CreateGroup(t.Context(), idp.Group{Name: "Team"}); err == nil {
		t.Error("two groups of Okta's have one name")
	}
	if _, err := d.CreateGroup(t.Context(), idp.Group{Name: "Team", Source: "0oa1activedirectory"}); err != nil {
		t.Error(err)
	}
}

func get(t *testing.T, api *vendorapi.API, path string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://company.okta.com"+path, nil)
	ok(t, err)
	req.Header.Set("Authorization", "SSWS token")
	answer, err := api.RoundTrip(req)
	ok(t, err)
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", path, answer.StatusCode, err)
	}
}
