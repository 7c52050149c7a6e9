package doctor_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/doctor"
)

// reading is a world whose first reading is not the only one, or that an odd set-up
// could hide.
type reading struct {
	name    string
	kind    idp.Kind
	act     func(*world)
	estate  func(*emulator.Estate)
	subject doctor.Subject // Person unless given
	ask     string         // Jane or the team unless given
	want    []string       // the causes
	never   string         // in no cause, nor remedy
	unsure  string         // a check that says that it cannot tell
	says    string         // of it all
}

// taken has Jane's login go to another account, which is assigned under it; AWS keeps
// the id of the first one.
func taken(w *world, status idp.Status) {
	w.t.Helper()
	ctx := w.t.Context()
	w.idp.Pause()
	w.must(w.idp.UpdateUser(ctx, w.janeID, func(u *idp.User) { u.UserName, u.Status = "jane.old@company.com", status }))
	u := w.user(jane, "Jane", "Smith")
	w.must(w.idp.Assign(ctx, idp.UserPrincipal, u.ID))
	w.must(w.idp.Unassign(ctx, idp.UserPrincipal, w.janeID))
	w.must(w.idp.AddMember(ctx, w.teamID, u.ID))
	w.app.Connection = "ENABLED"
	w.served = func(a *vendorapi.API) {
		a.SetAppUser(u.ID, vendorapi.AppUser{Status: "ACTIVE", SyncState: "SYNCHRONIZED", UserName: jane})
	}
	time.Sleep(3 * time.Hour)
}

// refusedMember has somebody in the team whom AWS did not take.
func refusedMember(w *world) {
	w.must(w.idp.AddMember(w.t.Context(), w.teamID, w.refused(nil).ID))
	_ = w.idp.SyncNow(w.t.Context())
	time.Sleep(3 * time.Hour)
}

// nicknamed has external ids made of nicknames, and Jane's address and nickname
// changed since; the former address is an alias.
func nicknamed(w *world) {
	w.must(w.idp.SetMapping(w.t.Context(), idp.Mapping{More: []idp.AttributeMapping{{Target: "externalId", Source: "mailNickname"}}}))
	w.patch(jane, "externalId", "jane")
	w.must(w.idp.UpdateUser(w.t.Context(), w.janeID, func(u *idp.User) {
		u.UserName, u.Email, u.Aliases = "jsmith@company.com", "jsmith@company.com", []string{jane}
	}))
}

// married is nicknamed with another last name.
func married(w *world) {
	nicknamed(w)
	w.must(w.idp.UpdateUser(w.t.Context(), w.janeID, func(u *idp.User) { u.FamilyName = "Miller" }))
}

// templated makes Okta's user names of an attribute that rolecall does not see; the
// application tells what came of it for Jane.
func templated(w *world) {
	w.app.UserNameTemplate = "user.awsUserName"
	w.served = func(a *vendorapi.API) { a.SetAppUser(w.janeID, vendorapi.AppUser{UserName: jane}) }
}

// removalFails has Mary in the team in AWS, and what would take her out fail.
func removalFails(w *world) {
	ctx := w.t.Context()
	mary, _ := w.idp.FindUser("mary@company.com")
	w.must(w.idp.Assign(ctx, idp.UserPrincipal, mary.ID))
	w.must(w.idp.AddMember(ctx, w.teamID, mary.ID))
	for range 2 {
		w.sync()
		time.Sleep(time.Hour)
	}
	w.idp.Inject(idp.Fault{ObjectID: w.teamID, Times: 100, Status: 500, Detail: "cannot remove"})
	w.must(w.idp.RemoveMember(ctx, w.teamID, mary.ID))
	for range 5 {
		time.Sleep(time.Hour)
		_ = w.idp.SyncNow(ctx)
	}
}

// failing has a job that runs, and of which no run works.
func failing(w *world) {
	for range 60 {
		time.Sleep(3 * time.Hour)
		w.idp.Inject(idp.Fault{ObjectID: w.janeID, Times: 100, Status: 500, Detail: "x"})
		_ = w.idp.UpdateUser(w.t.Context(), w.janeID, func(u *idp.User) { u.DisplayName += "x" })
		_ = w.idp.SyncNow(w.t.Context())
	}
	w.app.LastRunError = "SystemForCrossDomainIdentityManagementServiceIncompatible"
}

