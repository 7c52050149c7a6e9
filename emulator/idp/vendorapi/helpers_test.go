package vendorapi_test

import (
	"net/http"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
)

// directory makes an identity provider that pushes to an emulated AWS.
func directory(t *testing.T, kind idp.Kind, change ...func(*idp.Options)) *idp.Directory {
	t.Helper()
	aws, err := emulator.New(emulator.Options{})
	ok(t, err)
	o := idp.Options{
		Kind: kind, Endpoint: "https://scim.eu-central-1.amazonaws.com" + aws.SCIM().Path, Token: aws.SCIM().Token,
		HTTPClient: &http.Client{Transport: aws.Transport()},
	}
	for _, c := range change {
		c(&o)
	}
	d, err := idp.New(o)
	ok(t, err)
	return d
}

// all puts everybody into scope.
func all(o *idp.Options) { o.SyncAll = true }

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// addUser and addGroup are those of the tests of package idp, which are another package.
func addUser(t *testing.T, d *idp.Directory, name string) string {
	t.Helper()
	u, err := d.CreateUser(t.Context(), idp.User{UserName: name, GivenName: name, FamilyName: "X"})
	ok(t, err)
	return u.ID
}

func addGroup(t *testing.T, d *idp.Directory, name string, members ...string) string {
	t.Helper()
	g, err := d.CreateGroup(t.Context(), idp.Group{Name: name})
	ok(t, err)
	for _, m := range members {
		ok(t, d.AddMember(t.Context(), g.ID, m))
	}
	return g.ID
}
