package render_test

import (
	"bytes"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/presence"
	"github.com/rolecall-dev/rolecall/internal/render"
)

func TestVerify(t *testing.T) {
	desired, c, _ := state(t, `
management_mode      = "external"
scim_identity_source = "Okta"
external_groups = [
  { name = "AWS-Developers", description = "d", aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"], accounts_names = ["development", "closed", "nowhere"] },
  { name = "AWS-Operations", description = "d", aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"], accounts_names = ["development"] },
  { name = "AWS-Not-Yet", description = "d", aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"], accounts_names = ["development"] },
]
`)
	var b access.Builder
	dev := b.AddGroup(access.Group{Name: "AWS-Developers", ID: "g-1", SCIM: true})
	b.AddGroup(access.Group{Name: "AWS-Opera\u200btiоns", ID: "g-2"}) // a zero-width space and a Cyrillic o
	b.AddMembership(dev, b.AddUser(access.User{Username: "jane@company.com", ID: "u-1"}), 0)
	b.AddAccount(access.Account{ID: "222233334444", Name: "development", State: "ACTIVE"})
	b.AddAccount(access.Account{ID: "333344445555", Name: "closed", State: "SUSPENDED"})
	b.Observed = access.Observed{Members: map[string]bool{"g-1": true}}
	report := presence.Check(desired, b.State(), presence.Options{SetUp: c.SetUp(), IdP: c.IdPName()})
	golden(t, "verify.txt", written(t, func(w *bytes.Buffer) error { return render.Verify(w, report, terminal) }))
	golden(t, "verify-color.txt", written(t, func(w *bytes.Buffer) error {
		return render.Verify(w, report, render.Style{Color: true})
	}))
	golden(t, "verify-narrow.txt", written(t, func(w *bytes.Buffer) error { return render.Verify(w, report, render.Style{Width: 44}) }))
}

func TestVerifyThatEverythingIsThere(t *testing.T) {
	desired, c, _ := state(t, `
users         = [{ display_name = "Jane", email = "jane@company.com", given_name = "Jane", family_name = "S", groups = ["Ops"] }]
removed_users = ["john@company.com"]
access_groups = [{ name = "Ops", description = "d", aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"], accounts_names = ["development"] }]
`)
	live := applied(t, organization("development"), `
users         = [{ display_name = "Jane", email = "jane@company.com", given_name = "Jane", family_name = "S", groups = ["Ops"] }]
access_groups = [{ name = "Ops", description = "d", aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"], accounts_names = ["development"] }]
`)
	report := presence.Check(desired, seen(live), presence.Options{SetUp: c.SetUp(), IdP: c.IdPName()})
	golden(t, "verify-there.txt", written(t, func(w *bytes.Buffer) error { return render.Verify(w, report, file) }))
}
