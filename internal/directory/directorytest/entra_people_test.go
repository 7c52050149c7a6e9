package directorytest

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// onEntra makes a rig of Entra ID, whose connector is new.
func onEntra(t *testing.T, edit ...func(*vendorapi.Options)) *rig {
	t.Helper()
	all := once()
	at := slices.IndexFunc(all, func(v vendor) bool { return v.kind == idp.Entra })
	return all[at].rig(t, edit...)
}

// renew makes another connector, as the next run of rolecall does.
func (r *rig) renew(through http.RoundTripper) {
	r.t.Helper()
	d, err := openEntra(r.settings, &http.Client{Transport: through}, r.budgets)
	must(r.t, err)
	r.dir = d
}

func (r *rig) find(name string) []directory.Person {
	r.t.Helper()
	found, err := r.dir.(directory.People).FindPerson(r.t.Context(), name)
	must(r.t, err)
	evident(r.t, r, found.Evidence)
	return found.People
}

// inAWS says whether AWS has a user of this name.
func (r *rig) inAWS(name string) bool {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), "GET", "https://scim.us-east-1.amazonaws.com"+r.aws.SCIM().Path+"/Users?filter="+url.QueryEscape(fmt.Sprintf("userName eq %q", name)), nil)
	must(r.t, err)
	q.Header.Set("Authorization", "Bearer "+scimToken)
	a, err := (&http.Client{Transport: r.aws.Transport()}).Do(q)
	must(r.t, err)
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	must(r.t, err)
	return strings.Contains(string(body), `"totalResults":1`)
}

// TestEntraNames compares the name that each mapping makes with what AWS has, in
// all answers that have names.
func TestEntraNames(t *testing.T) {
	const guest = "pat_j_partner.example#EXT#@company.onmicrosoft.com"
	for _, c := range []struct {
		mapping, member, guest string
		unsure                 bool
	}{
		{mapping: "", member: "Jane@company.com", guest: "pat_j@partner.example"},
		{mapping: "userPrincipalName", member: "Jane@company.com", guest: "pat_j@partner.example"},
		{mapping: "originalUserPrincipalName", member: "Jane@company.com", guest: guest},
		{mapping: "mail", member: "Jane.Smith@company.com", guest: "pat@elsewhere.example"},
		{mapping: "mailNickname", member: "Jane", guest: "pat_j_partner.example#EXT#"},
		{mapping: "onPremisesSamAccountName", member: "JSMITH", guest: "PPAT"},
		{mapping: "ToLower([userPrincipalName], )", member: "jane@company.com", guest: "pat_j@partner.example"},
		{mapping: "extensionAttribute1", member: "js-ext", guest: "pp-ext"},
		{mapping: `Replace([mail], "a", , , "b", , )`, member: "x-Jane.Smith@company.com", guest: "x-pat@elsewhere.example", unsure: true},
	} {
		t.Run(c.mapping, func(t *testing.T) {
			r := onEntra(t)
			ctx := t.Context()
			must(t, r.idp.SetMapping(ctx, idp.Mapping{UserName: c.mapping}))
			jane := r.person("Jane@company.com", func(u *idp.User) {
				u.Email, u.Account, u.Extensions = "Jane.Smith@company.com", "JSMITH", map[string]string{"extensionAttribute1": "js-ext"}
			})
			pat := r.person(guest, func(u *idp.User) {
				u.Guest, u.Email, u.Account, u.Extensions = true, "pat@elsewhere.example", "PPAT", map[string]string{"extensionAttribute1": "pp-ext"}
			})
			team := r.group("Team", jane, pat)
			must(t, r.idp.Assign(ctx, idp.GroupPrincipal, team))
			r.sync()
			for id, want := range map[string]string{jane: c.member, pat: c.guest} {
				if !r.inAWS(want) {
					t.Fatalf("AWS has no %q", want)
				}
				if c.unsure {
					continue
				}
				people := r.find(want)
				if len(people) != 1 || people[0].ID != id || people[0].UserName != want || people[0].Match != directory.ByUserName || len(people[0].Otherwise) > 0 || people[0].Guest != (id == pat) {
					t.Errorf("%q: %+v", want, people)
				}
				a, err := r.dir.(directory.Assignments).PersonAssignment(ctx, id)
				must(t, err)
				if a.UserName != want || a.How != directory.ByGroup || len(a.Otherwise) > 0 {
					t.Errorf("%+v", a)
				}
			}
			m, err := r.dir.(directory.Groups).MembersOf(ctx, team)
			must(t, err)
			names := []string{m.Members[0].Name, m.Members[1].Name}
			if !c.unsure && !slices.Equal(names, []string{c.member, c.guest}) {
				t.Errorf("members %q", names)
			}
			if c.unsure {
				if !slices.Equal(names, []string{"Jane@company.com", "pat_j@partner.example"}) || !slices.Equal(m.Members[0].Otherwise, []string{"Jane.Smith@company.com"}) || !slices.Equal(m.Members[1].Otherwise, []string{guest, "pat@elsewhere.example"}) {
					t.Errorf("members %+v", m.Members)
				}
			}
			p, err := r.dir.(directory.Provisioner).Provisioning(ctx)
			must(t, err)
			if want := c.mapping; want != "" && p.UserNameFrom != want {
				t.Errorf("user names are made of %q", p.UserNameFrom)
			}
		})
	}
}

