package idp_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
)

// BenchmarkFirstSync pushes 2,000 users and 200 groups of 100 members.
func BenchmarkFirstSync(b *testing.B) {
	for b.Loop() {
		e, err := emulator.New(emulator.Options{})
		ok(b, err)
		d, err := idp.New(idp.Options{
			Kind: idp.Okta, SyncAll: true, Endpoint: "https://scim.invalid" + e.SCIM().Path, Token: e.SCIM().Token,
			HTTPClient: &http.Client{Transport: e.Transport()},
		})
		ok(b, err)
		d.Pause()
		fill(b, d, 2000, 200, 100)
		ok(b, d.SyncNow(context.Background()))
		if n := len(e.State().Instances[0].Memberships); n < 20_000 {
			b.Fatalf("%d memberships", n)
		}
	}
}

func fill(b *testing.B, d *idp.Directory, users, groups, members int) {
	b.Helper()
	ids := make([]string, users)
	for i := range ids {
		u, err := d.CreateUser(context.Background(), idp.User{UserName: fmt.Sprintf("user%d@company.example", i), GivenName: "G", FamilyName: "F"})
		ok(b, err)
		ids[i] = u.ID
	}
	for i := range groups {
		g, err := d.CreateGroup(context.Background(), idp.Group{Name: fmt.Sprintf("group%d", i)})
		ok(b, err)
		for k := range members {
			ok(b, d.AddMember(context.Background(), g.ID, ids[(i*members+k)%users]))
		}
	}
}
