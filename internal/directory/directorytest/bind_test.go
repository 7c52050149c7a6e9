package directorytest

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

func (r *rig) bound(externalID string) directory.PeopleFound {
	r.t.Helper()
	found, err := r.dir.(directory.Binder).ByExternalID(r.t.Context(), externalID)
	must(r.t, err)
	if len(found.Evidence) == 0 || found.Unclear == "" || len(found.People) > 0 {
		evident(r.t, r, found.Evidence)
	}
	if len(found.People) > 0 && found.Unclear != "" {
		r.t.Errorf("found, and unclear: %+v", found)
	}
	return found
}

// TestByExternalID finds the person whom AWS is bound to by what the provider sends,
// whatever the names are by now.
func TestByExternalID(t *testing.T) {
	each(t, once(), func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			r := v.rig(t, func(o *vendorapi.Options) { o.PageSize = 1 })
			ctx := t.Context()
			jane, bob, gone, other := r.person("jane@company.com"), r.person("bob@company.com"), r.person("gone@company.com"), r.person("other@company.com")
			must(t, r.idp.UpdateUser(ctx, jane, func(u *idp.User) { u.UserName = "renamed@company.com" }))
			must(t, r.idp.SuspendUser(ctx, bob))
			must(t, r.idp.DeleteUser(ctx, gone))
			must(t, r.idp.DeleteUser(ctx, other))
			again := r.person("gone@company.com")
			for id, want := range map[string]struct {
				name   string
				status directory.Status
			}{
				jane: {"renamed@company.com", directory.Active}, bob: {"bob@company.com", directory.Suspended},
				gone: {"gone@company.com", directory.Deleted}, again: {"gone@company.com", directory.Active},
			} {
				found := r.bound(id)
				if len(found.People) != 1 || found.People[0].ID != id || found.People[0].UserName != want.name || found.People[0].Status != want.status || found.People[0].Match != directory.ByExternalID {
					t.Errorf("%s: %+v", id, found)
				}
			}
			// An id of the right form that is nobody's, and one of another provider's.
			nobody := map[idp.Kind]string{idp.Okta: "00unobody", idp.Entra: "99999999-0000-4000-8000-000000000000", idp.Google: "100000000000000000009"}[v.kind]
			if found := r.bound(nobody); len(found.People) > 0 || found.Unclear != "" || !strings.Contains(found.Evidence[0].What, nobody) {
				t.Errorf("nobody's: %+v", found)
			}
			before := len(r.api.Calls())
			for _, foreign := range []string{"", "jane@company.com", "renamed", "../users", "00u1/groups", "12a", "me"} {
				if found := r.bound(foreign); len(found.People) > 0 || found.Unclear == "" || len(found.Evidence) != 1 || found.Evidence[0].Saw == "" {
					t.Errorf("%q: %+v", foreign, found)
				}
			}
			if asked := r.api.Calls()[before:]; len(asked) > 0 {
				t.Errorf("asked %q", asked)
			}
			if v.kind == idp.Okta { // which keeps a deactivated user until somebody deletes it
				return
			}
			time.Sleep(31 * 24 * time.Hour)
			if found := r.bound(gone); len(found.People) > 0 || found.Unclear != "" {
				t.Errorf("after 31 days: %+v", found)
			}
		})
	})
}

// TestByExternalIDRefused has rights that are missing: of the question itself, and
// of what refines it.
func TestByExternalIDRefused(t *testing.T) {
	each(t, once(), func(t *testing.T, v vendor) {
		r := v.rig(t)
		jane, gone := r.person("jane@company.com"), r.person("gone@company.com")
		must(t, r.idp.DeleteUser(t.Context(), gone))
		through := func(to http.RoundTripper) {
			d, err := v.open(r.settings, &http.Client{Transport: to}, r.budgets)
			must(t, err)
			r.dir = d
		}
		through(refusing{r.api, []string{"/users/"}})
		if _, err := r.dir.(directory.Binder).ByExternalID(t.Context(), jane); !directory.Forbidden.Is(err) {
			t.Errorf("%v", err)
		}
		switch v.kind {
		case idp.Entra:
			through(refusing{r.api, []string{"/deletedItems/"}})
		case idp.Google:
			through(exact{r.api, "/admin/directory/v1/users"})
		default:
			return
		}
		if found := r.bound(jane); len(found.People) != 1 {
			t.Errorf("%+v", found)
		}
		if found := r.bound(gone); len(found.People) > 0 || !strings.Contains(found.Unclear, "deleted") {
			t.Errorf("%+v", found)
		}
	})
}

// TestGoogleByExternalIDForbidden has 403 of one user, which is not who nobody is.
func TestGoogleByExternalIDForbidden(t *testing.T) {
	r := googleRig(t)
	jane := r.person("jane@company.com")
	deny := func(prefix string) {
		r.api.Refuse(vendorapi.Refusal{Prefix: prefix, Times: 1, Status: http.StatusForbidden, Body: `{"error":{"errors":[{"reason":"forbidden"}]}}`})
	}
	deny("/admin/directory/v1/users/")
	if found := r.bound(jane); len(found.People) > 0 || !strings.Contains(found.Unclear, "does not show") || len(found.Evidence) != 2 {
		t.Errorf("%+v", found)
	}
	gone := r.person("gone@company.com")
	must(t, r.idp.DeleteUser(t.Context(), gone))
	deny("/admin/directory/v1/users/")
	if found := r.bound(gone); len(found.People) != 1 || found.People[0].Status != directory.Deleted {
		t.Errorf("%+v", found)
	}
	r.api.Change(func(o *vendorapi.Options) { o.NoUsers = true })
	if _, err := r.dir.(directory.Binder).ByExternalID(t.Context(), jane); !directory.Forbidden.Is(err) {
		t.Errorf("%v", err)
	}
}