func readings() []reading {
	once := func(act func(*world)) func(*world) {
		return func(w *world) {
			w.must(w.idp.SetMapping(w.t.Context(), idp.Mapping{UserName: "mail", UserNameOnce: true}))
			act(w)
		}
	}
	out := []reading{
		{name: "renamed with the nickname, by the old name", kind: idp.Entra, act: nicknamed, want: []string{"user-renamed"}, never: "somebody else"},
		{name: "renamed with the nickname, by the new name", kind: idp.Entra, act: nicknamed, ask: "jsmith@company.com", want: []string{"user-renamed"}, never: "not in AWS yet"},
		{name: "another last name, too", kind: idp.Entra, act: married, never: "somebody else", unsure: "person-missing"},
		{name: "another last name, too, of the group", kind: idp.Entra, act: married, subject: doctor.Group, unsure: "membership-by-hand"},
		{name: "the login went to another account, and the old one is off", kind: idp.Okta, act: func(w *world) { taken(w, idp.Suspended) }},
		{name: "the login went to another account", kind: idp.Okta, act: func(w *world) { taken(w, idp.Active) }, want: []string{"linked-elsewhere"}, never: "remove them in"},
		{name: "the login went to another account, of the group", kind: idp.Okta, act: func(w *world) { taken(w, idp.Suspended) }, subject: doctor.Group},
		{name: "somebody is not in AWS, whom a template names", kind: idp.Okta, act: func(w *world) { templated(w); refusedMember(w) }, subject: doctor.Group, want: []string{"member-not-in-aws"}},
		{name: "a hand in AWS, beside somebody inactive whom a template names", kind: idp.Okta, subject: doctor.Group, estate: madeByHand(1), want: []string{"membership-by-hand"}, act: func(w *world) {
			templated(w)
			u := w.user(newcomer, "New", "Person")
			w.must(w.idp.SuspendUser(w.t.Context(), u.ID))
			w.must(w.idp.AddMember(w.t.Context(), w.teamID, u.ID))
			time.Sleep(3 * time.Hour)
		}},
		{name: "names are sent once, and AWS refused the person", kind: idp.Entra, act: once(func(w *world) { w.refused(nil) }), ask: newcomer, want: []string{"provisioning-failed"}},
		{name: "names are sent once, and AWS refused a member", kind: idp.Entra, act: once(refusedMember), subject: doctor.Group, want: []string{"member-not-in-aws"}},
		{name: "names are sent once, and somebody is new", kind: idp.Entra, act: once(func(w *world) { w.newcomer(true) }), ask: newcomer, says: "cannot be seen"},
		{name: "names are not known, and somebody is new", kind: idp.Entra, ask: newcomer, says: "the access was not seen", act: func(w *world) {
			w.newcomer(true)
			w.options = func(o *vendorapi.Options) {
				o.Scopes = []string{"User.Read.All", "GroupMember.Read.All", "Application.Read.All", "AuditLog.Read.All"}
			}
		}},
		{name: "every run fails as a whole", kind: idp.Entra, act: failing, subject: doctor.Group, want: []string{"provisioning-stalled"}},
		{name: "a removal fails", kind: idp.Entra, act: removalFails, subject: doctor.Group, want: []string{"group-push-failed", "membership-by-hand"}},
		{name: "linked by name, and renamed in AWS since", kind: idp.Okta, want: []string{"deleted-in-aws"}, never: "under no name: it was deleted", act: func(w *world) {
			w.patch(jane, "externalId", "00uearliertenant0001")
			w.patch(jane, "emails", []map[string]any{{"value": "other@company.com", "type": "work", "primary": true}})
			w.patch(jane, "userName", "smith.jane@company.com")
			time.Sleep(time.Hour)
		}},
	}
	for _, acs := range []string{"https://company.auth.eu-west-1.amazoncognito.com/saml2/idpresponse", "https://aws.company.com/saml/acs", "https://aws-sso.other.example/acs", "https://notaws/acs"} {
		out = append(out, reading{name: acs, kind: idp.Okta, act: func(w *world) { w.app.ACS = acs }, want: []string{"acs-elsewhere"}})
	}
	for _, host := range []string{"us-east-1.signin.aws.amazon.com", "us-gov-west-1.signin.amazonaws-us-gov.com", "cn-north-1.signin.amazonaws.cn", "eusc-de-east-1.signin.amazonaws.eu", "x.portal.us-east-1.app.aws"} {
		out = append(out, reading{name: host, kind: idp.Okta, act: func(w *world) { w.app.ACS = "https://" + host + "/platform/saml/acs/x" }})
	}
	return out
}

// TestOtherReadings says what is so where a first look misleads, and advises nothing
// that another reading of the same makes wrong.
func TestOtherReadings(t *testing.T) {
	for _, c := range readings() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, c.kind, c.estate)
				c.act(w)
				subject, ask := c.subject, c.ask
				switch {
				case subject == "":
					subject = doctor.Person
					fallthrough
				case subject == doctor.Person:
					if ask == "" {
						ask = jane
					}
				case ask == "":
					ask = team
				}
				r := w.diagnose(subject, ask, production, w.connector())
				if got := causes(r); !slices.Equal(got, c.want) {
					t.Errorf("it names %v, want %v: %q", got, c.want, r.Answer)
				}
				for _, v := range append(r.Found(doctor.Problem), r.Found(doctor.Warning)...) {
					if c.never != "" && strings.Contains(v.Cause+v.Fix, c.never) {
						t.Errorf("%s: %s: %s", v.Check, v.Cause, v.Fix)
					}
				}
				if !strings.Contains(r.Answer, c.says) {
					t.Errorf("it does not say %q: %q", c.says, r.Answer)
				}
				if c.unsure != "" && !unsureOf(r, c.unsure) {
					t.Errorf("%s does not say that it cannot tell: %q", c.unsure, r.Answer)
				}
			})
		})
	}
}
