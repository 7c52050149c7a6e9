package idp

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	googleUsers   = "https://www.googleapis.com/auth/admin.directory.user.readonly"
	googleGroups  = "https://www.googleapis.com/auth/admin.directory.group.readonly"
	googleMembers = "https://www.googleapis.com/auth/admin.directory.group.member.readonly"
	googleReports = "https://www.googleapis.com/auth/admin.reports.audit.readonly"
)

// googleRoutes are those of the Directory API and the Reports API (discovery
// documents admin:directory_v1 and admin:reports_v1) that say who is who, and the
// token endpoint. Google has none that say how the application stands.
func (a *API) googleRoutes() {
	a.mux.HandleFunc("POST /token", a.googleToken)
	for pattern, route := range map[string]struct {
		scopes []string
		serve  http.HandlerFunc
	}{
		"GET /admin/directory/v1/users":                                          {[]string{googleUsers}, a.googleUsers},
		"GET /admin/directory/v1/users/{user}":                                   {[]string{googleUsers}, a.googleUser},
		"GET /admin/directory/v1/groups":                                         {[]string{googleGroups}, a.googleGroups},
		"GET /admin/directory/v1/groups/{group}/members":                         {[]string{googleMembers, googleGroups}, a.googleMembers},
		"GET /admin/reports/v1/activity/users/{user}/applications/{application}": {[]string{googleReports}, a.googleActivities},
	} {
		a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			switch known, may := a.bearer(r, route.scopes...); {
			case !known:
				googleError(w, http.StatusUnauthorized, "authError", "Request had invalid authentication credentials.")
			case !may:
				googleError(w, http.StatusForbidden, "insufficientPermissions", "Request had insufficient authentication scopes.")
			default:
				route.serve(w, r)
			}
		})
	}
	a.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { googleMissing(w, "endpoint") })
}

func googleError(w http.ResponseWriter, status int, reason, message string) {
	answer(w, status, map[string]any{"error": map[string]any{
		"code": status, "message": message, "errors": []any{map[string]any{"domain": "global", "reason": reason, "message": message}},
	}})
}

func googleMissing(w http.ResponseWriter, what string) {
	googleError(w, http.StatusNotFound, "notFound", "Resource Not Found: "+what)
}

// googleToken takes an assertion of the service account that acts as an
// administrator, and demands that the scopes were delegated.
func (a *API) googleToken(w http.ResponseWriter, r *http.Request) {
	o := a.options()
	if r.FormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		tokenError(w, http.StatusBadRequest, "unsupported_grant_type", "Invalid grant_type.")
		return
	}
	c, err := assertion(r.FormValue("assertion"), o.ClientKey, address(r)+"/token")
	scopes := strings.Fields(c.Scope)
	switch {
	case err != nil || c.Issuer != o.ClientID:
		tokenError(w, http.StatusBadRequest, "invalid_grant", "Invalid JWT Signature.")
	case c.Subject != o.Subject:
		tokenError(w, http.StatusBadRequest, "invalid_grant", "Invalid email or User ID")
	case len(scopes) == 0 || !o.allowed(scopes):
		tokenError(w, http.StatusUnauthorized, "unauthorized_client", "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.")
	default:
		a.issue(w, scopes)
	}
}

// googlePage answers with one page under a name.
func googlePage[T any](a *API, w http.ResponseWriter, r *http.Request, kind, name string, items []T, otherwise, most int, show func(T) any) {
	q := r.URL.Query()
	part, next, ok := page(a, items, number(q.Get("maxResults"), otherwise, most), q.Get("pageToken"))
	if !ok {
		googleError(w, http.StatusBadRequest, "invalid", "Invalid Input: pageToken")
		return
	}
	out := make([]any, len(part))
	for i, item := range part {
		out[i] = show(item)
	}
	body := map[string]any{"kind": kind, "etag": "\"tag\""}
	if len(out) > 0 { // Google leaves empty lists out
		body[name] = out
	}
	if next != "" {
		body["nextPageToken"] = next
	}
	answer(w, http.StatusOK, body)
}

func googleUser(u User) any {
	body := map[string]any{
		"kind": "admin#directory#user", "id": u.ID, "primaryEmail": u.UserName, "name": map[string]any{"givenName": u.GivenName, "familyName": u.FamilyName, "fullName": u.DisplayName},
		"suspended": u.Status == Suspended, "archived": u.Status == Archived, "creationTime": stamp(u.Created), "orgUnitPath": "/" + strings.Trim(u.OrgUnit, "/"),
		"isEnrolledIn2Sv": true,
	}
	if u.Email != "" && u.Email != u.UserName {
		body["aliases"] = []string{u.Email}
	}
	if u.Status == Suspended {
		body["suspensionReason"] = "ADMIN"
	}
	return body
}

// googleByKey finds a living user by id, primary address or alias.
func (s Snapshot) googleByKey(key string) (User, bool) {
	users := s.living()
	at := slices.IndexFunc(users, func(u User) bool {
		return u.ID == key || strings.EqualFold(u.UserName, key) || strings.EqualFold(u.Email, key)
	})
	if at < 0 {
		return User{}, false
	}
	return users[at], true
}

func (a *API) googleUser(w http.ResponseWriter, r *http.Request) {
	u, ok := a.d.Snapshot().googleByKey(r.PathValue("user"))
	if !ok {
		googleMissing(w, "userKey")
		return
	}
	answer(w, http.StatusOK, googleUser(u))
}

// clause is a query such as email=x or name='x y'.
var clause = regexp.MustCompile(`^(email|name)=(?:'((?:[^'\\]|\\.)*)'|([^' ]+))$`)

