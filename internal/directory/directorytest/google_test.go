package directorytest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// googleRig is a Workspace of company.com.
func googleRig(t *testing.T, edit ...func(*vendorapi.Options)) *rig {
	t.Helper()
	all := vendors()
	at := slices.IndexFunc(all, func(v vendor) bool { return v.kind == idp.Google })
	return all[at].rig(t, edit...)
}

func (r *rig) look(name string) (directory.PeopleFound, error) {
	r.t.Helper()
	return r.dir.(directory.People).FindPerson(r.t.Context(), name)
}

// one finds exactly one person.
func (r *rig) one(name string) directory.Person {
	r.t.Helper()
	found, err := r.look(name)
	must(r.t, err)
	evident(r.t, r, found.Evidence)
	if len(found.People) != 1 {
		r.t.Fatalf("%q: found %+v", name, found.People)
	}
	return found.People[0]
}

// refusedFor returns the refusal of a question.
func refusedFor(t *testing.T, err error) *directory.Error {
	t.Helper()
	var e *directory.Error
	if !errors.As(err, &e) || e.Kind != directory.Forbidden {
		t.Fatalf("%v", err)
	}
	return e
}

func TestGoogleAPINotEnabled(t *testing.T) {
	r := googleRig(t, func(o *vendorapi.Options) { o.APIDisabled = true })
	errs := map[string]error{}
	_, errs["person"] = r.look("ann@company.com")
	_, errs["foreign person"] = r.look("pat@partner.example")
	_, errs["groups"] = r.dir.(directory.Groups).FindGroups(t.Context(), "Admins")
	_, errs["members"] = r.dir.(directory.Groups).MembersOf(t.Context(), "g")
	_, errs["sign-ins"] = r.dir.(directory.SignIner).SignInFailures(t.Context(), time.Now().Add(-time.Hour), "")
	for what, err := range errs {
		if e := refusedFor(t, err); !strings.Contains(e.Needs, "Enable Admin SDK API") || strings.Contains(e.Needs, "role") {
			t.Errorf("%s: needs %q", what, e.Needs)
		}
	}
}

// Each reason of a 403 has its own remedy, in the old form of an error and in the
// new one.
func TestGoogleReasonsOfForbidden(t *testing.T) {
	for body, needs := range map[string]string{
		`{"error":{"errors":[{"reason":"accessNotConfigured"}]}}`:                                               "Enable Admin SDK API",
		`{"error":{"errors":[{"reason":"forbidden"}],"details":[{"reason":"SERVICE_DISABLED"}]}}`:               "Enable Admin SDK API",
		`{"error":{"details":[{"@type":"type.googleapis.com/google.rpc.Help"},{"reason":"SERVICE_DISABLED"}]}}`: "Enable Admin SDK API",
		`{"error":{"errors":[{"reason":"domainCannotUseApis"}]}}`:                                               "API controls",
		`{"error":{"errors":[{"reason":"insufficientPermissions"}]}}`:                                           "Delegate https://www.googleapis.com/auth/admin.directory.group.readonly to",
		`{"error":{"status":"PERMISSION_DENIED","details":[{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}`:     "Delegate https://www.googleapis.com/auth/admin.directory.group.readonly to",
		`{"error":{"errors":[{"reason":"forbidden"}]}}`:                                                         "the privilege Groups: Read",
		`{"error":{"errors":[],"message":"Admin SDK API has not been used"}}`:                                   "the privilege Groups: Read", // the message decides nothing
		`<html>`: "the privilege Groups: Read",
	} {
		r := googleRig(t)
		r.api.Refuse(vendorapi.Refusal{Prefix: "/admin/", Times: 1, Status: http.StatusForbidden, Body: body})
		_, err := r.dir.(directory.Groups).FindGroups(t.Context(), "Admins")
		if e := refusedFor(t, err); !strings.Contains(e.Needs, needs) {
			t.Errorf("%s: needs %q", body, e.Needs)
		}
	}
}

