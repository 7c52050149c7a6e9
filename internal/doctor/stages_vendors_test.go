package doctor_test

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/doctor"
)

const newcomer = "new@company.com"

// refused makes a person whom AWS does not take, assigned and tried.
func (w *world) refused(edit func(*idp.User)) idp.User {
	w.t.Helper()
	u := idp.User{UserName: newcomer, GivenName: "New", FamilyName: "Person"}
	if edit != nil {
		edit(&u)
	}
	u, err := w.idp.CreateUser(w.t.Context(), u)
	w.must(err)
	w.idp.Inject(idp.Fault{ObjectID: u.ID, Times: 100, Status: 400, Detail: "Request is unparsable, syntactically incorrect, or violates schema."})
	w.must(w.idp.Assign(w.t.Context(), idp.UserPrincipal, u.ID))
	_ = w.idp.SyncNow(w.t.Context()) // it fails, as it should
	return u
}

// refusedGroup makes a group that does not come to AWS.
func (w *world) refusedGroup(name string, edit func(*idp.Group)) {
	w.t.Helper()
	id := w.newGroup(name)
	if edit != nil {
		w.must(w.idp.UpdateGroup(w.t.Context(), id, edit))
	}
	w.idp.Inject(idp.Fault{ObjectID: id, Times: 100, Status: 400, Detail: "no such name"})
	w.must(w.idp.Assign(w.t.Context(), idp.GroupPrincipal, id))
	_ = w.idp.SyncNow(w.t.Context()) // it may fail
}

// ruled makes the team a group whose members a rule makes, which is paused, and
// Jane no member.
func (w *world) ruled() {
	w.t.Helper()
	w.outOfTeam()
	w.must(w.idp.UpdateGroup(w.t.Context(), w.teamID, func(g *idp.Group) { g.Rule, g.RulePaused = `user.department -eq "AWS"`, true }))
}

func (w *world) outOfTeam() {
	w.t.Helper()
	w.must(w.idp.RemoveMember(w.t.Context(), w.teamID, w.janeID))
	w.sync()
	time.Sleep(3 * time.Hour)
}

