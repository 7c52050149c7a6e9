package directorytest

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

func TestAssignments(t *testing.T) {
	each(t, vendors(), func(t *testing.T, v vendor) {
		r := v.rig(t)
		assignments := can[directory.Assignments](r, directory.CanAssignments)
		ctx := t.Context()
		ann, bob, eve := r.person("ann@company.com"), r.person("bob@company.com"), r.person("eve@company.com")
		admins := r.group("Admins", bob)
		r.group("Unassigned", bob, eve)
		must(t, r.idp.Assign(ctx, idp.UserPrincipal, ann))
		must(t, r.idp.Assign(ctx, idp.GroupPrincipal, admins))
		r.sync()
		for _, c := range []struct {
			id, groups string
			how        directory.How
		}{{ann, "", directory.Directly}, {bob, "Admins", directory.ByGroup}, {eve, "", directory.NotAssigned}} {
			a, err := assignments.PersonAssignment(ctx, c.id)
			must(t, err)
			evident(t, r, a.Evidence)
			if a.How != c.how || names(a.Groups) != c.groups {
				t.Errorf("%s: %+v, want %s by %q", c.id, a, c.how, c.groups)
			}
			if v.kind == idp.Okta && c.how != directory.NotAssigned && (!strings.HasSuffix(a.UserName, "@company.com") || a.Sync != directory.Synchronized || a.ExternalID == "" || a.LastSync.IsZero()) {
				t.Errorf("%s: %+v", c.id, a)
			}
		}
		groups, err := assignments.GroupAssignments(ctx)
		must(t, err)
		evident(t, r, groups.Evidence)
		if len(groups.Groups) != 1 || groups.Groups[0].ID != admins || groups.Groups[0].Name != "Admins" {
			t.Errorf("assigned groups %+v", groups)
		}
	})
}

// TestAssignedThroughNestedGroup is what Entra ID does not provision.
func TestAssignedThroughNestedGroup(t *testing.T) {
	each(t, once(), func(t *testing.T, v vendor) {
		if v.kind == idp.Okta {
			t.Skip("Okta has no nested groups")
		}
		r := v.rig(t)
		assignments := can[directory.Assignments](r, directory.CanAssignments)
		bob := r.person("bob@company.com")
		outer := r.group("Outer", r.group("Inner", bob))
		must(t, r.idp.Assign(t.Context(), idp.GroupPrincipal, outer))
		a, err := assignments.PersonAssignment(t.Context(), bob)
		must(t, err)
		if a.How != directory.NotAssigned || names(a.Nested) != "Outer" || len(a.Groups) > 0 {
			t.Errorf("%+v", a)
		}
	})
}

func TestProvisioningOnAndOff(t *testing.T) {
	each(t, vendors(), func(t *testing.T, v vendor) {
		r := v.rig(t)
		provisioner := can[directory.Provisioner](r, directory.CanProvision)
		ann := r.person("ann@company.com")
		must(t, r.idp.Assign(t.Context(), idp.UserPrincipal, ann))
		r.sync()
		p, err := provisioner.Provisioning(t.Context())
		must(t, err)
		evident(t, r, p.Evidence)
		if p.State != directory.JobOn || p.Said == "" || !p.Creates || !p.Updates || !p.Deactivates || p.Quarantine != nil || p.Failure != "" {
			t.Errorf("on: %+v", p)
		}
		r.idp.Pause()
		p, err = provisioner.Provisioning(t.Context())
		must(t, err)
		if p.State == directory.JobOn {
			t.Errorf("paused: %+v", p)
		}
		r.api.Change(func(o *vendorapi.Options) { o.App.ProvisioningOff = true })
		p, err = provisioner.Provisioning(t.Context())
		must(t, err)
		evident(t, r, p.Evidence)
		if p.State != directory.JobOff {
			t.Errorf("off: %+v", p)
		}
	})
}