// An address of another organization is nobody's here, unless nothing can be read.
func TestGoogleForeignDomain(t *testing.T) {
	r := googleRig(t, func(o *vendorapi.Options) { o.Domains = []string{"second.example"} })
	r.person("ann@company.com")
	for _, name := range []string{"pat@partner.example", "Pat@PARTNER.example", "nobody@second.example", "nobody@company.com"} {
		found, err := r.look(name)
		must(t, err)
		evident(t, r, found.Evidence)
		if len(found.People) > 0 || len(found.Evidence) != 2 {
			t.Errorf("%s: %+v", name, found)
		}
		if foreign := strings.Contains(found.Evidence[0].Saw, "outside the organization's domains"); foreign != strings.Contains(strings.ToLower(name), "partner") {
			t.Errorf("%s: %q", name, found.Evidence[0].Saw)
		}
		if foreign := strings.Contains(strings.ToLower(name), "partner"); found.Foreign != foreign {
			t.Errorf("%s: foreign is %t", name, found.Foreign)
		}
	}
	gone := r.person("sub@contractor.example")
	must(t, r.idp.DeleteUser(t.Context(), gone))
	if p := r.one("sub@contractor.example"); p.Status != directory.Deleted {
		t.Errorf("%+v", p)
	}
	r.api.Change(func(o *vendorapi.Options) { o.NoUsers = true })
	for _, name := range []string{"pat@partner.example", "ann@company.com"} {
		_, err := r.look(name)
		if e := refusedFor(t, err); !strings.Contains(e.Needs, "Users: Read") || !strings.Contains(e.Call, "/users/") {
			t.Errorf("%s: %s needs %q", name, e.Call, e.Needs)
		}
	}
}

// A 401 of the Reports API may be a right that is missing: nobody is sent to make a
// new key at once.
func TestGoogleReportsUnauthorized(t *testing.T) {
	const refusal = `{"error":{"code":401,"message":"Access denied. You are not authorized to read activity records.","errors":[{"domain":"global","reason":"authError","message":"Access denied."}]}}`
	r := googleRig(t)
	r.api.Refuse(vendorapi.Refusal{Prefix: "/admin/reports/", Times: 2, Status: http.StatusUnauthorized, Body: refusal})
	_, err := r.dir.(directory.SignIner).SignInFailures(t.Context(), time.Now().Add(-time.Hour), "")
	var e *directory.Error
	if !errors.As(err, &e) || e.Kind != directory.Unauthorized {
		t.Fatalf("%v", err)
	}
	last := -1
	for _, words := range []string{"privilege Reports", "admin.reports.audit.readonly", "Only if every other call is also refused", "new key"} {
		at := strings.Index(e.Needs, words)
		if at <= last {
			t.Errorf("%q is at %d of %q", words, at, e.Needs)
		}
		last = at
	}
	// Of any other call it is the key, whatever the message.
	r.api.Refuse(vendorapi.Refusal{Prefix: "/admin/directory/", Times: 2, Status: http.StatusUnauthorized, Body: refusal})
	_, err = r.dir.(directory.Groups).FindGroups(t.Context(), "Admins")
	if !errors.As(err, &e) || e.Needs != "Create a new key for the service account." {
		t.Errorf("%v", err)
	}
	r.api.Refuse(vendorapi.Refusal{Prefix: "/admin/reports/", Times: 1, Status: http.StatusUnauthorized, Body: refusal}) // an old access token
	if _, err = r.dir.(directory.SignIner).SignInFailures(t.Context(), time.Now().Add(-time.Hour), ""); err != nil {
		t.Errorf("%v", err)
	}
}

// Of the administrator's own domain, 403 has two readings, and both are said.
func TestGoogleForbiddenInTheOwnDomain(t *testing.T) {
	r := googleRig(t)
	r.api.Refuse(vendorapi.Refusal{Prefix: "/admin/directory/v1/users/", Times: 1, Status: http.StatusForbidden, Body: `{"error":{"errors":[{"reason":"forbidden"}]}}`})
	_, err := r.look("ann@company.com")
	if e := refusedFor(t, err); !strings.Contains(e.Needs, "all organizational units") || !strings.Contains(e.Needs, "unmanaged users") {
		t.Errorf("needs %q", e.Needs)
	}
}

