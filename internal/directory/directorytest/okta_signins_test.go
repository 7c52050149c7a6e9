package directorytest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

const (
	denied    = "application.policy.sign_on.deny_access"
	evaluated = "policy.evaluate_sign_on"
)

// TestOktaRefusedSignIns has refusals of the Classic and of the Identity Engine,
// whoever is the actor.
func TestOktaRefusedSignIns(t *testing.T) {
	for name, c := range map[string]struct {
		is    vendorapi.SignInFailure
		cause directory.SignInCause // "" where it is no refusal
	}{
		"not assigned":                {vendorapi.SignInFailure{}, directory.SignInNotAssigned},
		"denied":                      {vendorapi.SignInFailure{Code: denied, Policy: "Only managed"}, directory.SignInDenied},
		"denied, worded as a success": {vendorapi.SignInFailure{Code: denied, Result: "SUCCESS", Policy: "Only managed"}, directory.SignInDenied},
		"denied, as target":           {vendorapi.SignInFailure{Code: denied, AsTarget: true, Policy: "Only managed"}, directory.SignInDenied},
		"evaluated":                   {vendorapi.SignInFailure{Code: evaluated, Result: "DENY", Policy: "Catch-all Rule"}, directory.SignInDenied},
		"evaluated, as target":        {vendorapi.SignInFailure{Code: evaluated, Result: "DENY", AsTarget: true, Policy: "Catch-all Rule"}, directory.SignInDenied},
		"allowed":                     {vendorapi.SignInFailure{Code: evaluated, Result: "ALLOW"}, ""},
		"challenged":                  {vendorapi.SignInFailure{Code: evaluated, Result: "CHALLENGE"}, ""},
	} {
		r := oktaRig(t)
		ann, bob := r.person("ann@company.com"), r.person("bob@company.com")
		c.is.UserID = ann
		r.api.FailSignIn(c.is)
		for id, want := range map[string]bool{ann: c.cause != "", "": c.cause != "", bob: false} {
			found, err := r.dir.(directory.SignIner).SignInFailures(t.Context(), time.Now().Add(-time.Hour), id)
			must(t, err)
			evident(t, r, found.Evidence)
			if (len(found.SignIns) == 1) != want || len(found.SignIns) > 1 {
				t.Errorf("%s: of %q: %+v", name, id, found.SignIns)
			}
			for _, s := range found.SignIns {
				if s.Cause != c.cause || s.Policy != c.is.Policy || s.UserName != "ann@company.com" {
					t.Errorf("%s: %+v", name, s)
				}
			}
		}
	}
}

// TestOktaEmptyPages reads on where a page is empty and others follow, and not in the
// log, which always has a next page.
func TestOktaEmptyPages(t *testing.T) {
	r := oktaRig(t, func(o *vendorapi.Options) { o.EmptyFirst, o.PageSize = true, 1 })
	ctx := t.Context()
	ann, bob := r.person("ann@company.com", func(u *idp.User) { u.Email = "a@company.com" }), r.person("bob@company.com")
	team := r.group("Team", ann, bob)
	must(t, r.idp.Assign(ctx, idp.GroupPrincipal, team))
	r.push(team)
	m, err := r.dir.(directory.Groups).MembersOf(ctx, team)
	must(t, err)
	of, err := r.dir.(directory.Groups).GroupsOf(ctx, ann)
	must(t, err)
	named, err := r.dir.(directory.Groups).FindGroups(ctx, "Team")
	must(t, err)
	assigned, err := r.dir.(directory.Assignments).GroupAssignments(ctx)
	must(t, err)
	pushed, err := r.dir.(directory.GroupPusher).PushGroups(ctx)
	must(t, err)
	people, err := r.dir.(directory.People).FindPerson(ctx, "a@company.com")
	must(t, err)
	if len(m.Members) != 2 || len(of.Groups) == 0 || len(named.Groups) != 1 || len(assigned.Groups) != 1 || len(pushed.Mappings) != 1 || len(people.People) != 1 {
		t.Errorf("%+v\n%+v\n%+v\n%+v\n%+v\n%+v", m, of, named, assigned, pushed, people)
	}
	before := len(r.api.Calls())
	events, err := r.dir.(directory.Eventer).ProvisioningEvents(ctx, time.Now().Add(-time.Hour), bob)
	if asked := r.api.Calls()[before:]; err != nil || events.Partial || len(asked) > 6 {
		t.Errorf("%d calls: %q, %+v, %v", len(asked), asked, events, err)
	}
}

