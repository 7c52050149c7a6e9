package vendorapi

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/internal/ids"
)

// oktaRoutes are those of Okta's management API (OpenAPI description 2026.06,
// github.com/okta/okta-management-openapi-spec) that say who is who, and how the
// application stands.
func (a *API) oktaRoutes() {
	a.mux.HandleFunc("POST /oauth2/v1/token", a.oktaToken)
	for pattern, route := range map[string]struct {
		scope string
		serve http.HandlerFunc
	}{
		"GET /api/v1/users":                          {"okta.users.read", a.oktaUsers},
		"GET /api/v1/users/{user}":                   {"okta.users.read", a.ofOktaUser(a.oktaUser)},
		"GET /api/v1/users/{user}/groups":            {"okta.users.read", a.ofOktaUser(a.oktaUserGroups)},
		"GET /api/v1/groups":                         {"okta.groups.read", a.oktaGroups},
		"GET /api/v1/groups/{group}":                 {"okta.groups.read", a.ofOktaGroup(a.oktaGroup)},
		"GET /api/v1/groups/{group}/users":           {"okta.groups.read", a.ofOktaGroup(a.oktaGroupUsers)},
		"GET /api/v1/apps":                           {"okta.apps.read", a.oktaApps},
		"GET /api/v1/apps/{app}":                     {"okta.apps.read", a.oktaApp},
		"GET /api/v1/apps/{app}/users/{user}":        {"okta.apps.read", a.ofApp(a.oktaAppUser)},
		"GET /api/v1/apps/{app}/groups":              {"okta.apps.read", a.ofApp(a.oktaAppGroups)},
		"GET /api/v1/apps/{app}/group-push/mappings": {"okta.apps.read okta.groups.read", a.ofApp(a.oktaMappings)},
		"GET /api/v1/apps/{app}/features":            {"okta.apps.read", a.ofApp(a.oktaFeatures)},
		"GET /api/v1/apps/{app}/connections/default": {"okta.apps.read", a.ofApp(a.oktaConnection)},
		"GET /api/v1/apps/{app}/credentials/keys":    {"okta.apps.read", a.ofApp(a.oktaKeys)},
		"GET /api/v1/apps/{app}/sso/saml/metadata":   {"okta.apps.read", a.ofApp(a.oktaMetadata)},
		"GET /api/v1/logs":                           {"okta.logs.read", a.oktaLogs},
	} {
		a.mux.HandleFunc(pattern, a.oktaOnly(route.scope, route.serve))
	}
	a.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		oktaError(w, http.StatusNotFound, "E0000022", "The endpoint does not support the provided HTTP method")
	})
}

func oktaError(w http.ResponseWriter, status int, code, summary string, causes ...string) {
	list := []any{}
	for _, c := range causes {
		list = append(list, map[string]any{"errorSummary": c})
	}
	answer(w, status, map[string]any{"errorCode": code, "errorSummary": summary, "errorLink": code, "errorId": "oae" + code, "errorCauses": list})
}

func oktaMissing(w http.ResponseWriter, id, kind string) {
	oktaError(w, http.StatusNotFound, "E0000007", fmt.Sprintf("Not found: Resource not found: %s (%s)", id, kind))
}

// oktaOnly lets an API token do all, an access token what its scopes say: all of
// those that are named.
func (a *API) oktaOnly(scopes string, serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if token := a.options().Token; token != "" && r.Header.Get("Authorization") == "SSWS "+token {
			serve(w, r)
			return
		}
		known, may := true, true
		for _, scope := range strings.Fields(scopes) {
			is, has := a.bearer(r, scope)
			known, may = known && is, may && has
		}
		switch {
		case !known:
			oktaError(w, http.StatusUnauthorized, "E0000011", "Invalid token provided")
		case !may:
			w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope", error_description="The access token provided does not contain the required scopes."`)
			oktaError(w, http.StatusForbidden, "E0000006", "You do not have permission to perform the requested action")
		default:
			serve(w, r)
		}
	}
}