// That deleted people cannot be asked for takes nothing from what is known of the
// living.
func TestGoogleAuxiliaryListFails(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound, http.StatusBadRequest} {
		r := googleRig(t)
		r.api.Refuse(vendorapi.Refusal{Prefix: "/admin/directory/v1/users/", Times: 1, Status: http.StatusNotFound, Body: "{}"})
		r.api.Refuse(vendorapi.Refusal{Prefix: "/admin/directory/v1/users", Times: 1, Status: status, Body: "{}"})
		found, err := r.look("nobody@company.com")
		if err != nil || len(found.People) > 0 || len(found.Evidence) != 2 || !strings.Contains(found.Evidence[1].Saw, "is not known") {
			t.Errorf("%d: %+v, %v", status, found, err)
		}
	}
	r := googleRig(t)
	r.api.Refuse(vendorapi.Refusal{Prefix: "/admin/directory/v1/users/", Times: 1, Status: http.StatusBadRequest, Body: `{"error":{"errors":[{"reason":"badRequest"}]}}`})
	if found, err := r.look("no address"); err != nil || len(found.People) > 0 {
		t.Errorf("a key that Google refuses: %+v, %v", found, err)
	}
}

func TestGoogleAliases(t *testing.T) {
	r := googleRig(t)
	r.person("ann@company.com", func(u *idp.User) {
		u.Aliases, u.FixedAliases = []string{"anne@company.com", "ann.doe@company.com"}, []string{"ann@company.com.test-google-a.com"}
	})
	want := []string{"anne@company.com", "ann.doe@company.com", "ann@company.com.test-google-a.com"}
	for name, match := range map[string]directory.Match{"ann@company.com": directory.ByUserName, "ANN@company.com": directory.ByCase, "anne@company.com": directory.ByAlias, "ann@company.com.test-google-a.com": directory.ByAlias} {
		if p := r.one(name); p.Match != match || p.UserName != "ann@company.com" || !slices.Equal(p.Aliases, want) || len(p.Otherwise) > 0 || p.Guest {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// A changed primary address leaves the former one as an alias.
func TestGoogleChangedPrimaryAddress(t *testing.T) {
	r := googleRig(t)
	id := r.person("jane.smith@company.com")
	must(t, r.idp.UpdateUser(t.Context(), id, func(u *idp.User) { u.UserName = "jane.doe@company.com" }))
	p := r.one("jane.smith@company.com")
	if p.ID != id || p.Match != directory.ByAlias || p.UserName != "jane.doe@company.com" || p.Email != "jane.doe@company.com" || !slices.Equal(p.Aliases, []string{"jane.smith@company.com"}) {
		t.Errorf("%+v", p)
	}
	must(t, r.idp.UpdateUser(t.Context(), id, func(u *idp.User) { u.UserName = "jane.smith@company.com" }))
	if p := r.one("jane.smith@company.com"); p.Match != directory.ByUserName || !slices.Equal(p.Aliases, []string{"jane.doe@company.com"}) {
		t.Errorf("changed back: %+v", p)
	}
}

// An id is nobody's name, although Google finds people by it.
func TestGoogleIDIsNoName(t *testing.T) {
	r := googleRig(t)
	if found, err := r.look(r.person("ann@company.com")); err != nil || len(found.People) > 0 {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestGoogleDeletedAndRecreated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := googleRig(t)
		ctx := t.Context()
		first := r.person("ann@company.com", func(u *idp.User) { u.Aliases = []string{"anne@company.com"} })
		must(t, r.idp.DeleteUser(ctx, first))
		if p := r.one("anne@company.com"); p.ID != first || p.Status != directory.Deleted || p.Match != directory.ByAlias {
			t.Errorf("by a former alias: %+v", p)
		}
		time.Sleep(24 * time.Hour)
		second := r.person("ann@company.com")
		if p := r.one("ann@company.com"); p.ID != second || p.Status != directory.Active || p.Match != directory.ByUserName {
			t.Errorf("made again: %+v", p)
		}
		must(t, r.idp.DeleteUser(ctx, second))
		found, err := r.look("ann@company.com")
		must(t, err)
		if len(found.People) != 2 || found.People[0].ID != second || found.People[1].ID != first || directory.Several(found.People) {
			t.Errorf("deleted twice, the last first: %+v", found.People)
		}
		time.Sleep(21 * 24 * time.Hour)
		if found, err = r.look("ann@company.com"); err != nil || len(found.People) > 0 {
			t.Errorf("after 20 days: %+v, %v", found, err)
		}
	})
}

func TestGoogleStatuses(t *testing.T) {
	r := googleRig(t)
	for status, want := range map[idp.Status]directory.Status{idp.Suspended: directory.Suspended, idp.Archived: directory.Archived} {
		name := string(status) + "@company.com"
		must(t, r.idp.UpdateUser(t.Context(), r.person(name), func(u *idp.User) { u.Status = status }))
		if p := r.one(name); p.Status != want || !strings.HasPrefix(p.Said, string(status)) {
			t.Errorf("%+v", p)
		}
	}
	// Who is both is archived, which keeps provisioning away for good.
	both := `{"id":"1","primaryEmail":"x@company.com","suspended":true,"archived":true}`
	r.api.Refuse(vendorapi.Refusal{Prefix: "/admin/directory/v1/users/", Times: 1, Status: http.StatusOK, Body: both})
	if p := r.one("x@company.com"); p.Status != directory.Archived || len(p.Unfit) > 0 {
		t.Errorf("%+v", p)
	}
}

func TestGoogleUnfitNames(t *testing.T) {
	r := googleRig(t)
	for name, c := range map[string]struct{ given, family, unfit string }{
		"fit@company.com":    {"Zoë", "O'Neil-Smith", ""},
		"first@company.com":  {"", "Doe", "the first name is empty"},
		"last@company.com":   {"Jane", " ", "the last name is empty"},
		"colon@company.com":  {"Jane: the 2nd", "Doe", "the first name has the character ':'"},
		"both@company.com":   {"", "<Doe>", "the first name is empty, the last name has the character '<'"},
		"spaces@company.com": {"Mary Jane", "van der Berg", ""},
	} {
		r.person(name, func(u *idp.User) { u.GivenName, u.FamilyName = c.given, c.family })
		if p := r.one(name); strings.Join(p.Unfit, ", ") != c.unfit {
			t.Errorf("%s: %q", name, p.Unfit)
		}
	}
}

func TestGoogleGuest(t *testing.T) {
	r := googleRig(t)
	r.person("pat_partner@company.com", func(u *idp.User) { u.GuestOf = "pat@partner.example" })
	if p := r.one("pat_partner@company.com"); !p.Guest || !slices.Equal(p.Otherwise, []string{"pat@partner.example"}) {
		t.Errorf("%+v", p)
	}
}

func TestGoogleMembersOfAllKinds(t *testing.T) {
	r := googleRig(t, func(o *vendorapi.Options) { o.PageSize = 1 })
	ctx, groups := t.Context(), r.dir.(directory.Groups)
	ann := r.person("ann@company.com")
	all, err := r.idp.CreateGroup(ctx, idp.Group{Name: "All", Everybody: true})
	must(t, err)
	outer, err := r.idp.CreateGroup(ctx, idp.Group{Name: "Outer", Outsiders: []string{"pat@partner.example"}})
	must(t, err)
	must(t, r.idp.AddMember(ctx, outer.ID, ann))
	none, err := groups.MembersOf(ctx, outer.ID)
	must(t, err)
	if want := []string{"ann@company.com person true active", "pat@partner.example person true unknown"}; none.Everybody || !slices.Equal(members(t, r, groups, outer.ID), want) {
		t.Errorf("%+v", none)
	}
	must(t, r.idp.AddMember(ctx, outer.ID, all.ID))
	for id, direct := range map[string]bool{all.ID: true, outer.ID: false} {
		found, err := groups.MembersOf(ctx, id)
		must(t, err)
		at := slices.IndexFunc(found.Members, func(m directory.Member) bool { return m.Provider == "CUSTOMER" })
		if !found.Everybody || at < 0 || found.Members[at].Direct != direct || found.Members[at].Kind != directory.OtherMember || !strings.Contains(found.Members[at].Name, "everybody") {
			t.Errorf("%+v", found)
		}
	}
	odd := `{"members":[{"id":"1","email":"x@partner.example","type":"EXTERNAL"},{"email":"y@partner.example","type":"NEW"},{"id":"3","email":"z@company.com","type":"USER","status":"ARCHIVED"}]}`
	r.api.Refuse(vendorapi.Refusal{Prefix: "/admin/directory/v1/groups/", Times: 1, Status: http.StatusOK, Body: odd})
	want := []string{"x@partner.example other true", "y@partner.example other true", "z@company.com person true archived"}
	if got := members(t, r, groups, "g"); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestGoogleSignIns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := googleRig(t)
		began, ann := time.Now(), r.person("ann@company.com")
		ask := func() directory.SignInsFound {
			found, err := r.dir.(directory.SignIner).SignInFailures(t.Context(), began, ann)
			must(t, err)
			return found
		}
		time.Sleep(time.Minute)
		// One line: two failures, one of another application, and two that worked.
		for _, s := range []vendorapi.SignInFailure{
			{Code: "failure_app_not_enabled_for_user"}, {Code: "failure_request_denied"}, {Code: "failure_app_not_enabled_for_user", Application: "Expenses"},
		} {
			s.UserID = ann
			r.api.FailSignIn(s)
		}
		r.api.SignIn(ann)
		found := ask()
		var got []string
		ids := map[string]bool{}
		for _, s := range found.SignIns {
			got, ids[s.ID] = append(got, s.Code), true
		}
		if strings.Join(got, " ") != "failure_app_not_enabled_for_user failure_request_denied" || len(ids) != 2 || found.LastSuccess.IsZero() {
			t.Errorf("%+v", found)
		}
		// That somebody was not signed in yet refuses nothing.
		began = time.Now().Add(time.Second)
		time.Sleep(time.Minute)
		r.api.FailSignIn(vendorapi.SignInFailure{UserID: ann, Code: "failure_no_passive"})
		if found := ask(); len(found.SignIns) > 0 {
			t.Errorf("an interrupt: %+v", found)
		}
		for code, cause := range map[string]directory.SignInCause{
			"failure_app_not_configured_for_user": directory.SignInEntityID, "failure_user_id_mapping_unavailable": directory.SignInNameID,
			"failure_malformed_request": "", "failure_of_tomorrow": "",
		} {
			began = time.Now().Add(time.Second)
			time.Sleep(time.Minute)
			r.api.FailSignIn(vendorapi.SignInFailure{UserID: ann, Code: code})
			if found := ask(); len(found.SignIns) != 1 || found.SignIns[0].Cause != cause || found.SignIns[0].Code != code {
				t.Errorf("%s: %+v", code, found.SignIns)
			}
		}
	})
}

