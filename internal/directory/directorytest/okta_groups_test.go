package directorytest

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// oktaRig is an Okta that is read with an API token.
func oktaRig(t *testing.T, edit ...func(*vendorapi.Options)) *rig {
	return vendors()[0].rig(t, edit...)
}

// refusing opens the connector again, where calls whose path has one of the parts
// are refused.
func (r *rig) refusing(parts ...string) directory.Directory {
	r.t.Helper()
	d, err := openOkta(r.settings, &http.Client{Transport: refusing{r.api, parts}}, r.budgets)
	must(r.t, err)
	return d
}

// imported makes a group of another application, such as Active Directory.
func (r *rig) imported(name string, members ...string) string {
	r.t.Helper()
	g, err := r.idp.CreateGroup(r.t.Context(), idp.Group{Name: name, Source: "0oa1activedirectory"})
	must(r.t, err)
	for _, m := range members {
		must(r.t, r.idp.AddMember(r.t.Context(), g.ID, m))
	}
	return g.ID
}

func (r *rig) push(id string) {
	r.t.Helper()
	must(r.t, r.idp.PushGroup(r.t.Context(), id, true))
}

func (r *rig) assign(id string) {
	r.t.Helper()
	must(r.t, r.idp.Assign(r.t.Context(), idp.GroupPrincipal, id))
}