func readClause(text string) (field, value string, ok bool) {
	m := clause.FindStringSubmatch(text)
	if m == nil {
		return "", "", text == ""
	}
	return m[1], strings.NewReplacer(`\'`, `'`, `\\`, `\`).Replace(m[2] + m[3]), true
}

// googleUsers lists users, or with showDeleted those deleted in the last 20 days.
func (a *API) googleUsers(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	field, value, ok := readClause(q.Get("query"))
	if !ok || q.Get("customer") == "" {
		googleError(w, http.StatusBadRequest, "invalid", "Invalid Input: query, or neither domain nor customer was given")
		return
	}
	deleted := q.Get("showDeleted") == "true"
	var found []User
	for _, u := range a.d.Snapshot().Users {
		recent := time.Since(u.DeletedAt) < 20*24*time.Hour
		if deleted == (u.Status == Deleted) && (!deleted || recent) && (field != "email" || strings.EqualFold(value, u.UserName)) {
			found = append(found, u)
		}
	}
	googlePage(a, w, r, "admin#directory#users", "users", found, 100, 500, googleUser)
}

// address is a group's, made from its name.
func (g Group) address() string {
	return strings.ToLower(regexp.MustCompile(`[^A-Za-z0-9]+`).ReplaceAllString(g.Name, "-")) + "@groups.example"
}

func googleGroup(g Group) any {
	return map[string]any{"kind": "admin#directory#group", "id": g.ID, "email": g.address(), "name": g.Name, "description": g.Description, "directMembersCount": "0", "adminCreated": true}
}

func (a *API) googleGroups(w http.ResponseWriter, r *http.Request) {
	q, s := r.URL.Query(), a.d.Snapshot()
	field, value, ok := readClause(q.Get("query"))
	if !ok || q.Get("customer") == "" && q.Get("userKey") == "" {
		googleError(w, http.StatusBadRequest, "invalid", "Invalid Input")
		return
	}
	member := ""
	if key := q.Get("userKey"); key != "" {
		u, ok := s.googleByKey(key)
		if !ok {
			googleMissing(w, "userKey")
			return
		}
		member = u.ID
	}
	var found []Group
	for _, g := range s.Groups {
		named := field == "" || field == "name" && strings.EqualFold(value, g.Name) || field == "email" && strings.EqualFold(value, g.address())
		if named && (member == "" || slices.Contains(s.Memberships, Membership{GroupID: g.ID, MemberID: member})) {
			found = append(found, g)
		}
	}
	googlePage(a, w, r, "admin#directory#groups", "groups", found, 200, 200, googleGroup)
}

func (a *API) googleMembers(w http.ResponseWriter, r *http.Request) {
	s, id := a.d.Snapshot(), r.PathValue("group")
	if !slices.ContainsFunc(s.Groups, func(g Group) bool { return g.ID == id }) {
		googleMissing(w, "groupKey")
		return
	}
	all := r.URL.Query().Get("includeDerivedMembership") == "true"
	googlePage(a, w, r, "admin#directory#members", "members", around(id, s.membersOf, all), 200, 200, func(id string) any {
		m := map[string]any{"kind": "admin#directory#member", "id": id, "role": "MEMBER", "status": "ACTIVE", "type": "GROUP"}
		for _, g := range s.Groups {
			if g.ID == id {
				m["email"] = g.address()
			}
		}
		for _, u := range s.Users {
			if u.ID == id {
				m["type"], m["email"] = "USER", u.UserName
				if u.Status != Active {
					m["status"] = "SUSPENDED"
				}
			}
		}
		return m
	})
}

// googleActivities serves failed sign-ins of the application "saml", newest
// first, and nothing for others.
func (a *API) googleActivities(w http.ResponseWriter, r *http.Request) {
	q, s, key := r.URL.Query(), a.d.Snapshot(), r.PathValue("user")
	since, err := time.Parse(time.RFC3339, q.Get("startTime"))
	if err != nil && q.Get("startTime") != "" {
		googleError(w, http.StatusBadRequest, "invalid", "Invalid Input: startTime")
		return
	}
	u, ok := s.googleByKey(key)
	if !ok && key != "all" {
		googleMissing(w, "userKey")
		return
	}
	var found []SignInFailure
	for _, f := range a.signInLog() {
		if r.PathValue("application") == "saml" && (key == "all" || f.UserID == u.ID) && !f.Time.Before(since) && (q.Get("eventName") == "" || q.Get("eventName") == f.googleEvent()) {
			found = append(found, f)
		}
	}
	googlePage(a, w, r, "admin#reports#activities", "items", found, 1000, 1000, func(f SignInFailure) any {
		who, _ := s.googleByKey(f.UserID)
		parameter := func(name, value string) any { return map[string]any{"name": name, "value": value} }
		return map[string]any{
			"kind": "admin#reports#activity", "id": map[string]any{"time": stamp(f.Time), "uniqueQualifier": fmt.Sprint(f.Time.UnixNano()), "applicationName": "saml", "customerId": "C01"},
			"actor": map[string]any{"email": who.UserName, "profileId": who.ID},
			"events": []any{map[string]any{"type": "login", "name": f.googleEvent(), "parameters": []any{
				parameter("application_name", a.options().App.Name), parameter("failure_type", f.Code), parameter("orgunit_path", "/"), parameter("initiated_by", "sp"),
			}}},
		}
	})
}

func (s SignInFailure) googleEvent() string {
	if s.worked {
		return "login_success"
	}
	return "login_failure"
}
