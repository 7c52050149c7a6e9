package idp

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// graphUser is a user as Graph shows it. What is empty is null, and the user
// principal name of one who was deleted begins with the id.
func graphUser(u User) any {
	kind := "Member"
	if u.Guest {
		kind = "Guest"
	}
	name := u.UserName
	if u.Status == Deleted {
		name = strings.ReplaceAll(u.ID, "-", "") + name
	}
	return map[string]any{
		"@odata.type": "#microsoft.graph.user", "id": u.ID, "userPrincipalName": name, "mail": some(u.Email), "displayName": some(u.DisplayName),
		"givenName": some(u.GivenName), "surname": some(u.FamilyName), "accountEnabled": u.Status == Active, "userType": kind,
		"mailNickname": nickname(u), "proxyAddresses": u.proxies(), "onPremisesSamAccountName": some(u.Account), "deletedDateTime": orNull(u.DeletedAt),
		"onPremisesExtensionAttributes": u.extensions(),
	}
}

func some(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// extensions are all fifteen, null where they are empty.
func (u User) extensions() map[string]any {
	all := map[string]any{}
	for i := range 15 {
		name := fmt.Sprint("extensionAttribute", i+1)
		all[name] = some(u.Extensions[name])
	}
	return all
}

// proxies are the addresses of a mailbox; SMTP in capitals is the primary one.
func (u User) proxies() []string {
	out := []string{}
	if u.Email != "" {
		out = append(out, "SMTP:"+u.Email)
	}
	for _, alias := range u.Aliases {
		out = append(out, "smtp:"+alias)
	}
	return out
}

func graphGroup(g Group) any {
	types, state := []string{}, any(nil)
	if g.Unified {
		types = append(types, "Unified")
	}
	if g.Rule != "" {
		types, state = append(types, "DynamicMembership"), "On"
	}
	if g.RulePaused {
		state = "Paused"
	}
	return map[string]any{
		"@odata.type": "#microsoft.graph.group", "id": g.ID, "displayName": g.Name, "description": g.Description, "securityEnabled": !g.NotSecurity,
		"mailEnabled": g.Unified, "mailNickname": g.nickname(), "groupTypes": types, "membershipRule": some(g.Rule), "membershipRuleProcessingState": state,
	}
}

// living are the users that Graph shows; deleted ones are elsewhere.
func (s Snapshot) living() []User {
	return slices.DeleteFunc(slices.Clone(s.Users), func(u User) bool { return u.Status == Deleted })
}

// graphUsers takes filters joined by "or".
func (a *API) graphUsers(w http.ResponseWriter, r *http.Request) {
	a.graphFound(w, r, a.d.Snapshot().living())
}

// graphDeleted serves users who were deleted, for 30 days.
func (a *API) graphDeleted(w http.ResponseWriter, r *http.Request) {
	a.graphFound(w, r, slices.DeleteFunc(slices.Clone(a.d.Snapshot().Users), func(u User) bool {
		return u.Status != Deleted || time.Since(u.DeletedAt) > 30*24*time.Hour
	}))
}

func (a *API) graphFound(w http.ResponseWriter, r *http.Request, users []User) {
	tests, ok := graphFilter(r.URL.Query().Get("$filter"), "or")
	if !ok || advanced(r, tests) {
		badFilter(w)
		return
	}
	found := slices.DeleteFunc(users, func(u User) bool {
		shown, _ := graphUser(u).(map[string]any)
		return len(tests) > 0 && !slices.ContainsFunc(tests, func(t test) bool {
			if t.property == "proxyAddresses" {
				return t.meets(u.proxies()...)
			}
			value, _ := shown[t.property].(string)
			if name, of := strings.CutPrefix(t.property, "onPremisesExtensionAttributes/"); of {
				value = u.Extensions[name]
			}
			return value != "" && t.meets(value)
		})
	})
	graphPage(a, w, r, found, 100, 999, graphUser)
}

func (s Snapshot) graphUser(key string) (User, bool) {
	users := s.living()
	at := slices.IndexFunc(users, func(u User) bool { return u.ID == key || strings.EqualFold(u.UserName, key) })
	if at < 0 {
		return User{}, false
	}
	return users[at], true
}

// graphUser answers 400 to a name that begins with a dollar: that is how Graph
// takes a path apart.
func (a *API) graphUser(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("user")
	if strings.HasPrefix(name, "$") {
		graphError(w, http.StatusBadRequest, "BadRequest", fmt.Sprintf("Resource not found for the segment '%s'.", name))
		return
	}
	a.graphShow(w, name)
}

// graphUserCall serves /users('name').
func (a *API) graphUserCall(w http.ResponseWriter, r *http.Request) {
	name, users := strings.CutPrefix(r.PathValue("call"), "users('")
	name, whole := strings.CutSuffix(name, "')")
	if !users || !whole {
		graphError(w, http.StatusBadRequest, "BadRequest", "Resource not found for the segment.")
		return
	}
	a.graphShow(w, strings.ReplaceAll(name, "''", "'"))
}

func (a *API) graphShow(w http.ResponseWriter, name string) {
	u, ok := a.d.Snapshot().graphUser(name)
	if !ok {
		graphMissing(w, name)
		return
	}
	answer(w, http.StatusOK, graphUser(u))
}

// around returns the ids that are reached from one by single steps.
func around(from string, step func(string) []string, all bool) []string {
	found := step(from)
	for i := 0; all && i < len(found); i++ {
		for _, id := range step(found[i]) {
			if !slices.Contains(found, id) {
				found = append(found, id)
			}
		}
	}
	return found
}

func (s Snapshot) membersOf(group string) (ids []string) {
	for _, m := range s.Memberships {
		if m.GroupID == group {
			ids = append(ids, m.MemberID)
		}
	}
	return ids
}

func (s Snapshot) groupsOf(member string) (ids []string) {
	for _, m := range s.Memberships {
		if m.MemberID == member {
			ids = append(ids, m.GroupID)
		}
	}
	return ids
}

// objects shows users and groups by id.
func (s Snapshot) objects(ids []string) (all []any) {
	for _, id := range ids {
		if u := slices.IndexFunc(s.Users, func(u User) bool { return u.ID == id }); u >= 0 {
			all = append(all, graphUser(s.Users[u]))
		} else if g := slices.IndexFunc(s.Groups, func(g Group) bool { return g.ID == id }); g >= 0 {
			all = append(all, graphGroup(s.Groups[g]))
		}
	}
	return all
}

func (a *API) graphMemberOf(all bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s := a.d.Snapshot()
		u, ok := s.graphUser(r.PathValue("user"))
		if !ok {
			graphMissing(w, r.PathValue("user"))
			return
		}
		graphPage(a, w, r, s.objects(around(u.ID, s.groupsOf, all)), 100, 999, func(o any) any { return o })
	}
}