// TestOktaUserProvisioningOff has user provisioning switched off, whatever the connection says.
func TestOktaUserProvisioningOff(t *testing.T) {
	r := oktaRig(t, func(o *vendorapi.Options) { o.App.FeatureOff = true })
	p := r.provisioning()
	if p.State != directory.JobOff || !strings.Contains(p.Said, "USER_PROVISIONING") || p.Creates || p.Updates || p.Deactivates {
		t.Errorf("%+v", p)
	}
	r.api.Change(func(o *vendorapi.Options) { o.App.FeatureOff = false })
	if p := r.provisioning(); p.State != directory.JobOn || !p.Creates {
		t.Errorf("%+v", p)
	}
}

// TestOktaRehiredEvidence says first who counts of those who have a name.
func TestOktaRehiredEvidence(t *testing.T) {
	r := oktaRig(t)
	old := r.person("jane@company.com")
	must(t, r.idp.DeleteUser(t.Context(), old))
	again := r.person("jane.doe@company.com", func(u *idp.User) { u.Email = "jane@company.com" })
	found, err := r.dir.(directory.People).FindPerson(t.Context(), "jane@company.com")
	must(t, err)
	want := fmt.Sprintf(`%s (login "jane.doe@company.com", ACTIVE) counts, before %s (login "jane@company.com", DEPROVISIONED)`, again, old)
	if len(found.Evidence) != 2 || !strings.Contains(found.Evidence[0].Saw, want) {
		t.Errorf("%+v", found.Evidence)
	}
}

// TestOktaNobodyOfTheName says, of a name that nobody has, whether that means that
// there is nobody: the application may make user names of something else.
func TestOktaNobodyOfTheName(t *testing.T) {
	for template, says := range map[string]string{
		"": "", "${source.login}": "", "${source.email}": "", "${fn:toLowerCase(source.login)}": "", "${user.email}": "",
		"user.awsUserName": "user.awsUserName", `${fn:substringBefore(source.email, "@")}`: "substringBefore", "${source.samAccountName}": "samAccountName",
	} {
		r := oktaRig(t, func(o *vendorapi.Options) { o.App.UserNameTemplate = template })
		r.person("jane@company.com")
		for name, nobody := range map[string]bool{"jane@company.com": false, "jsmith": true} {
			found, err := r.dir.(directory.People).FindPerson(t.Context(), name)
			must(t, err)
			if (len(found.People) == 0) != nobody || (found.Unclear != "") != (nobody && says != "") || nobody && !strings.Contains(found.Unclear, says) {
				t.Errorf("%q: %s: %+v", template, name, found)
			}
		}
	}
	r := oktaRig(t)
	if found, err := r.refusing("/apps").(directory.People).FindPerson(t.Context(), "jsmith"); err != nil || !strings.Contains(found.Unclear, "could not be read") {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestLogsAreLong says in the evidence of every log that it has more lines than are
// read.
func TestLogsAreLong(t *testing.T) {
	each(t, once(), func(t *testing.T, v vendor) {
		for lines, more := range map[int]bool{2: false, 25: true} {
			r := v.rig(t, func(o *vendorapi.Options) { o.PageSize = 1 })
			ann := r.person("ann@company.com")
			for i := range lines {
				r.api.FailSignIn(vendorapi.SignInFailure{UserID: ann, Code: map[idp.Kind]string{idp.Entra: "50105"}[v.kind], Time: time.Now().Add(-time.Duration(i+1) * time.Minute)})
			}
			found, err := r.dir.(directory.SignIner).SignInFailures(t.Context(), time.Now().Add(-time.Hour), ann)
			must(t, err)
			said := false
			for _, e := range found.Evidence {
				said = said || strings.Contains(e.Saw, "and more lines than are read")
			}
			if found.Partial != more || said != more {
				t.Errorf("%d lines: %t, %+v", lines, found.Partial, found.Evidence)
			}
		}
	})
}