// TestEvents has one push that fails and others that do not.
func TestEvents(t *testing.T) {
	each(t, vendors(), func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			r := v.rig(t)
			eventer := can[directory.Eventer](r, directory.CanEvents)
			ctx, began := t.Context(), time.Now()
			ann := r.person("ann@company.com")
			bad := r.person("bad@company.com", func(u *idp.User) { u.FamilyName = "" })
			must(t, r.idp.Assign(ctx, idp.UserPrincipal, ann))
			must(t, r.idp.Assign(ctx, idp.UserPrincipal, bad))
			r.sync()
			all, err := eventer.ProvisioningEvents(ctx, began, "")
			must(t, err)
			evident(t, r, all.Evidence)
			got := map[string]directory.Outcome{}
			for _, e := range all.Events {
				for _, s := range e.Subjects {
					if s.Kind != directory.PersonMember || e.ID == "" || e.Action == "" || e.Time.Before(began.Add(-time.Second)) {
						t.Errorf("event %+v", e)
					}
					if s.Name == "bad@company.com" || s.ID == ann {
						got[s.ID] = e.Outcome
					}
				}
			}
			if got[ann] != directory.Succeeded || got[bad] != directory.Failed {
				t.Errorf("outcomes %v", got)
			}
			one, err := eventer.ProvisioningEvents(ctx, began, bad)
			must(t, err)
			if len(one.Events) == 0 {
				t.Fatal("no event about the one who failed")
			}
			for _, e := range one.Events {
				if e.Outcome != directory.Failed || e.Reason == "" || e.Token || len(e.Subjects) != 1 || e.Subjects[0].ID != bad {
					t.Errorf("event %+v", e)
				}
			}
			time.Sleep(time.Hour)
			none, err := eventer.ProvisioningEvents(ctx, time.Now().Add(-time.Minute), "")
			if err != nil || len(none.Events) > 0 {
				t.Errorf("an hour later: %+v, %v", none, err)
			}
		})
	})
}

func TestRefusedSCIMToken(t *testing.T) {
	each(t, once(), func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			r := v.rig(t)
			eventer := can[directory.Eventer](r, directory.CanEvents)
			began := time.Now()
			must(t, r.aws.Change(emulator.Change{SCIM: &emulator.SCIMChange{Token: "rotated"}}))
			must(t, r.idp.Assign(t.Context(), idp.UserPrincipal, r.person("ann@company.com")))
			r.sync()
			found, err := eventer.ProvisioningEvents(t.Context(), began, "")
			must(t, err)
			refused := false
			for _, e := range found.Events {
				refused = refused || e.Token && e.Outcome == directory.Failed
			}
			if !refused {
				t.Errorf("nothing says that the token was refused: %+v", found.Events)
			}
		})
	})
}

// TestQuarantine is what Entra ID does after a refused token.
func TestQuarantine(t *testing.T) {
	each(t, once(), func(t *testing.T, v vendor) {
		if v.kind != idp.Entra {
			t.Skip("only Entra ID has a quarantine")
		}
		synctest.Test(t, func(t *testing.T) {
			r := v.rig(t)
			provisioner := can[directory.Provisioner](r, directory.CanProvision)
			p, err := provisioner.Provisioning(t.Context())
			must(t, err)
			if p.State != directory.JobNotRun || p.Interval != 40*time.Minute || !p.LastRun.IsZero() {
				t.Errorf("before the first run: %+v", p)
			}
			must(t, r.idp.Assign(t.Context(), idp.UserPrincipal, r.person("ann@company.com")))
			r.sync()
			p, err = provisioner.Provisioning(t.Context())
			must(t, err)
			if p.State != directory.JobOn || !p.LastRun.Equal(time.Now().Truncate(time.Millisecond)) || !p.LastSuccess.Equal(p.LastRun) || !p.NextRun.Equal(p.LastRun.Add(40*time.Minute)) {
				t.Errorf("after a run: %+v", p)
			}
			must(t, r.aws.Change(emulator.Change{SCIM: &emulator.SCIMChange{Token: "rotated"}}))
			time.Sleep(time.Hour)
			must(t, r.idp.Assign(t.Context(), idp.UserPrincipal, r.person("bob@company.com")))
			r.sync()
			p, err = provisioner.Provisioning(t.Context())
			must(t, err)
			q := p.Quarantine
			if p.State != directory.JobQuarantine || q == nil || q.Reason == "" || q.Message == "" || q.Since.IsZero() || !p.NextRun.Equal(q.NextAttempt) || !q.NextAttempt.After(time.Now()) {
				t.Errorf("in quarantine: %+v, %+v", p, q)
			}
		})
	})
}