// oktaToken takes an assertion signed with the client's key, as Okta demands for
// its own scopes.
func (a *API) oktaToken(w http.ResponseWriter, r *http.Request) {
	o := a.options()
	if r.FormValue("grant_type") != "client_credentials" || r.FormValue("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		tokenError(w, http.StatusBadRequest, "unsupported_grant_type", "The authorization grant type is not supported, or no assertion was sent.")
		return
	}
	c, err := assertion(r.FormValue("client_assertion"), o.ClientKey, address(r)+"/oauth2/v1/token")
	if err == nil && (c.Issuer != o.ClientID || c.Subject != o.ClientID || c.ID == "") {
		err = fmt.Errorf("issuer and subject are not %q", o.ClientID)
	}
	if err != nil {
		tokenError(w, http.StatusUnauthorized, "invalid_client", "The client_assertion is invalid: "+err.Error())
		return
	}
	scopes := strings.Fields(r.FormValue("scope"))
	if len(scopes) == 0 || !o.allowed(scopes) {
		tokenError(w, http.StatusBadRequest, "invalid_scope", "One or more scopes are not granted to the client application.")
		return
	}
	a.issue(w, scopes)
}

// oktaPage answers with one page and the links to itself and the next.
func oktaPage[T any](a *API, w http.ResponseWriter, r *http.Request, items []T, usually, most int, show func(T) any) {
	q := r.URL.Query()
	list, next, ok := page(a, r, paging{"limit", "after", usually, most}, items, show)
	if !ok {
		oktaError(w, http.StatusBadRequest, "E0000031", "Invalid search criteria.", "after: invalid cursor")
		return
	}
	if first := q.Get("after") == ""; a.options().EmptyFirst {
		switch log := strings.HasSuffix(r.URL.Path, "/logs"); {
		case log && next == "":
			next = cursorAt(len(items))
		case first && !log:
			list, next = []any{}, cursorAt(0)
		}
	}
	here := address(r)
	if host := a.options().LinkHost; host != "" {
		here = "https://" + host
	}
	w.Header().Add("Link", fmt.Sprintf("<%s%s>; rel=\"self\"", here, r.URL.RequestURI()))
	if next != "" {
		q.Set("after", next)
		w.Header().Add("Link", fmt.Sprintf("<%s%s?%s>; rel=\"next\"", here, r.URL.EscapedPath(), q.Encode()))
	}
	answer(w, http.StatusOK, list)
}

func oktaStatus(s idp.Status) string {
	switch s {
	case idp.Active:
		return "ACTIVE"
	case idp.Deleted:
		return "DEPROVISIONED"
	}
	return "SUSPENDED"
}

func oktaUser(u idp.User) any {
	return map[string]any{
		"id": u.ID, "status": oktaStatus(u.Status), "created": stamp(u.Created), "lastUpdated": stamp(u.Updated), "statusChanged": stamp(u.Updated),
		"profile": map[string]any{"login": u.UserName, "email": u.Email, "firstName": u.GivenName, "lastName": u.FamilyName, "displayName": u.DisplayName},
	}
}

func oktaGroup(g idp.Group) any {
	body := map[string]any{
		"id": g.ID, "created": stamp(g.Created), "lastUpdated": stamp(g.Updated), "lastMembershipUpdated": stamp(g.MembershipUpdated),
		"type": "OKTA_GROUP", "objectClass": []string{"okta:user_group"}, "profile": map[string]any{"name": g.Name, "description": g.Description},
		"_links": map[string]any{},
	}
	if g.Source != "" {
		body["type"], body["objectClass"] = "APP_GROUP", []string{"okta:app_group"}
		body["source"], body["_links"] = map[string]any{"id": g.Source}, map[string]any{"source": map[string]any{"href": "https://company.okta.com/api/v1/apps/" + g.Source}}
	}
	return body
}

// everyone is the group that Okta keeps itself.
func (a *API) everyone() map[string]any {
	return map[string]any{
		"id": "00g" + ids.Draw(a.stable("everyone"), ids.Letters, 17), "type": "BUILT_IN",
		"profile": map[string]any{"name": "Everyone", "description": "All users in your organization"},
	}
}

// equality is a filter or search of the form: attribute eq "value".
var equality = regexp.MustCompile(`^([A-Za-z.]+) eq "((?:[^"\\]|\\.)*)"$`)

// alternative is one of several, joined by "or".
var alternative = regexp.MustCompile(`^([A-Za-z.]+) eq "((?:[^"\\]|\\.)*)"(?: or |$)`)

func alternatives(text string) (tests [][]string, ok bool) {
	for text != "" {
		m := alternative.FindStringSubmatch(text)
		if m == nil {
			return nil, false
		}
		tests, text = append(tests, m), text[len(m[0]):]
	}
	return tests, true
}