// namesOf names groups by their ids.
func namesOf(groups []directory.Group, names map[string]string) string {
	var all []string
	for _, g := range groups {
		name := names[g.ID]
		if name == "" {
			name = "image"
		}
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// TestOktaGroupsOfOneName has a group of Okta's, one of Active Directory's of the
// same name, which can be pushed as well, and the image that a push makes.
func TestOktaGroupsOfOneName(t *testing.T) {
	const own, other, both = "own", "other", "other own"
	for name, c := range map[string]struct {
		pushed, assigned string
		refuse           []string // parts of paths
		groups, twins    string
		calls            int // that the answer rests on
	}{
		"neither is pushed":       {"", "", nil, both, "", 4},
		"own is pushed":           {own, "", nil, own, "image other", 3},
		"other is pushed":         {other, "", nil, other, "image own", 3},
		"both are pushed":         {both, "", nil, both, "image image", 3},
		"own is assigned":         {"", own, nil, own, "other", 4},
		"other is assigned":       {"", other, nil, other, "own", 4},
		"both are assigned":       {"", both, nil, both, "", 4},
		"pushed beats assigned":   {other, own, nil, other, "image own", 3},
		"mappings are not shown":  {other, own, []string{"/group-push/"}, both, "image", 3},
		"assigned are not shown":  {"", own, nil, both, "", 4},
		"no application is shown": {other, "", []string{"/api/v1/apps"}, "image other own", "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			r := oktaRig(t)
			ids := map[string]string{own: r.group("AWS-Team", r.person("ann@company.com")), other: r.imported("AWS-Team", r.person("bob@company.com"))}
			for _, which := range strings.Fields(c.pushed) {
				r.push(ids[which])
			}
			for _, which := range strings.Fields(c.assigned) {
				r.assign(ids[which])
			}
			if name == "assigned are not shown" {
				c.refuse = []string{r.api.ApplicationID() + "/groups"}
			}
			found, err := r.refusing(c.refuse...).(directory.Groups).FindGroups(t.Context(), "AWS-Team")
			must(t, err)
			names := map[string]string{ids[own]: own, ids[other]: other}
			if groups, twins := namesOf(found.Groups, names), namesOf(found.Twins, names); groups != c.groups || twins != c.twins || len(found.Near) > 0 {
				t.Errorf("groups %q, twins %q, near %+v", groups, twins, found.Near)
			}
			for _, g := range slices.Concat(found.Groups, found.Twins) {
				if (g.Kind == "OKTA_GROUP") != (g.ID == ids[own]) {
					t.Errorf("the kind of %+v", g)
				}
			}
			if len(found.Evidence) != c.calls {
				t.Errorf("rests on %+v", found.Evidence)
			}
		})
	}
}

// TestOktaImageAlone is what is left where Okta's group has got another name.
func TestOktaImageAlone(t *testing.T) {
	r := oktaRig(t)
	team := r.group("AWS-Team", r.person("ann@company.com"))
	r.push(team)
	before := len(r.api.Calls())
	found, err := r.dir.(directory.Groups).FindGroups(t.Context(), "AWS-Team")
	must(t, err)
	if len(found.Groups) != 1 || found.Groups[0].ID != team || len(found.Twins) != 1 {
		t.Errorf("healthy: %+v", found)
	}
	if n := len(r.api.Calls()) - before; n != 2 { // the search and, once, the application
		t.Errorf("%d calls", n)
	}
	near, err := r.dir.(directory.Groups).FindGroups(t.Context(), "aws-team")
	must(t, err)
	if len(near.Groups)+len(near.Twins) > 0 || len(near.Near) != 1 || near.Near[0].ID != team {
		t.Errorf("in another case: %+v", near)
	}
	r.idp.Pause()
	must(t, r.idp.RenameGroup(t.Context(), team, "Another"))
	found, err = r.dir.(directory.Groups).FindGroups(t.Context(), "AWS-Team")
	must(t, err)
	if len(found.Groups) > 0 || len(found.Twins) != 1 || found.Twins[0].Kind != "APP_GROUP" {
		t.Errorf("renamed: %+v", found)
	}
}

// TestOktaImageIsNoMembership has somebody who left the group, and is in AWS still.
func TestOktaImageIsNoMembership(t *testing.T) {
	r := oktaRig(t)
	ann := r.person("ann@company.com")
	team := r.group("AWS-Team", ann)
	must(t, r.idp.Assign(t.Context(), idp.UserPrincipal, ann))
	r.push(team)
	r.sync()
	of := func(d directory.Directory) string {
		found, err := d.(directory.Groups).GroupsOf(t.Context(), ann)
		must(t, err)
		evident(t, r, found.Evidence)
		return names(found.Groups)
	}
	if got := of(r.dir); got != "AWS-Team" {
		t.Errorf("groups %q", got)
	}
	r.idp.Pause()
	must(t, r.idp.RemoveMember(t.Context(), team, ann))
	if got := of(r.dir); got != "" {
		t.Errorf("after leaving: %q", got)
	}
	found, err := r.refusing("/api/v1/apps").(directory.Groups).GroupsOf(t.Context(), ann)
	must(t, err)
	left := slices.DeleteFunc(found.Groups, func(g directory.Group) bool { return g.BuiltIn })
	if len(left) != 1 || left[0].Kind != "APP_GROUP" || len(found.Evidence) != 2 {
		t.Errorf("where no application is shown: %+v", found)
	}
}

// TestOktaMembersOtherNames has the names that the application may send.
func TestOktaMembersOtherNames(t *testing.T) {
	r := oktaRig(t)
	team := r.group("Team", r.person("jdoe@company.com", func(u *idp.User) { u.Email = "jane.doe@company.com" }), r.person("bob@company.com"))
	found, err := r.dir.(directory.Groups).MembersOf(t.Context(), team)
	must(t, err)
	got := map[string]string{}
	for _, m := range found.Members {
		got[m.Name] = strings.Join(m.Otherwise, " ")
	}
	if len(got) != 2 || got["jdoe@company.com"] != "jane.doe@company.com jdoe jane.doe" || got["bob@company.com"] != "bob" {
		t.Errorf("%q", got)
	}
}

// TestOktaCustomDomain reads each list to its end where links name the other host
// of the organization, and never asks that host.
func TestOktaCustomDomain(t *testing.T) {
	r := oktaRig(t, func(o *vendorapi.Options) { o.PageSize, o.LinkHost = 1, "company.oktapreview.com" })
	r.populate()
	hosts := map[string]bool{}
	d, err := openOkta(r.settings, &http.Client{Transport: watch{r.api, hosts}}, r.budgets)
	must(t, err)
	with := answers(t, r, d)
	r.api.Change(func(o *vendorapi.Options) { o.PageSize, o.LinkHost = 0, "" })
	if without := answers(t, r, r.dir); with != without {
		t.Errorf("%s\n%s", with, without)
	}
	if len(hosts) != 1 || !hosts["company.okta.com"] {
		t.Errorf("asked %v", hosts)
	}
}

// TestOktaLinkElsewhere is refused, and says where it led.
func TestOktaLinkElsewhere(t *testing.T) {
	for link, advised := range map[string]bool{
		"https://company.okta-emea.com/api/v1/groups/other/users?after=1": true,
		"https://evil.example/api/v1/groups/other/users?after=1":          false,
		"https://evil.example//company.okta.com/?after=1":                 false,
	} {
		r := oktaRig(t)
		hosts := map[string]bool{}
		d, err := openOkta(r.settings, &http.Client{Transport: watch{r.api, hosts}}, r.budgets)
		must(t, err)
		r.api.Refuse(vendorapi.Refusal{Prefix: "/api/", Times: 1, Status: 200, Header: http.Header{"Link": {"<" + link + ">; rel=\"next\""}}, Body: `[{"id":"x","status":"ACTIVE"}]`})
		_, err = d.(directory.Groups).MembersOf(t.Context(), "team")
		e, ok := err.(*directory.Error)
		host := strings.Split(link, "/")[2]
		if !ok || e.Kind != directory.Unreadable || !strings.Contains(e.Message, host) || strings.Contains(e.Needs, host) != advised || len(hosts) != 1 {
			t.Errorf("%s: %+v, asked %v", link, err, hosts)
		}
	}
}