func (a *API) graphMembers(all bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, id := a.d.Snapshot(), r.PathValue("group")
		if !slices.ContainsFunc(s.Groups, func(g Group) bool { return g.ID == id }) {
			graphMissing(w, id)
			return
		}
		_, names := a.bearer(r, "User.Read.All", "Directory.Read.All")
		graphPage(a, w, r, s.objects(around(id, s.membersOf, all)), 100, 999, func(o any) any {
			if m, _ := o.(map[string]any); !names && m["@odata.type"] == "#microsoft.graph.user" {
				return map[string]any{"@odata.type": m["@odata.type"], "id": m["id"], "userPrincipalName": nil, "displayName": nil, "accountEnabled": nil}
			}
			return o
		})
	}
}

// graphGroup serves one group by its id.
func (a *API) graphGroup(w http.ResponseWriter, r *http.Request) {
	s, id := a.d.Snapshot(), r.PathValue("group")
	at := slices.IndexFunc(s.Groups, func(g Group) bool { return g.ID == id })
	if at < 0 {
		graphMissing(w, id)
		return
	}
	answer(w, http.StatusOK, graphGroup(s.Groups[at]))
}

// graphGroups takes filters on displayName or id, joined by "or".
func (a *API) graphGroups(w http.ResponseWriter, r *http.Request) {
	tests, ok := graphFilter(r.URL.Query().Get("$filter"), "or")
	if !ok {
		badFilter(w)
		return
	}
	found := slices.DeleteFunc(a.d.Snapshot().Groups, func(g Group) bool {
		return len(tests) > 0 && !slices.ContainsFunc(tests, func(t test) bool {
			return t.property == "displayName" && t.meets(g.Name) || t.property == "id" && t.meets(g.ID)
		})
	})
	graphPage(a, w, r, found, 100, 999, graphGroup)
}

// graphEligible takes a filter on groupId and principalId.
func (a *API) graphEligible(w http.ResponseWriter, r *http.Request) {
	tests, ok := graphFilter(r.URL.Query().Get("$filter"), "and")
	if !ok || len(tests) == 0 {
		badFilter(w)
		return
	}
	o := a.options()
	if o.NoPremium {
		graphError(w, http.StatusBadRequest, "AadPremiumLicenseRequired", "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.")
		return
	}
	found := slices.DeleteFunc(slices.Clone(o.Eligible), func(e Eligibility) bool {
		over := !e.Until.IsZero() && !time.Now().Before(e.Until)
		return over || slices.ContainsFunc(tests, func(t test) bool {
			return !(t.property == "groupId" && t.meets(e.GroupID) || t.property == "principalId" && t.meets(e.UserID))
		})
	})
	graphPage(a, w, r, found, 100, 999, func(e Eligibility) any {
		access := "member"
		if e.Owner {
			access = "owner"
		}
		return map[string]any{
			"id": e.GroupID + "_" + access + "_" + a.d.guid(e.UserID), "accessId": access, "groupId": e.GroupID, "principalId": e.UserID, "memberType": "direct",
			"startDateTime": orNull(e.From), "endDateTime": orNull(e.Until),
		}
	})
}