func TestSignInFailures(t *testing.T) {
	codes := map[idp.Kind]map[string]directory.SignInCause{
		idp.Okta:   {"app.generic.unauth_app_access_attempt": directory.SignInNotAssigned, "application.policy.sign_on.deny_access": directory.SignInDenied},
		idp.Entra:  {"50105": directory.SignInNotAssigned, "53003": directory.SignInDenied, "700016": directory.SignInEntityID, "50126": directory.SignInCredentials, "50011": directory.SignInReplyURL, "50020": directory.SignInForeign, "50053": ""},
		idp.Google: {"failure_app_not_enabled_for_user": directory.SignInNotAssigned, "failure_invalid_sp_id": directory.SignInEntityID, "failure_invalid_user_id_mapping": directory.SignInNameID, "failure_unknown": ""},
	}
	each(t, vendors(), func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			r := v.rig(t)
			reader := can[directory.SignIner](r, directory.CanSignIns)
			ann, bob := r.person("ann@company.com"), r.person("bob@company.com")
			began := time.Now()
			for code := range codes[v.kind] {
				time.Sleep(time.Minute)
				r.api.FailSignIn(vendorapi.SignInFailure{UserID: ann, Code: code, Reason: "because of " + code, Policy: "Only from the office"})
			}
			r.api.FailSignIn(vendorapi.SignInFailure{UserID: bob, Code: "50105"})
			time.Sleep(time.Minute)
			found, err := reader.SignInFailures(t.Context(), began, ann)
			must(t, err)
			evident(t, r, found.Evidence)
			if len(found.SignIns) != len(codes[v.kind]) {
				t.Fatalf("found %+v", found.SignIns)
			}
			for i, s := range found.SignIns {
				if cause, ok := codes[v.kind][s.Code]; !ok || s.Cause != cause || s.UserName != "ann@company.com" || s.ID == "" {
					t.Errorf("sign-in %+v", s)
				}
				if named := v.kind != idp.Google; (s.Policy == "Only from the office") != named {
					t.Errorf("the policy is %q", s.Policy)
				}
				if i > 0 && s.Time.After(found.SignIns[i-1].Time) {
					t.Error("not newest first")
				}
			}
			if !found.LastSuccess.IsZero() {
				t.Errorf("signed in at %s", found.LastSuccess)
			}
			worked := time.Now()
			r.api.SignIn(ann)
			if found, err = reader.SignInFailures(t.Context(), began, ann); err != nil || found.LastSuccess.Sub(worked).Abs() > time.Second || len(found.SignIns) != len(codes[v.kind]) {
				t.Errorf("signed in at %s, want %s: %v, %v", found.LastSuccess, worked, found.SignIns, err)
			}
			time.Sleep(time.Hour)
			none, err := reader.SignInFailures(t.Context(), time.Now().Add(-time.Minute), "")
			if err != nil || len(none.SignIns) > 0 {
				t.Errorf("an hour later: %+v, %v", none, err)
			}
		})
	})
}

