package vendorapi

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
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
func googlePage[T any](a *API, w http.ResponseWriter, r *http.Request, kind, name string, items []T, usually, most int, show func(T) any) {
	list, next, ok := page(a, r, paging{"maxResults", "pageToken", usually, most}, items, show)
	if !ok {
		googleError(w, http.StatusBadRequest, "invalid", "Invalid Input: pageToken")
		return
	}
	body := map[string]any{"kind": kind, "etag": "\"tag\""}
	if len(list) > 0 { // Google leaves empty lists out
		body[name] = list
	}
	if next != "" {
		body["nextPageToken"] = next
	}
	answer(w, http.StatusOK, body)
}

func googleUser(u idp.User) any {
	body := map[string]any{
		"kind": "admin#directory#user", "id": u.ID, "primaryEmail": u.UserName, "name": map[string]any{"givenName": u.GivenName, "familyName": u.FamilyName, "fullName": u.DisplayName},
		"suspended": u.Status == idp.Suspended, "archived": u.Status == idp.Archived, "creationTime": stamp(u.Created), "orgUnitPath": "/" + strings.Trim(u.OrgUnit, "/"),
		"isEnrolledIn2Sv": true, "isGuestUser": u.GuestOf != "",
	}
	if aliases := aliases(u); len(aliases) > 0 {
		body["aliases"] = aliases
	}
	if len(u.FixedAliases) > 0 {
		body["nonEditableAliases"] = u.FixedAliases
	}
	if u.GuestOf != "" {
		body["guestAccountInfo"] = map[string]any{"primaryGuestEmail": u.GuestOf}
	}
	if u.Status == idp.Suspended {
		body["suspensionReason"] = "ADMIN"
	}
	if u.Status == idp.Deleted {
		body["deletionTime"] = stamp(u.DeletedAt)
	}
	return body
}

// aliases are those that can be edited; another e-mail address is one.
func aliases(u idp.User) []string {
	if u.Email != "" && u.Email != u.UserName {
		return append([]string{u.Email}, u.Aliases...)
	}
	return u.Aliases
}

// hasAddress says that an address is the user's.
func hasAddress(u idp.User, address string) bool {
	return slices.ContainsFunc(slices.Concat([]string{u.UserName}, aliases(u), u.FixedAliases), func(own string) bool { return strings.EqualFold(own, address) })
}

// googleByKey finds a living user by id, primary address or alias.
func (v view) googleByKey(key string) (idp.User, bool) {
	return find(v.living(), func(u idp.User) bool { return u.ID == key || hasAddress(u, key) })
}

// foreign says that an address is of no domain of the organization.
func (a *API) foreign(address string, v view) bool {
	_, domain, found := strings.Cut(address, "@")
	if !found {
		return false
	}
	o := a.options()
	own := append([]string{o.Subject}, o.Domains...)
	for _, u := range v.Users {
		own = append(own, u.UserName)
	}
	return !slices.ContainsFunc(own, func(text string) bool { return strings.EqualFold(text[strings.Index(text, "@")+1:], domain) })
}

func (a *API) googleUser(w http.ResponseWriter, r *http.Request) {
	v, key := a.view(), r.PathValue("user")
	u, ok := v.googleByKey(key)
	switch {
	case ok:
		answer(w, http.StatusOK, googleUser(u))
	case a.foreign(key, v):
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
	found := filter(a.view().Users, func(u idp.User) bool {
		recent := time.Since(u.DeletedAt) < 20*24*time.Hour
		return deleted == (u.Status == idp.Deleted) && (!deleted || recent) && (field != "email" || hasAddress(u, value))
	})
	googlePage(a, w, r, "admin#directory#users", "users", found, 100, 500, googleUser)
}

// groupAddress is a group's, made from its name.
func groupAddress(g idp.Group) string {
	return strings.ToLower(regexp.MustCompile(`[^A-Za-z0-9]+`).ReplaceAllString(g.Name, "-")) + "@groups.example"
}

func googleGroup(g idp.Group) any {
	return map[string]any{"kind": "admin#directory#group", "id": g.ID, "email": groupAddress(g), "name": g.Name, "description": g.Description, "directMembersCount": "0", "adminCreated": true}
}

func (a *API) googleGroups(w http.ResponseWriter, r *http.Request) {
	q, v := r.URL.Query(), a.view()
	field, value, ok := readClause(q.Get("query"))
	if !ok || q.Get("customer") == "" && q.Get("userKey") == "" {
		googleError(w, http.StatusBadRequest, "invalid", "Invalid Input")
		return
	}
	member := ""
	if key := q.Get("userKey"); key != "" {
		u, ok := v.googleByKey(key)
		if !ok {
			googleMissing(w, "userKey")
			return
		}
		member = u.ID
	}
	found := filter(v.Groups, func(g idp.Group) bool {
		named := field == "" || field == "name" && strings.EqualFold(value, g.Name) || field == "email" && strings.EqualFold(value, groupAddress(g))
		return named && (member == "" || v.contains(g.ID, member))
	})
	googlePage(a, w, r, "admin#directory#groups", "groups", found, 200, 200, googleGroup)
}