// vendorStages are causes that one vendor's API shows.
func vendorStages() []stage {
	onOkta, onEntra, onGoogle := []idp.Kind{idp.Okta}, []idp.Kind{idp.Entra}, []idp.Kind{idp.Google}
	taken := func(e *emulator.Estate) {
		e.Users = append(e.Users, emulator.EstateUser{UserName: "bob@company.com", Email: newcomer, GivenName: "Bob", FamilyName: "Builder", DisplayName: "Bob Builder", Source: emulator.FromSCIM})
	}
	return []stage{
		{cause: "scim-base-url", kinds: onOkta, subject: doctor.SetUp, says: "ends with a slash", act: func(w *world) {
			w.must(w.idp.UnpushGroup(w.t.Context(), w.teamID, true))
			w.app.BaseURL = w.endpoint()
			time.Sleep(10 * 24 * time.Hour)
		}},
		{cause: "groups-not-provisioned", kinds: onEntra, subject: doctor.SetUp, says: "leaves groups out", act: func(w *world) {
			w.must(w.idp.SetMapping(w.t.Context(), idp.Mapping{GroupsOff: true}))
		}},
		{cause: "groups-not-provisioned", kinds: onEntra, subject: doctor.Group, name: "AWS-New", says: `so the group "AWS-New" does not come`, act: func(w *world) {
			w.must(w.idp.SetMapping(w.t.Context(), idp.Mapping{GroupsOff: true}))
			w.refusedGroup("AWS-New", nil)
		}},
		{cause: "person-unfit", kinds: []idp.Kind{idp.Okta, idp.Entra}, name: newcomer, says: "the last name is empty", act: func(w *world) {
			w.refused(func(u *idp.User) { u.FamilyName = "" })
		}},
		{cause: "group-unfit", kinds: onEntra, subject: doctor.Group, name: "AWS;New", says: "has the character ';'", act: func(w *world) { w.refusedGroup("AWS;New", nil) }},
		{cause: "email-taken", kinds: []idp.Kind{idp.Okta, idp.Entra}, estate: taken, name: newcomer, says: `"bob@company.com" already has that of "new@company.com"`, act: func(w *world) {
			w.user("bob@company.com", "Bob", "Builder")
			w.refused(nil)
		}},
		{cause: "user-renamed", kinds: []idp.Kind{idp.Entra, idp.Google}, says: `under the former name "former@company.com"`, fix: "who keeps groups and access", act: func(w *world) {
			w.patch(jane, "userName", "former@company.com")
			w.must(w.idp.UpdateUser(w.t.Context(), w.janeID, func(u *idp.User) { u.Aliases = []string{"former@company.com"} }))
		}},
		{cause: "user-renamed", kinds: onOkta, says: `under the former name "former@company.com"`, act: func(w *world) {
			w.patch(jane, "emails", []map[string]any{{"value": "other@company.com", "type": "work", "primary": true}})
			w.patch(jane, "userName", "former@company.com")
		}},
		{cause: "linked-elsewhere", kinds: onOkta, says: "what changes in Okta may not reach it", act: func(w *world) {
			w.served = func(a *vendorapi.API) {
				a.SetAppUser(w.janeID, vendorapi.AppUser{ExternalID: "9067639f8b-11111111-2222-4333-8444-555555555555"})
			}
		}},
		{cause: "mapping-clash", kinds: onEntra, name: newcomer, says: "maps several values to one AWS attribute", act: func(w *world) {
			w.must(w.idp.SetMapping(w.t.Context(), clashing))
			w.refused(nil)
		}},
		{cause: "escrow", kinds: onEntra, subject: doctor.SetUp, says: "deferred 1 people or groups", act: func(w *world) { w.refused(nil) }},
		{cause: "group-not-provisionable", kinds: onEntra, subject: doctor.Group, name: "AWS-New", says: "not security-enabled", act: func(w *world) {
			w.refusedGroup("AWS-New", func(g *idp.Group) { g.NotSecurity = true })
		}},
		{cause: "group-pushed-otherwise", kinds: onOkta, subject: doctor.Group, name: "AWS-New", says: `under the name "Cloud-New"`, act: func(w *world) {
			w.must(w.idp.PushGroupAs(w.t.Context(), w.newGroup("AWS-New"), "Cloud-New", false))
		}},
		{cause: "group-push-failed", kinds: onOkta, subject: doctor.Group, name: "AWS-New", says: "to a group in AWS that no longer exists", fix: "leaving groups in AWS as they are", act: func(w *world) {
			id := w.newGroup("AWS-New")
			w.idp.Inject(idp.Fault{ObjectID: id, Times: 100, Status: 404, Detail: "Linked group is missing"})
			_ = w.idp.PushGroup(w.t.Context(), id, true) // it fails, as it should
			w.idp.ForgetTarget(id)
		}},
		{cause: "name-id", kinds: onOkta, says: `signs the person in to AWS as "jane.smith@company.com"`, act: func(w *world) {
			w.must(w.idp.UpdateUser(w.t.Context(), w.janeID, func(u *idp.User) { u.Email = "jane.smith@company.com" }))
			w.app.NameID = "${user.email}"
		}},
		{cause: "name-is-alias", kinds: onGoogle, name: "js@company.com", says: "calls them \"jane@company.com\"", fix: "Write \"jane@company.com\" in the config", act: func(w *world) {
			w.must(w.idp.UpdateUser(w.t.Context(), w.janeID, func(u *idp.User) { u.Aliases = []string{"js@company.com"} }))
			w.config = strings.Replace(w.config, jane, "js@company.com", 1)
		}},
		{cause: "user-other-name", kinds: []idp.Kind{idp.Okta, idp.Entra}, warns: true, says: "they differ in upper and lower case", fix: "If sign-in works, no action is needed", act: func(w *world) { w.patch(jane, "userName", "Jane@company.com") }},
		{cause: "provisioning-stalled", kinds: onEntra, says: "has not run since", fix: "restart provisioning", act: func(w *world) { time.Sleep(120 * time.Hour) }},
		{cause: "provisioning-stalled", kinds: onEntra, subject: doctor.SetUp, says: "has not run since", act: func(w *world) { time.Sleep(120 * time.Hour) }},
		{cause: "scim-token", kinds: onEntra, subject: doctor.SetUp, says: "AWS refuses the SCIM token", act: func(w *world) {
			w.app.LastRunError = "SystemForCrossDomainIdentityManagementInvalidCredentials"
		}},
		{cause: "deleted-in-aws", kinds: onOkta, says: "it was deleted there", fix: "recreate the user", act: func(w *world) {
			w.deleteInAWS(jane)
			time.Sleep(time.Hour)
		}},
		{cause: "acs-elsewhere", kinds: []idp.Kind{idp.Okta, idp.Entra}, says: "sends people to https://other.example/acs", act: func(w *world) { w.app.ACS = "https://other.example/acs" }},
		{cause: "acs-elsewhere", kinds: onOkta, subject: doctor.SetUp, says: "sends people to https://other.example/acs", act: func(w *world) { w.app.ACSOverride = "https://other.example/acs" }},
		{cause: "provisioning-failed", kinds: onOkta, warns: true, says: "is in AWS, and switched off for the AWS application", act: func(w *world) {
			w.served = func(a *vendorapi.API) { a.SetAppUser(w.janeID, vendorapi.AppUser{Status: "SUSPENDED"}) }
		}},
		{cause: "group-push-failed", kinds: onOkta, subject: doctor.SetUp, says: "could not bring the changes of the group", act: func(w *world) {
			w.idp.Inject(idp.Fault{ObjectID: w.teamID, Times: 100, Status: 400, Detail: "Linked group is missing"})
			mary, _ := w.idp.FindUser("mary@company.com")
			w.must(w.idp.Assign(w.t.Context(), idp.UserPrincipal, mary.ID))
			_ = w.idp.AddMember(w.t.Context(), w.teamID, mary.ID) // it is not pushed
		}},
		{cause: "member-not-in-aws", kinds: []idp.Kind{idp.Okta, idp.Entra}, subject: doctor.Group, says: "new@company.com: in \"AWS-Team\"", fix: `rolecall doctor user "new@company.com" says why`, act: func(w *world) {
			w.must(w.idp.AddMember(w.t.Context(), w.teamID, w.refused(nil).ID))
			_ = w.idp.SyncNow(w.t.Context())
		}},
		{cause: "member-not-in-aws", kinds: []idp.Kind{idp.Okta, idp.Entra}, subject: doctor.SetUp, act: func(w *world) {
			w.must(w.idp.AddMember(w.t.Context(), w.teamID, w.user(newcomer, "New", "Person").ID)) // assigned nowhere
		}},
		{cause: "rule-paused", kinds: onEntra, says: "accepts no new members at the moment", act: func(w *world) { w.ruled() }},
		{cause: "rule-paused", kinds: onEntra, subject: doctor.Group, says: "nobody joins or leaves", act: func(w *world) {
			w.must(w.idp.UpdateGroup(w.t.Context(), w.teamID, func(g *idp.Group) { g.Rule, g.RulePaused = `user.department -eq "AWS"`, true }))
		}},
		{cause: "eligible-only", kinds: onEntra, says: "has not activated the membership", act: func(w *world) {
			w.outOfTeam()
			w.options = func(o *vendorapi.Options) {
				o.Eligible = []vendorapi.Eligibility{{UserID: w.janeID, GroupID: w.teamID}}
			}
		}},
		{cause: "provisioning-off", kinds: onEntra, says: "was in quarantine and has been switched off", act: func(w *world) { w.idp.EndInQuarantine("EncounteredQuarantineException") }},
		{cause: "not-assigned", kinds: onOkta, act: func(w *world) {
			w.served = func(a *vendorapi.API) { a.SetAppUser(w.janeID, vendorapi.AppUser{Status: "DEPROVISIONED"}) }
		}},
		{cause: "person-missing", kinds: onGoogle, name: "pat@partner.example", says: "is an address of another organization", fix: "Correct the name", act: func(*world) {}},
	}
}

// clashing maps two e-mail addresses to AWS, which takes one.
var clashing = idp.Mapping{More: []idp.AttributeMapping{{Target: `emails[type eq "other"].value`, Source: "otherMails"}, {Target: `emails[type eq "work"].value`, Source: "mail"}}}

// refusedNow has AWS refuse Okta's token, and take rolecall's.
func (w *world) refusedNow() {
	w.served = func(a *vendorapi.API) {
		a.AddLogEvent(vendorapi.LogEvent{Type: "application.integration.authentication_failure", Result: "FAILURE", Reason: "Unauthorized", UserID: w.janeID})
	}
	time.Sleep(time.Minute)
}

// deleteInAWS is what somebody does in AWS's console.
func (w *world) deleteInAWS(user string) {
	w.t.Helper()
	c, u, _ := w.ids(user, team)
	_, err := identitystore.NewFromConfig(w.sdk()).DeleteUser(w.t.Context(), &identitystore.DeleteUserInput{IdentityStoreId: aws.String(c.Instance().IdentityStoreID), UserId: &u})
	w.must(err)
}