// TestEntraNamesUnread has a mapping that may not be read: every name that AWS may
// have is told, and nothing fails.
func TestEntraNamesUnread(t *testing.T) {
	r := onEntra(t)
	jane := r.person("jane@company.com", func(u *idp.User) { u.Email = "jane.smith@company.com" })
	team := r.group("Team", jane)
	for _, part := range []string{"/synchronization/jobs", "/schema"} {
		r.renew(refusing{r.api, []string{part}})
		if p := r.find("jane@company.com"); len(p) != 1 || p[0].UserName != "jane@company.com" || !slices.Equal(p[0].Otherwise, []string{"jane.smith@company.com"}) {
			t.Errorf("%s: %+v", part, p)
		}
		m, err := r.dir.(directory.Groups).MembersOf(t.Context(), team)
		if err != nil || !slices.Equal(m.Members[0].Otherwise, []string{"jane.smith@company.com"}) {
			t.Errorf("%s: %+v, %v", part, m, err)
		}
		a, err := r.dir.(directory.Assignments).PersonAssignment(t.Context(), jane)
		if err != nil || !slices.Equal(a.Otherwise, []string{"jane.smith@company.com"}) {
			t.Errorf("%s: %+v, %v", part, a, err)
		}
	}
	before := len(r.api.Calls())
	r.find("jane@company.com")
	if asked := r.api.Calls()[before:]; len(asked) != 1 { // that the mapping cannot be read is remembered
		t.Errorf("asked %q", asked)
	}
}

// TestEntraNameOfTwo is a name that is one person's principal name and another's
// user name in AWS.
func TestEntraNameOfTwo(t *testing.T) {
	r := onEntra(t)
	must(t, r.idp.SetMapping(t.Context(), idp.Mapping{UserName: "mail"}))
	first := r.person("jane@company.com", func(u *idp.User) { u.Email = "old@company.com" })
	second := r.person("smith@company.com", func(u *idp.User) { u.Email = "jane@company.com" })
	p := r.find("jane@company.com")
	if len(p) != 2 || !directory.Several(p) || p[0].ID != first || p[1].ID != second {
		t.Errorf("%+v", p)
	}
	if p := r.find("old@company.com"); len(p) != 1 || p[0].ID != first || p[0].Match != directory.ByUserName {
		t.Errorf("%+v", p)
	}
}

// TestEntraNobodyGetsNoName has a mapping from an attribute that is empty.
func TestEntraNobodyGetsNoName(t *testing.T) {
	r := onEntra(t)
	must(t, r.idp.SetMapping(t.Context(), idp.Mapping{UserName: "mail"}))
	id := r.person("jane@company.com")
	must(t, r.idp.UpdateUser(t.Context(), id, func(u *idp.User) { u.Email = "" }))
	if p := r.find("jane@company.com"); len(p) != 1 || !slices.Equal(p[0].Unfit, []string{"the user name is empty"}) || len(p[0].Otherwise) > 0 {
		t.Errorf("%+v", p)
	}
}

func TestEntraAliasesAndDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := onEntra(t)
		ctx := t.Context()
		jane := r.person("jane@company.com", func(u *idp.User) { u.Aliases = []string{"jane.old@company.com", "o'neil@company.com"} })
		for _, alias := range []string{"jane.old@company.com", "JANE.old@company.com", "o'neil@company.com"} {
			if p := r.find(alias); len(p) != 1 || p[0].ID != jane || p[0].Match != directory.ByAlias || !slices.Equal(p[0].Aliases, []string{"jane.old@company.com", "o'neil@company.com"}) {
				t.Errorf("%s: %+v", alias, p)
			}
		}
		r.person("one@company.com", func(u *idp.User) { u.Aliases = []string{"shared@company.com"} })
		owner := r.person("two@company.com", func(u *idp.User) { u.Email = "shared@company.com" })
		if p := r.find("shared@company.com"); len(p) != 2 || p[0].ID != owner || p[0].Match != directory.ByEmail {
			t.Errorf("one's alias is another's e-mail address: %+v", p)
		}
		svc := r.person("$svc'1@company.com")
		if p := r.find("$svc'1@company.com"); len(p) != 1 || p[0].ID != svc || p[0].Match != directory.ByUserName {
			t.Errorf("%+v", p)
		}
		gone := r.person("gone@company.com")
		other := r.person("notgone@company.com")
		must(t, r.idp.DeleteUser(ctx, gone))
		must(t, r.idp.DeleteUser(ctx, other))
		p := r.find("Gone@company.com")
		if len(p) != 1 || p[0].ID != gone || p[0].UserName != "gone@company.com" || p[0].Status != directory.Deleted || p[0].Match != directory.ByCase {
			t.Errorf("%+v", p)
		}
		if of, err := r.dir.(directory.Groups).GroupsOf(ctx, gone); err != nil || len(of.Groups) > 0 {
			t.Errorf("%+v, %v", of, err)
		}
		if a, err := r.dir.(directory.Assignments).PersonAssignment(ctx, gone); err != nil || a.How != directory.NotAssigned {
			t.Errorf("%+v, %v", a, err)
		}
		again := r.person("gone@company.com")
		if p := r.find("gone@company.com"); len(p) != 1 || p[0].ID != again || p[0].Status != directory.Active {
			t.Errorf("hired again: %+v", p)
		}
		r.renew(refusing{r.api, []string{"/deletedItems/"}})
		found, err := r.dir.(directory.People).FindPerson(ctx, "notgone@company.com")
		if err != nil || len(found.People) > 0 || !strings.Contains(found.Evidence[len(found.Evidence)-1].Saw, "deleted people were not looked at") {
			t.Errorf("%+v, %v", found, err)
		}
		r.renew(r.api)
		time.Sleep(31 * 24 * time.Hour)
		if p := r.find("notgone@company.com"); len(p) > 0 {
			t.Errorf("after 30 days: %+v", p)
		}
	})
}

// TestEntraUnfit has people whom AWS does not take, and one whom the mapping makes
// fit.
func TestEntraUnfit(t *testing.T) {
	r := onEntra(t)
	r.person("good@company.com")
	r.person("bad@company.com", func(u *idp.User) { u.FamilyName, u.DisplayName = "", "A; B" })
	if p := r.find("good@company.com"); len(p[0].Unfit) > 0 {
		t.Errorf("%+v", p)
	}
	if p := r.find("bad@company.com"); !slices.Equal(p[0].Unfit, []string{"the display name has the character ';'", "the last name is empty"}) {
		t.Errorf("%q", p[0].Unfit)
	}
	must(t, r.idp.SetMapping(t.Context(), idp.Mapping{More: []idp.AttributeMapping{{Target: "name.familyName", Source: `Coalesce([surname], "-")`}, {Target: "displayName", Source: `Replace([displayName], ";", , , "", , )`}}}))
	r.renew(r.api)
	if p := r.find("bad@company.com"); len(p[0].Unfit) > 0 {
		t.Errorf("%q", p[0].Unfit)
	}
}

