package doctor_test

import (
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/doctor"
	"github.com/rolecall-dev/rolecall/internal/probe/saml"
	"github.com/rolecall-dev/rolecall/internal/probe/scim"
)

const usersOnly = `management_mode = "external"
scim_identity_source = "Google Workspace"
scim_scope = "users"
access_groups = [{ name = "AWS-Team", description = "t", accounts_names = ["production"], permission_set_name = "Team", members = ["jane@company.com"],
  aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }]
`

const builtIn = `access_groups = [{ name = "AWS-Team", description = "t", accounts_names = ["production"], permission_set_name = "Team", members = ["jane@company.com"],
  aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }]
`

const withoutSCIM = `identity_provider = "Okta"
access_groups = [{ name = "AWS-Team", description = "t", accounts_names = ["production"], permission_set_name = "Team", members = ["jane@company.com"],
  aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }]
`

// byHand makes a group in AWS that no identity provider knows.
func byHand(e *emulator.Estate) {
	e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: "AWS-Hand", Members: []string{"mary@company.com"}})
	e.Assignments = append(e.Assignments, emulator.EstateAssignment{PermissionSet: set, Accounts: []string{"production"}, Group: "AWS-Hand"})
}

// stage is one thing that is broken, and the cause that doctor has to name.
type stage struct {
	cause   string
	kinds   []idp.Kind
	estate  func(*emulator.Estate)
	act     func(*world)
	subject doctor.Subject // Person unless given
	name    string         // Jane unless given
	account string         // production unless given, "any" for none
	scan    bool
	warns   bool   // the cause is a warning
	says    string // what the answer has to say
	fix     string // what the remedy has to say
}