// TestOktaIDIsNoLogin has a login that looks like an id.
func TestOktaIDIsNoLogin(t *testing.T) {
	r := oktaRig(t)
	r.person("00ulogin@company.com")
	if found := r.bound("00ulogin"); len(found.People) > 0 || found.Unclear != "" || !strings.Contains(found.Evidence[0].Saw, "as login") {
		t.Errorf("%+v", found)
	}
}

// TestEntraBinding looks for people by what the mapping makes external ids of.
func TestEntraBinding(t *testing.T) {
	const guest = "pat_elsewhere.example#EXT#@company.onmicrosoft.com"
	for source, c := range map[string]struct {
		id      string // that names jane; "" where it is her object id
		unclear bool   // where nobody is found
	}{
		"objectId":                          {},
		"mailNickname":                      {id: "jane"},
		"mail":                              {id: "jane.smith@company.com"},
		"userPrincipalName":                 {id: "jane@company.com"},
		"originalUserPrincipalName":         {id: "jane@company.com"},
		"onPremisesSamAccountName":          {id: "jsmith"},
		"ToLower([mailNickname])":           {id: "jane"},
		`ToLower([mailNickname], "en")`:     {id: "jane"},
		"Coalesce([mailNickname],[mail])":   {id: "jane"},
		"Coalesce([employeeId],[objectId])": {unclear: false},
		"extensionAttribute15":              {id: "js-ext"},
		"extensionAttribute16":              {unclear: true}, // nobody can be looked for by it
		"extension_1234_name":               {unclear: true},
		`Append([mailNickname], "-x")`:      {unclear: true},
		`Replace([mail], "@", , , "", , )`:  {unclear: true},
	} {
		r := onEntra(t)
		must(t, r.idp.SetMapping(t.Context(), idp.Mapping{More: []idp.AttributeMapping{{Target: "externalId", Source: source}}}))
		jane := r.person("jane@company.com", func(u *idp.User) {
			u.Email, u.Account, u.Extensions = "jane.smith@company.com", "jsmith", map[string]string{"extensionAttribute15": "js-ext"}
		})
		r.person("other@company.com", func(u *idp.User) { u.Email = "jane@elsewhere.example" })
		pat := r.person(guest, func(u *idp.User) { u.Guest = true })
		id := c.id
		if id == "" && !c.unclear {
			id = jane
		}
		sent := strings.ToUpper // AWS may have it in another case
		if id == jane {
			sent = strings.ToLower
		}
		if id != "" {
			if found := r.bound(sent(id)); len(found.People) != 1 || found.People[0].ID != jane || found.People[0].Match != directory.ByExternalID {
				t.Errorf("%s: %+v", source, found)
			}
		}
		for _, nobody := range []string{"nobody", "99999999-0000-4000-8000-000000000000", "x' or 'y"} {
			found := r.bound(nobody)
			unasked := source == "objectId" && !strings.HasPrefix(nobody, "9")
			if len(found.People) > 0 || (found.Unclear != "") != (c.unclear || unasked || source != "objectId") {
				t.Errorf("%s: %q: %+v", source, nobody, found)
			}
		}
		if strings.HasPrefix(source, "Coalesce([mailNickname]") { // an address that the job does not get to
			if found := r.bound("jane.smith@company.com"); len(found.People) > 0 || !strings.Contains(found.Unclear, "was before") {
				t.Errorf("%s: %+v", source, found)
			}
		}
		if source == "userPrincipalName" {
			if found := r.bound("pat@elsewhere.example"); len(found.People) != 1 || found.People[0].ID != pat {
				t.Errorf("guest: %+v", found)
			}
		}
		if c.unclear { // an object id may be it all the same
			if found := r.bound(jane); len(found.People) != 1 || found.People[0].ID != jane {
				t.Errorf("%s: %+v", source, found)
			}
			continue
		}
		must(t, r.idp.DeleteUser(t.Context(), jane))
		if found := r.bound(id); len(found.People) != 1 || found.People[0].ID != jane || found.People[0].Status != directory.Deleted {
			t.Errorf("%s, deleted: %+v", source, found)
		}
	}
}

// TestEntraBindingUnread has a mapping that may not be read.
func TestEntraBindingUnread(t *testing.T) {
	r := onEntra(t)
	jane := r.person("jane@company.com")
	r.renew(refusing{r.api, []string{"/schema"}})
	if found := r.bound(jane); len(found.People) != 1 || found.People[0].ID != jane {
		t.Errorf("%+v", found)
	}
	for _, id := range []string{"jane", "99999999-0000-4000-8000-000000000000"} {
		if found := r.bound(id); len(found.People) > 0 || !strings.Contains(found.Unclear, "does not know") {
			t.Errorf("%+v", found)
		}
	}
}

// TestEntraSharedNickname has an external id that two people have by now.
func TestEntraSharedNickname(t *testing.T) {
	r := onEntra(t)
	must(t, r.idp.SetMapping(t.Context(), idp.Mapping{More: []idp.AttributeMapping{{Target: "externalId", Source: "mailNickname"}}}))
	r.person("jane@company.com")
	r.person("jane@elsewhere.example")
	if found := r.bound("jane"); len(found.People) != 2 || !directory.Several(found.People) {
		t.Errorf("%+v", found)
	}
}