func TestEntraGroups(t *testing.T) {
	r := onEntra(t)
	ctx := t.Context()
	groups := r.dir.(directory.Groups)
	for _, c := range []struct {
		group                     idp.Group
		kind                      string
		paused, unfit, impossible bool
	}{
		{group: idp.Group{Name: "Plain"}, kind: "Security"},
		{group: idp.Group{Name: "Rule", Rule: `user.department -eq "AWS"`}, kind: "Security, dynamic membership"},
		{group: idp.Group{Name: "Paused", Rule: `user.department -eq "AWS"`, RulePaused: true}, kind: "Security, dynamic membership", paused: true},
		{group: idp.Group{Name: "Office", Unified: true, NotSecurity: true}, kind: "Microsoft 365", impossible: true},
		{group: idp.Group{Name: "Office and AWS", Unified: true}, kind: "Microsoft 365"},
		{group: idp.Group{Name: "A:B"}, kind: "Security", unfit: true},
	} {
		g, err := r.idp.CreateGroup(ctx, c.group)
		must(t, err)
		must(t, r.idp.Assign(ctx, idp.GroupPrincipal, g.ID))
		found, err := groups.FindGroups(ctx, c.group.Name)
		must(t, err)
		check := func(got directory.Group) {
			t.Helper()
			if got.Kind != c.kind || (got.Paused != "") != c.paused || (len(got.Unfit) > 0) != c.unfit || (got.NotProvisionable != "") != c.impossible {
				t.Errorf("%+v", got)
			}
		}
		check(found.Groups[0])
	}
	assigned, err := r.dir.(directory.Assignments).GroupAssignments(ctx)
	must(t, err)
	evident(t, r, assigned.Evidence)
	if len(assigned.Groups) != 6 || slices.ContainsFunc(assigned.Groups, func(g directory.Group) bool { return g.ID == "" || g.Name == "" }) {
		t.Errorf("%+v", assigned.Groups)
	}
}

func TestEntraEligible(t *testing.T) {
	r := onEntra(t)
	ann, bob, eve, joe, sue := r.person("ann@company.com"), r.person("bob@company.com"), r.person("eve@company.com"), r.person("joe@company.com"), r.person("sue@company.com")
	team, other := r.group("Team"), r.group("Other")
	r.api.Change(func(o *vendorapi.Options) {
		o.Eligible = []vendorapi.Eligibility{{UserID: ann, GroupID: team}, {UserID: bob, GroupID: other}, {UserID: eve, GroupID: team, Owner: true}, {UserID: joe, GroupID: team, Until: time.Now().Add(-time.Hour)}, {UserID: sue, GroupID: team, From: time.Now().Add(time.Hour)}}
	})
	asks := r.dir.(directory.Eligibles)
	for id, want := range map[string]bool{ann: true, bob: false, eve: false, joe: false, sue: false} {
		found, err := asks.Eligible(t.Context(), id, team)
		must(t, err)
		evident(t, r, found.Evidence)
		if found.Eligible != want {
			t.Errorf("%s: %+v", id, found)
		}
	}
	r.api.Change(func(o *vendorapi.Options) { o.NoPremium = true })
	_, err := asks.Eligible(t.Context(), ann, team)
	if e, ok := err.(*directory.Error); !ok || e.Kind != directory.NotLicensed || !strings.Contains(e.Needs, "P2") {
		t.Errorf("%v", err)
	}
	r.renew(refusing{r.api, []string{"/privilegedAccess/"}})
	_, err = r.dir.(directory.Eligibles).Eligible(t.Context(), ann, team)
	if e, ok := err.(*directory.Error); !ok || e.Kind != directory.Forbidden || !strings.Contains(e.Needs, "PrivilegedEligibilitySchedule.Read.AzureADGroup") {
		t.Errorf("%v", err)
	}
}
