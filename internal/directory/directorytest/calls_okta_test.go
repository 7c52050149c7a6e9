package directorytest

import (
	"net/http"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
)

// oktaCalls asks through the table what an API token and small lists leave out: by a
// key, of lists with a second page, of an application that is named by its id or
// label, and of a token that was refused.
func (o *only) oktaCalls(t *testing.T) {
	t.Helper()
	from := time.Now().Add(-time.Hour)
	var certificates [][]byte
	for range 2 {
		der, err := vendorapi.NewCertificate("saml", from, from.AddDate(1, 0, 0))
		must(t, err)
		certificates = append(certificates, der)
	}
	r := vendors()[1].rig(t, func(a *vendorapi.Options) {
		a.PageSize, a.App.Certificates = 1, certificates
		a.App.Beside = []vendorapi.OtherApp{{ID: "0oa1old", Label: "AWS IAM Identity Center"}}
	})
	r.populate()
	ctx := t.Context()
	r.person("another@company.com", func(u *idp.User) { u.Email = "robert@company.com" })
	ann, _ := r.idp.FindUser("ann@company.com")
	admins, _ := r.idp.FindGroup("Admins")
	must(t, r.idp.AddMember(ctx, admins.ID, r.person("eve@company.com")))
	second := r.group("Second", ann.ID)
	must(t, r.idp.Assign(ctx, idp.GroupPrincipal, second))
	must(t, r.idp.PushGroup(ctx, second, false))
	r.api.AddLogEvent(vendorapi.LogEvent{Type: "application.integration.authentication_failure", Result: "FAILURE", Reason: "Unauthorized"})
	o.to = r.api
	for _, application := range []string{"", "AWS IAM Identity Center", r.api.ApplicationID()} {
		s := r.settings
		s.Application = application
		d, err := openOkta(s, &http.Client{Transport: o}, r.budgets)
		must(t, err)
		everyAnswer(t, d, ann.ID, admins.ID)
	}
}