func stages() []stage {
	onOkta, onEntra, inCycles := []idp.Kind{idp.Okta}, []idp.Kind{idp.Entra}, []idp.Kind{idp.Entra, exported}
	// Those that tell of assignments and provisioning; those that bring groups.
	both, groups, every := []idp.Kind{idp.Okta, idp.Entra}, []idp.Kind{idp.Okta, idp.Entra, exported}, kinds()
	later := func(w *world) { time.Sleep(3 * time.Hour) }
	return append(vendorStages(), []stage{
		{cause: "person-inactive", kinds: []idp.Kind{idp.Okta, idp.Entra, idp.Google}, fix: "Restore", act: func(w *world) { w.must(w.idp.DeleteUser(w.t.Context(), w.janeID)) }},
		{cause: "person-missing", kinds: every, name: "nobody@company.com", act: func(*world) {}},
		{cause: "person-inactive", kinds: every, act: func(w *world) { w.must(w.idp.SuspendUser(w.t.Context(), w.janeID)) }},
		{cause: "not-assigned", kinds: onOkta, act: func(w *world) { w.must(w.idp.Unassign(w.t.Context(), idp.UserPrincipal, w.janeID)) }},
		{cause: "not-assigned", kinds: both, name: "mary@company.com", act: func(*world) {}},
		{cause: "nested-group", kinds: inCycles, act: func(w *world) {
			inner, err := w.idp.CreateGroup(w.t.Context(), idp.Group{Name: "Inner"})
			w.must(err)
			w.must(w.idp.AddMember(w.t.Context(), inner.ID, w.janeID))
			w.must(w.idp.AddMember(w.t.Context(), w.teamID, inner.ID))
			w.must(w.idp.RemoveMember(w.t.Context(), w.teamID, w.janeID))
			w.sync()
		}},
		{cause: "scim-token", kinds: every, act: func(w *world) {
			expired := true
			w.must(w.aws.Change(emulator.Change{SCIM: &emulator.SCIMChange{Expired: &expired}}))
		}},
		{cause: "scim-token", kinds: every, says: "AWS refuses the SCIM token", act: func(w *world) { time.Sleep(48 * time.Hour); w.token = wrongToken }},
		{cause: "scim-token", kinds: both, warns: true, says: "so it has a different token", fix: "Put a token that works into the variable", act: func(w *world) { w.token = wrongToken }},
		{cause: "scim-token", kinds: onOkta, says: "the one that rolecall.hcl names works", act: func(w *world) { w.refusedNow() }},
		{cause: "scim-token", kinds: onOkta, subject: doctor.SetUp, says: "the one that rolecall.hcl names works", act: func(w *world) { w.refusedNow() }},
		{cause: "scim-token", kinds: every, act: func(w *world) {
			time.Sleep(48 * time.Hour) // nothing was pushed since
			w.scim = doctor.Unknown[scim.Answer]("a token")
			w.scim.Known, w.scim.Value.Failure = true, scim.Unreachable
			a := scim.AgeOf(time.Now().AddDate(-1, 0, -1), time.Now())
			w.age = doctor.Known(a)
		}, says: "SCIM token expired on "},
		{cause: "scim-token", kinds: every, act: func(w *world) {
			expired := true
			w.must(w.aws.Change(emulator.Change{SCIM: &emulator.SCIMChange{Expired: &expired}}))
			time.Sleep(48 * time.Hour)
			w.age = doctor.Known(scim.AgeOf(time.Now().AddDate(-1, 0, -56), time.Now()))
		}, says: "AWS refuses the SCIM token: by token_created in rolecall.hcl it expired on "},
		{cause: "scim-elsewhere", kinds: onOkta, says: "pushes to https://scim.", act: func(w *world) { w.elsewhere(); w.another = nil }},
		{cause: "scim-elsewhere", kinds: onOkta, subject: doctor.Group, says: "pushes to https://scim.", act: func(w *world) { w.elsewhere(); w.another = nil }},
		{cause: "scim-elsewhere", kinds: every, says: "rolecall.hcl names the SCIM endpoint of another IAM Identity Center", act: func(w *world) { w.elsewhere(); w.address = "" }},
		{cause: "scim-elsewhere", kinds: onOkta, subject: doctor.SetUp, says: "rolecall.hcl names https://scim.", act: func(w *world) { w.elsewhere(); w.another = nil }},
		{cause: "token-age", kinds: every, subject: doctor.SetUp, act: func(w *world) {
			w.age = doctor.Known(scim.AgeOf(time.Now().AddDate(-1, 0, 30), time.Now()))
		}, says: "expires in 30 days, on "},
		{cause: "token-age", kinds: every, subject: doctor.SetUp, act: func(w *world) {
			w.age = doctor.Known(scim.AgeOf(time.Now().AddDate(-1, 0, -56), time.Now()))
		}, says: "says that it expired on ", fix: "token_created = \"YYYY-MM-DD\""},
		{cause: "token-age", kinds: every, subject: doctor.SetUp, act: func(w *world) {
			w.age = doctor.Known(scim.AgeOf(time.Now().AddDate(-1, 0, 0), time.Now()))
		}, says: "expires today, on "},
		{cause: "token-age", kinds: every, subject: doctor.SetUp, act: func(w *world) {
			w.age = doctor.Known(scim.AgeOf(time.Now().AddDate(-1, 0, 1), time.Now()))
		}, says: "expires in 1 day, on "},
		{cause: "token-age", kinds: every, subject: doctor.SetUp, act: func(w *world) {
			w.age = doctor.Known(scim.AgeOf(time.Now().AddDate(0, 1, 0), time.Now()))
		}, says: "is in the future", fix: "token_created = \"YYYY-MM-DD\""},
		{cause: "provisioning-off", kinds: both, act: func(w *world) { w.idp.Pause() }},
		{cause: "provisioning-failed", kinds: onOkta, name: "new@company.com", act: func(w *world) {
			u := w.user("new@company.com", "New", "Person")
			w.idp.Inject(idp.Fault{ObjectID: u.ID, Times: 100, Status: 409, Detail: "Refused to create a new, duplicate resource."})
			w.must(w.idp.Assign(w.t.Context(), idp.UserPrincipal, u.ID))
		}},
		{cause: "provisioning-failed", kinds: onEntra, name: "new@company.com", says: "duplicate resource", act: func(w *world) {
			u := w.user("new@company.com", "New", "Person")
			w.idp.Inject(idp.Fault{ObjectID: u.ID, Times: 100, Status: 409, Detail: "Refused to create a new, duplicate resource."})
			w.must(w.idp.Assign(w.t.Context(), idp.UserPrincipal, u.ID))
			_ = w.idp.SyncNow(w.t.Context()) // it fails, as it should
		}},
		{cause: "creates-no-users", kinds: both, name: "new@company.com", act: func(w *world) {
			u := w.user("new@company.com", "New", "Person")
			w.idp.Inject(idp.Fault{ObjectID: u.ID, Times: 100, Status: 500})
			w.must(w.idp.Assign(w.t.Context(), idp.UserPrincipal, u.ID))
			w.app.CreatesNone = true
		}},
		{cause: "group-out-of-scope", kinds: onEntra, act: func(w *world) { w.newGroup("AWS-New") }},
		{cause: "group-out-of-scope", kinds: onEntra, subject: doctor.Group, name: "AWS-New", act: func(w *world) { w.newGroup("AWS-New") }},
		{cause: "group-push-failed", kinds: onEntra, subject: doctor.Group, name: "AWS-New", says: "no such name", act: func(w *world) {
			id := w.newGroup("AWS-New")
			w.idp.Inject(idp.Fault{ObjectID: id, Times: 100, Status: 400, Detail: "no such name"})
			w.must(w.idp.Assign(w.t.Context(), idp.GroupPrincipal, id))
			_ = w.idp.SyncNow(w.t.Context()) // it fails, as it should
		}},
		{cause: "user-not-synced", kinds: onEntra, name: "new@company.com", act: func(w *world) { w.newcomer(true) }},
		{cause: "group-not-synced", kinds: inCycles, name: "mary@company.com", act: func(w *world) {
			mary, _ := w.idp.FindUser("mary@company.com")
			w.must(w.idp.Assign(w.t.Context(), idp.UserPrincipal, mary.ID))
			w.sync()
			w.must(w.idp.AddMember(w.t.Context(), w.teamID, mary.ID))
		}},
		{cause: "group-out-of-scope", kinds: onOkta, act: func(w *world) { w.must(w.idp.UnpushGroup(w.t.Context(), w.teamID, false)) }},
		{cause: "group-out-of-scope", kinds: onOkta, subject: doctor.Group, act: func(w *world) { w.must(w.idp.UnpushGroup(w.t.Context(), w.teamID, false)) }},
		{cause: "user-other-name", kinds: onOkta, estate: func(e *emulator.Estate) {
			e.Users[0].UserName, e.Groups[0].Members = "jane.smith@company.com", []string{"jane.smith@company.com"}
			e.Users[0].Email = jane
		}},
		{cause: "user-disabled", kinds: every, act: func(w *world) { w.disable(jane) }},
		{cause: "config-other-name", kinds: groups, act: func(w *world) { w.config = text("Okta", "") + "\n"; w.rename("AWS-team") }},
		{cause: "membership-by-hand", kinds: groups, act: func(w *world) { later(w); w.join("mary@company.com") }, name: "mary@company.com", estate: nil},
		{cause: "membership-by-hand", kinds: groups, subject: doctor.Group, act: func(w *world) { later(w); w.join("mary@company.com") }},
		{cause: "config-other-name", kinds: onOkta, says: `similar names: "AWS-Team"`, fix: `If "AWS-Team" is meant, write that`, act: func(w *world) { w.config = strings.Replace(w.config, team, "AWS-Teaam", 1) }},
		{cause: "not-in-group", kinds: onOkta, says: "groups that AWS does not have: Builders", estate: func(e *emulator.Estate) { e.Assignments = nil }, fix: `rolecall doctor group "Builders" says why`, act: func(w *world) { w.config = strings.Replace(w.config, team, "Builders", 1) }},
		{cause: "not-in-group", kinds: groups, act: func(w *world) {
			w.must(w.idp.RemoveMember(w.t.Context(), w.teamID, w.janeID))
			if w.idp.Snapshot().Kind == idp.Entra {
				w.sync()
			}
			later(w)
		}},
		{cause: "not-in-group", kinds: onOkta, says: "The config adds", act: func(w *world) { w.config = withoutSCIM; w.leave(jane) }},
		{cause: "not-in-group", kinds: onOkta, says: "is in none of the groups", act: func(w *world) {
			w.leave(jane)
			w.config = strings.Replace(builtIn, `"jane@company.com"`, "", 1)
		}},
		{cause: "not-in-group", kinds: onOkta, says: `similar names: "jnae@company.com"`, fix: `write "jane@company.com" there`, act: func(w *world) {
			w.leave(jane)
			w.config = strings.Replace(builtIn, jane, "jnae@company.com", 1)
		}},
		{cause: "not-in-group", kinds: onOkta, says: "is in none of the groups", fix: "Add \"jane@company.com\" to the members", estate: func(e *emulator.Estate) { // another person of almost that name
			e.Users = append(e.Users, emulator.EstateUser{UserName: "jnae@company.com", Source: emulator.FromSCIM})
		}, act: func(w *world) {
			w.leave(jane)
			w.config = strings.Replace(builtIn, jane, "jnae@company.com", 1)
		}},
		{cause: "not-applied", kinds: onOkta, estate: func(e *emulator.Estate) { e.Assignments = nil }, act: func(w *world) { w.config = builtIn }},
		{cause: "user-missing", kinds: onOkta, name: "new@company.com", says: "is not in AWS", act: func(w *world) { w.config = builtIn }},
		{cause: "user-disabled", kinds: onOkta, act: func(w *world) { w.config = builtIn; w.disable(jane) }},
		{cause: "group-recreated", kinds: onOkta, act: func(w *world) { w.recreate() }},
		{cause: "group-recreated", kinds: onOkta, subject: doctor.Group, act: func(w *world) { w.recreate() }},
		{cause: "assignment-failed", kinds: every, estate: func(e *emulator.Estate) { e.Assignments = nil }, act: func(w *world) { w.assign("AWS said no") }},
		{cause: "not-applied", kinds: every, estate: func(e *emulator.Estate) { e.Assignments = nil }},
		{cause: "not-applied", kinds: every, subject: doctor.Group, estate: func(e *emulator.Estate) { e.Assignments = nil }},
		{cause: "not-applied", kinds: every, account: "any", act: func(w *world) {
			w.config = strings.Replace(w.config, `["production"]`, `["production", "staging"]`, 1)
		}, says: `in "staging"`},
		{cause: "group-recreated", kinds: onOkta, account: "any", act: func(w *world) { w.recreate() }},
		{cause: "assignment-failed", kinds: every, account: "any", estate: func(e *emulator.Estate) { e.Assignments = nil }, act: func(w *world) { w.assign("AWS said no") }},
		{cause: "account-missing", kinds: every, account: "any", fix: `Did you mean "production"?`, act: func(w *world) {
			w.config = strings.Replace(w.config, `["production"]`, `["production", "produktion"]`, 1)
		}},
		{cause: "account-suspended", kinds: every, account: "any", act: func(w *world) {
			w.must(w.aws.Change(emulator.Change{Account: &emulator.AccountChange{Account: production, State: "SUSPENDED"}}))
		}},
		{cause: "user-other-name", kinds: onOkta, scan: true, says: "CYRILLIC", act: func(w *world) {
			w.config = withoutSCIM
			w.patch(jane, "emails", []map[string]any{{"value": "other@company.com", "type": "work", "primary": true}})
			w.patch(jane, "userName", "j\u0430ne@company.com")
		}},
		{cause: "config-other-name", kinds: onEntra, subject: doctor.Group, scan: true, says: "AWS\u2011Team", act: func(w *world) { w.rename("AWS\u2011Team") }},
		{cause: "config-other-name", kinds: groups, subject: doctor.Group, name: "aws-team", says: "the name that was asked about", fix: `rolecall doctor group "AWS-Team"`, act: func(*world) {}},
		{cause: "user-missing", kinds: onOkta, name: "new@company.com", says: "The config defines", fix: "rolecall apply", act: func(w *world) {
			w.config = `users = [{ display_name = "New", email = "new@company.com", given_name = "New", family_name = "Person" }]` + "\n" + builtIn
		}},
		{cause: "group-renamed", kinds: groups, subject: doctor.Group, says: `is now called "Cloud-Builders"`, act: func(w *world) { w.renameKnown() }},
		{cause: "group-renamed", kinds: groups, subject: doctor.Group, name: "Cloud-Builders", says: `is now called "Cloud-Builders"`, act: func(w *world) { w.renameKnown() }},
		{cause: "group-renamed", kinds: groups, subject: doctor.Group, name: "Cloud-Builders", account: "any", says: `is now called "Cloud-Builders"`, act: func(w *world) { w.renameKnown() }},
		{cause: "group-renamed", kinds: groups, subject: doctor.Person, says: `is now called "Cloud-Builders"`, act: func(w *world) { w.renameKnown() }},
		{cause: "group-renamed", kinds: groups, subject: doctor.SetUp, says: `is now called "Cloud-Builders"`, act: func(w *world) { w.renameKnown() }},
		{cause: "group-missing", kinds: groups, subject: doctor.Group, name: "Nowhere", act: func(*world) {}},
		{cause: "group-missing", kinds: groups, subject: doctor.Group, name: "AWS-Taem", says: `similar names: "AWS-Team"`, fix: `rolecall doctor group "AWS-Team"`, act: func(*world) {}},
		{cause: "group-missing", kinds: onOkta, subject: doctor.Group, name: "AWS-Taem", says: `similar names: "AWS-Team"`, fix: `rolecall doctor group "AWS-Team"`, act: func(w *world) { w.config = builtIn }},
		{cause: "group-missing", kinds: groups, subject: doctor.Group, name: "AWS-Taem", scan: true, says: `similar names: "AWS-Team"`, fix: `If "AWS-Team" is meant, write that`, act: func(w *world) {
			w.config = strings.Replace(w.config, team, "AWS-Taem", 1)
		}},
		{cause: "not-in-config", kinds: groups, subject: doctor.Group, says: `similar names: "AWS-Taem"`, fix: `If "AWS-Taem" is meant for this group, write "AWS-Team" there`, act: func(w *world) {
			w.config = strings.Replace(w.config, team, "AWS-Taem", 1)
		}},
		{cause: "not-in-config", kinds: groups, subject: doctor.Group, name: "AWS-Other", says: `The config does not contain the group "AWS-Other"`, act: func(w *world) { w.second("AWS-Other") }},
		{cause: "not-in-config", kinds: groups, subject: doctor.Group, name: "AWS-Team2", says: `AWS has it beside what the config names: "AWS-Team"`, fix: "Define it", act: func(w *world) { w.second("AWS-Team2") }},
		{cause: "not-in-config", kinds: groups, subject: doctor.Group, name: "AWS_Team", says: `AWS has it beside what the config names: "AWS-Team"`, fix: "Define it", act: func(w *world) { w.second("AWS_Team") }},
		{cause: "not-in-config", kinds: groups, subject: doctor.Group, account: "development", says: `does not grant the group "AWS-Team" access to account development (`, act: func(*world) {}},
		{cause: "group-missing", kinds: groups, subject: doctor.Group, name: "Nowhere", act: func(w *world) {
			w.wrap = func(directory.Directory) directory.Directory { return nil }
		}},
		{cause: "group-missing", kinds: onOkta, subject: doctor.Group, act: func(w *world) {
			w.config = strings.Replace(withoutSCIM, team, "AWS-New", 2)
		}, name: "AWS-New", says: "The config defines"},
		{cause: "group-not-at-idp", kinds: groups, subject: doctor.Group, name: "AWS-Hand", estate: byHand, act: func(w *world) {
			w.config = strings.Replace(w.config, team, "AWS-Hand", 1)
		}},
		{cause: "sign-in-failed", kinds: onOkta, says: `Access denied (application.policy.sign_on.deny_access), by the policy "Only from the office"`, act: func(w *world) {
			w.failSignIn(vendorapi.SignInFailure{Code: "application.policy.sign_on.deny_access", Reason: "Access denied", Policy: "Only from the office"})
		}},
		{cause: "sign-in-failed", kinds: onEntra, says: `Blocked by Conditional Access (53003), by the policy "Require MFA"`, act: func(w *world) {
			w.failSignIn(vendorapi.SignInFailure{Code: "53003", Reason: "Blocked by Conditional Access", Policy: "Require MFA"})
		}},
		{cause: "sign-in-failed", kinds: []idp.Kind{idp.Google}, says: "failure_app_not_enabled_for_user", act: func(w *world) {
			w.failSignIn(vendorapi.SignInFailure{Code: "failure_app_not_enabled_for_user"})
		}},
		{cause: "set-outdated", kinds: every, estate: func(e *emulator.Estate) { e.PermissionSets[0].OutdatedIn = []string{"production"} }},
		{cause: "user-other-name", kinds: onOkta, act: func(w *world) {
			w.config = withoutSCIM
			w.patch(jane, "userName", "Jane@company.com")
		}},
		{cause: "out-of-scope", kinds: onEntra, name: "new@company.com", act: func(w *world) {
			w.user("new@company.com", "New", "Person")
			w.app.Open = true // so that nobody needs to be assigned
		}},
		{cause: "names", kinds: every, subject: doctor.SetUp, act: func(w *world) { w.config = strings.Replace(w.config, "production", "produktion", 1) }},
		{cause: "saml-metadata", kinds: every, subject: doctor.SetUp, act: func(w *world) {
			w.metadata = doctor.Known(saml.Metadata{EntityID: "e", SignOn: []saml.SignOn{{Binding: saml.PostBinding}}})
		}},
		{cause: "saml-metadata", kinds: both, subject: doctor.SetUp, says: "signs with expires on", act: func(w *world) {
			w.app.Certificates = [][]byte{w.certificate(30 * 24 * time.Hour)}
		}},
		{cause: "saml-metadata", kinds: both, subject: doctor.SetUp, says: "signs with expired on", act: func(w *world) {
			w.app.Certificates = [][]byte{w.certificate(-24 * time.Hour)}
		}},
		{cause: "application-off", kinds: both, act: func(w *world) { w.app.Disabled = true }},
		{cause: "application-off", kinds: both, subject: doctor.SetUp, act: func(w *world) { w.app.Disabled = true }},
		{cause: "account-missing", kinds: every, account: "999988887777"},
		{cause: "account-missing", kinds: every, account: "prodution", fix: `Did you mean "production"?`},
		{cause: "account-missing", kinds: every, account: "9999 8888 7777", fix: `12 digits without anything between them: "999988887777"`},
		{cause: "user-missing", kinds: onOkta, name: "new@company.com", act: func(w *world) {
			w.config = withoutSCIM
			u := w.user("new@company.com", "New", "Person")
			w.idp.Inject(idp.Fault{ObjectID: u.ID, Times: 100, Status: 500})
			w.must(w.idp.Assign(w.t.Context(), idp.UserPrincipal, u.ID))
		}},
		{cause: "membership-by-hand", kinds: groups, subject: doctor.SetUp, act: func(w *world) { later(w); w.join("mary@company.com") }},
		{cause: "group-not-at-idp", kinds: groups, subject: doctor.SetUp, estate: byHand, act: func(w *world) {
			w.config = strings.Replace(w.config, team, "AWS-Hand", 1)
		}},
		{cause: "group-not-synced", kinds: inCycles, subject: doctor.SetUp, act: func(w *world) {
			mary, _ := w.idp.FindUser("mary@company.com")
			w.must(w.idp.Assign(w.t.Context(), idp.UserPrincipal, mary.ID))
			w.sync()
			w.must(w.idp.AddMember(w.t.Context(), w.teamID, mary.ID))
		}},
		{cause: "one-system", kinds: every, subject: doctor.SetUp, says: `"left@company.com" is in AWS and not in `, estate: func(e *emulator.Estate) {
			e.Users = append(e.Users, emulator.EstateUser{UserName: "left@company.com"})
		}, act: func(w *world) { w.config = strings.Replace(withoutSCIM, jane, "left@company.com", 1) }},
		{cause: "one-system", kinds: []idp.Kind{idp.Google}, subject: doctor.SetUp, says: `"left@company.com" is in AWS and not in Google Workspace`, estate: func(e *emulator.Estate) {
			e.Users = append(e.Users, emulator.EstateUser{UserName: "left@company.com", Source: emulator.FromSCIM})
		}, act: func(w *world) { w.config = strings.Replace(usersOnly, jane, "left@company.com", 1) }},
		{cause: "one-system", kinds: both, subject: doctor.SetUp, says: "sign-in looks for the exact name", act: func(w *world) {
			w.config = withoutSCIM
			w.patch(jane, "userName", "Jane@company.com")
			w.config = strings.Replace(w.config, jane, "Jane@company.com", 1)
		}},
		{cause: "user-missing", kinds: []idp.Kind{exported, idp.Google}, name: "new@company.com", act: func(w *world) { w.user("new@company.com", "New", "Person") }, says: "whether it is assigned to the AWS application cannot be seen from here"},
		{cause: "user-missing", kinds: []idp.Kind{idp.Google}, name: "new@company.com", act: func(w *world) { w.user("new@company.com", "New", "Person") }, says: "not in AWS yet", fix: "Wait until"},
		{cause: "user-missing", kinds: []idp.Kind{idp.Google}, name: "new@company.com", act: func(w *world) {
			w.user("new@company.com", "New", "Person")
			time.Sleep(48 * time.Hour)
		}, says: "is active in Google Workspace and not in AWS", fix: "Google does not recreate a user whom somebody deleted in AWS"},
		{cause: "groups-never-come", kinds: []idp.Kind{idp.Google}, subject: doctor.Group, name: "AWS-New", act: func(w *world) {
			w.config = strings.Replace(text("Google Workspace", ""), team, "AWS-New", 1)
		}},
		{cause: "shared-group", kinds: onOkta, subject: doctor.SetUp, act: func(w *world) { w.must(w.idp.Assign(w.t.Context(), idp.GroupPrincipal, w.teamID)) }},
		{cause: "quarantine", kinds: onEntra, act: func(w *world) {
			expired, mended := true, false
			w.must(w.aws.Change(emulator.Change{SCIM: &emulator.SCIMChange{Expired: &expired}}))
			mary, _ := w.idp.FindUser("mary@company.com")
			w.must(w.idp.Assign(w.t.Context(), idp.UserPrincipal, mary.ID))
			_ = w.idp.SyncNow(w.t.Context()) // it fails, as it should
			w.must(w.aws.Change(emulator.Change{SCIM: &emulator.SCIMChange{Expired: &mended}}))
		}},
		{cause: "group-push-failed", kinds: onOkta, subject: doctor.Group, act: func(w *world) {
			w.must(w.idp.UnpushGroup(w.t.Context(), w.teamID, false))
			w.idp.Inject(idp.Fault{ObjectID: w.teamID, Times: 100, Status: 400, Detail: "no such name"})
			_ = w.idp.PushGroup(w.t.Context(), w.teamID, true) // it fails, as it should
		}},
		{cause: "account-suspended", kinds: every, act: func(w *world) {
			w.must(w.aws.Change(emulator.Change{Account: &emulator.AccountChange{Account: production, State: "SUSPENDED"}}))
		}},
	}...)
}