func unquote(text string) string {
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(text)
}

// oktaUsers searches. A filter minds case, a search does not.
func (a *API) oktaUsers(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	text, folds := q.Get("filter"), false
	if s := q.Get("search"); s != "" {
		text, folds = s, true
	}
	tests, ok := alternatives(text)
	if !ok {
		oktaError(w, http.StatusBadRequest, "E0000031", "Invalid search criteria.")
		return
	}
	found := filter(a.view().Users, func(u idp.User) bool {
		fits := slices.ContainsFunc(tests, func(m []string) bool { return oktaMatches(u, m[1], unquote(m[2]), folds) })
		return fits || text == "" && u.Status != idp.Deleted
	})
	oktaPage(a, w, r, found, 200, 200, oktaUser)
}

func oktaMatches(u idp.User, attribute, value string, folds bool) bool {
	have := map[string]string{"profile.email": u.Email, "profile.login": u.UserName, "id": u.ID, "status": oktaStatus(u.Status)}[attribute]
	return have == value || folds && strings.EqualFold(have, value)
}

// byKey finds a user by id, login, or the part of the login before the @.
func (a *API) byKey(key string) (idp.User, bool) {
	users := a.view().Users
	for _, is := range []func(idp.User) bool{
		func(u idp.User) bool { return u.ID == key },
		func(u idp.User) bool { return strings.EqualFold(u.UserName, key) && u.Status != idp.Deleted },
		func(u idp.User) bool { return strings.EqualFold(u.UserName, key) }, // a deactivated user keeps the login
		func(u idp.User) bool {
			short, _, _ := strings.Cut(u.UserName, "@")
			return strings.EqualFold(short, key) && u.Status != idp.Deleted
		},
	} {
		if u, ok := find(users, is); ok {
			return u, true
		}
	}
	return idp.User{}, false
}

// ofOktaUser finds the user whom a path names.
func (a *API) ofOktaUser(serve func(http.ResponseWriter, *http.Request, idp.User)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		u, ok := a.byKey(r.PathValue("user"))
		if !ok {
			oktaMissing(w, r.PathValue("user"), "User")
			return
		}
		serve(w, r, u)
	}
}

func (a *API) oktaUser(w http.ResponseWriter, _ *http.Request, u idp.User) {
	answer(w, http.StatusOK, oktaUser(u))
}

func (a *API) oktaUserGroups(w http.ResponseWriter, r *http.Request, u idp.User) {
	v := a.withImages()
	all := []any{a.everyone()}
	for _, g := range v.Groups {
		if v.contains(g.ID, u.ID) {
			all = append(all, oktaGroup(g))
		}
	}
	oktaPage(a, w, r, all, 200, 200, same)
}

func (a *API) oktaGroups(w http.ResponseWriter, r *http.Request) {
	text := r.URL.Query().Get("search")
	m := equality.FindStringSubmatch(text)
	if text != "" && (m == nil || m[1] != "profile.name" && m[1] != "id") {
		oktaError(w, http.StatusBadRequest, "E0000031", "Invalid search criteria.")
		return
	}
	found := filter(a.withImages().Groups, func(g idp.Group) bool {
		return m == nil || m[1] == "id" && g.ID == m[2] || m[1] == "profile.name" && strings.EqualFold(g.Name, unquote(m[2]))
	})
	oktaPage(a, w, r, found, 10_000, 10_000, oktaGroup)
}

// ofOktaGroup finds the group that a path names.
func (a *API) ofOktaGroup(serve func(http.ResponseWriter, *http.Request, view, idp.Group)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, id := a.withImages(), r.PathValue("group")
		g, ok := v.group(id)
		if !ok {
			oktaMissing(w, id, "UserGroup")
			return
		}
		serve(w, r, v, g)
	}
}

func (a *API) oktaGroup(w http.ResponseWriter, _ *http.Request, _ view, g idp.Group) {
	answer(w, http.StatusOK, oktaGroup(g))
}

func (a *API) oktaGroupUsers(w http.ResponseWriter, r *http.Request, v view, g idp.Group) {
	oktaPage(a, w, r, filter(v.Users, func(u idp.User) bool { return v.contains(g.ID, u.ID) }), 1000, 1000, oktaUser)
}