// TestGoogleApplicationNames counts sign-ins to the application of the catalog's
// name or one that says IAM Identity Center, tells of others that say AWS, and with an
// application in the settings counts that alone.
func TestGoogleApplicationNames(t *testing.T) {
	const ours, beside, other = 1, 2, 3
	for name, is := range map[string]int{
		"Amazon Web Services": ours, "amazon web services": ours, "AWS IAM Identity Center": ours, "aws-sso": ours, "AWS SSO (prod)": ours, "IAM Identity Center": ours, "AWS Single Sign-On": ours,
		"AWS Client VPN": beside, "Amazon Web Services (prod)": beside, "(AWS)": beside, "Amazon Web Services Support": beside,
		"Lawson": other, "AWSome reports": other, "Expenses": other, "SSO": other, "": other,
	} {
		r := googleRig(t, func(o *vendorapi.Options) { o.App.Name = name })
		r.api.FailSignIn(vendorapi.SignInFailure{UserID: r.person("ann@company.com"), Code: "failure_unknown", Application: name})
		if name == "" {
			r.api.Change(func(o *vendorapi.Options) { o.App.Name = "" })
		}
		found, err := r.dir.(directory.SignIner).SignInFailures(t.Context(), time.Now().Add(-time.Hour), "")
		must(t, err)
		told := strings.Contains(found.Evidence[0].Saw, "not counted: "+fmt.Sprintf("%q", name))
		if len(found.SignIns) > 0 != (is == ours) || told != (is == beside) || is == ours && found.SignIns[0].Application != name {
			t.Errorf("%q: %+v", name, found)
		}
		if name == "" {
			continue
		}
		for _, wanted := range []string{name, "Another"} {
			s := r.settings
			s.Application = wanted
			d, err := openGoogle(s, r.client, r.budgets)
			must(t, err)
			found, err := d.(directory.SignIner).SignInFailures(t.Context(), time.Now().Add(-time.Hour), "")
			if err != nil || len(found.SignIns) > 0 != (wanted == name) || strings.Contains(found.Evidence[0].Saw, "not counted") {
				t.Errorf("%q in the settings, %q in the log: %+v, %v", wanted, name, found, err)
			}
		}
	}
}
