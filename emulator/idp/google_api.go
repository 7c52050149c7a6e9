package idp

import (
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
			case a.options().APIDisabled:
				googleNotEnabled(w)
			case !may:
				googleError(w, http.StatusForbidden, "insufficientPermissions", "Request had insufficient authentication scopes.")
			case a.options().NoUsers && strings.HasPrefix(r.URL.Path, "/admin/directory/v1/users"):
				googleForbidden(w)
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

func googleForbidden(w http.ResponseWriter) {
	googleError(w, http.StatusForbidden, "forbidden", "Not Authorized to access this resource/api")
}

// googleNotEnabled is the answer in a project where the API is off: the reason of
// old, and google.rpc.ErrorInfo.
func googleNotEnabled(w http.ResponseWriter) {
	const message = "Admin SDK API has not been used in project 1 before or it is disabled."
	answer(w, http.StatusForbidden, map[string]any{"error": map[string]any{
		"code": http.StatusForbidden, "message": message, "status": "PERMISSION_DENIED",
		"errors":  []any{map[string]any{"domain": "usageLimits", "reason": "accessNotConfigured", "message": message}},
		"details": []any{map[string]any{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com", "metadata": map[string]any{"service": "admin.googleapis.com"}}},
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
		"isEnrolledIn2Sv": true, "isGuestUser": u.GuestOf != "",
	}
	if aliases := u.aliases(); len(aliases) > 0 {
		body["aliases"] = aliases
	}
	if len(u.FixedAliases) > 0 {
		body["nonEditableAliases"] = u.FixedAliases
	}
	if u.GuestOf != "" {
		body["guestAccountInfo"] = map[string]any{"primaryGuestEmail": u.GuestOf}
	}
	if u.Status == Suspended {
		body["suspensionReason"] = "ADMIN"
	}
	if u.Status == Deleted {
		body["deletionTime"] = stamp(u.DeletedAt)
	}
	return body
}

// aliases are those that can be edited; another e-mail address is one.
func (u User) aliases() []string {
	if u.Email != "" && u.Email != u.UserName {
		return append([]string{u.Email}, u.Aliases...)
	}
	return u.Aliases
}

// has says that an address is the user's.
func (u User) has(address string) bool {
	return slices.ContainsFunc(slices.Concat([]string{u.UserName}, u.aliases(), u.FixedAliases), func(own string) bool { return strings.EqualFold(own, address) })
}

// keepAlias makes the former user name an alias, as Google does
// (https://support.google.com/a/answer/9710299), and an alias that became the user
// name none.
func (d *Directory) keepAlias(was User, now *User) {
	if d.kind != Google || was.UserName == now.UserName {
		return
	}
	if now.Email == was.Email && was.Email == was.UserName {
		now.Email = now.UserName
	}
	now.Aliases = slices.DeleteFunc(append(slices.Clone(now.Aliases), was.UserName), func(a string) bool { return strings.EqualFold(a, now.UserName) })
}

// googleByKey finds a living user by id, primary address or alias.
func (s Snapshot) googleByKey(key string) (User, bool) {
	users := s.living()
	at := slices.IndexFunc(users, func(u User) bool { return u.ID == key || u.has(key) })
	if at < 0 {
		return User{}, false
	}
	return users[at], true
}

// foreign says that an address is of no domain of the organization.
func (a *API) foreign(address string, s Snapshot) bool {
	_, domain, found := strings.Cut(address, "@")
	if !found {
		return false
	}
	o := a.options()
	own := append([]string{o.Subject}, o.Domains...)
	for _, u := range s.Users {
		own = append(own, u.UserName)
	}
	return !slices.ContainsFunc(own, func(text string) bool { return strings.EqualFold(text[strings.Index(text, "@")+1:], domain) })
}

func (a *API) googleUser(w http.ResponseWriter, r *http.Request) {
	s, key := a.d.Snapshot(), r.PathValue("user")
	u, ok := s.googleByKey(key)
	switch {
	case ok:
		answer(w, http.StatusOK, googleUser(u))
	case a.foreign(key, s):
		googleForbidden(w)
	default:
		googleMissing(w, "userKey")
	}
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
		if deleted == (u.Status == Deleted) && (!deleted || recent) && (field != "email" || u.has(value)) {
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