func TestSAML(t *testing.T) {
	each(t, vendors(), func(t *testing.T, v vendor) {
		from := time.Now().Add(-time.Hour).Truncate(time.Second).UTC()
		var certificates [][]byte
		for _, years := range []int{1, 3} {
			der, err := vendorapi.NewCertificate("saml", from, from.AddDate(years, 0, 0))
			must(t, err)
			certificates = append(certificates, der)
		}
		r := v.rig(t, func(o *vendorapi.Options) {
			o.App = vendorapi.App{EntityID: "http://www.okta.com/exk1", ACS: "https://acs.example/saml", Audience: "https://aws.example/d-1", Certificates: certificates}
		})
		reader := can[directory.SAMLer](r, directory.CanSAML)
		s, err := reader.SAML(t.Context())
		must(t, err)
		evident(t, r, s.Evidence)
		if !s.Enabled || len(s.ACS) != 1 || s.ACS[0] != "https://acs.example/saml" || len(s.Audience) != 1 || s.Audience[0] != "https://aws.example/d-1" {
			t.Errorf("%+v", s)
		}
		if len(s.Certificates) != 2 || !s.Certificates[0].InUse || s.Certificates[1].InUse || !s.Certificates[0].NotAfter.Equal(from.AddDate(1, 0, 0)) {
			t.Errorf("certificates %+v", s.Certificates)
		}
		if v.kind == idp.Okta && (s.EntityID != "http://www.okta.com/exk1" || !strings.HasPrefix(s.SignOnURL, "https://company.okta.com/app/") || len(s.Certificates[0].Fingerprint) != 64) {
			t.Errorf("%+v", s)
		}
		r.api.Change(func(o *vendorapi.Options) { o.App.Disabled = true })
		s, err = reader.SAML(t.Context())
		must(t, err)
		if s.Enabled {
			t.Error("the application is off and said to be on")
		}
		if p, ok := r.dir.(directory.Provisioner); ok {
			got, err := p.Provisioning(t.Context())
			must(t, err)
			if got.State != directory.JobOff {
				t.Errorf("the application is off, and provisioning %q", got.State)
			}
		}
	})
}

func TestPushGroups(t *testing.T) {
	each(t, once(), func(t *testing.T, v vendor) {
		r := v.rig(t, func(o *vendorapi.Options) { o.PageSize = 1 })
		pusher := can[directory.GroupPusher](r, directory.CanPushGroups)
		good, bad := r.group("Good"), r.group("Bad")
		r.group("Not pushed")
		must(t, r.idp.PushGroup(t.Context(), good, false))
		r.idp.Inject(idp.Fault{ObjectID: bad, Times: 1, Status: 400, Detail: "refused by a test"})
		must(t, r.idp.PushGroup(t.Context(), bad, false))
		found, err := pusher.PushGroups(t.Context())
		must(t, err)
		evident(t, r, found.Evidence)
		states := map[string]directory.PushMapping{}
		for _, m := range found.Mappings {
			states[m.GroupID] = m
		}
		if len(found.Mappings) != 2 || states[good].State != directory.Synchronized || states[good].LastPush.IsZero() || states[bad].State != directory.SyncFailed || !strings.Contains(states[bad].Error, "refused by a test") {
			t.Errorf("mappings %+v", found.Mappings)
		}
	})
}

func TestApplicationByNameAndID(t *testing.T) {
	each(t, once(), func(t *testing.T, v vendor) {
		r := v.rig(t, func(o *vendorapi.Options) { o.App.Name = "AWS (production)" })
		can[directory.Assignments](r, directory.CanAssignments)
		for name, found := range map[string]bool{"AWS (production)": true, "AWS": false, "aws (production)": false, "Another": false} {
			s := r.settings
			s.Application = name
			d, err := v.open(s, r.client, r.budgets)
			must(t, err)
			_, err = d.(directory.Assignments).GroupAssignments(t.Context())
			if found && err != nil || !found && !directory.NotThere.Is(err) {
				t.Errorf("%q: %v", name, err)
			}
		}
	})
}
