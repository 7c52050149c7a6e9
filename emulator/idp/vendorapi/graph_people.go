package vendorapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
)

// graphUser is a user as Graph shows it. What is empty is null, and the user
// principal name of one who was deleted begins with the id.
func graphUser(u idp.User) any {
	kind := "Member"
	if u.Guest {
		kind = "Guest"
	}
	name := u.UserName
	if u.Status == idp.Deleted {
		name = strings.ReplaceAll(u.ID, "-", "") + name
	}
	return map[string]any{
		"@odata.type": "#microsoft.graph.user", "id": u.ID, "userPrincipalName": name, "mail": textOrNull(u.Email), "displayName": textOrNull(u.DisplayName),
		"givenName": textOrNull(u.GivenName), "surname": textOrNull(u.FamilyName), "accountEnabled": u.Status == idp.Active, "userType": kind,
		"mailNickname": u.Nickname(), "proxyAddresses": proxies(u), "onPremisesSamAccountName": textOrNull(u.Account), "deletedDateTime": stampOrNull(u.DeletedAt),
		"onPremisesExtensionAttributes": extensions(u),
	}
}

// extensions are all fifteen, null where they are empty.
func extensions(u idp.User) map[string]any {
	all := map[string]any{}
	for i := range 15 {
		name := fmt.Sprint("extensionAttribute", i+1)
		all[name] = textOrNull(u.Extensions[name])
	}
	return all
}

// proxies are the addresses of a mailbox; SMTP in capitals is the primary one.
func proxies(u idp.User) []string {
	out := []string{}
	if u.Email != "" {
		out = append(out, "SMTP:"+u.Email)
	}
	for _, alias := range u.Aliases {
		out = append(out, "smtp:"+alias)
	}
	return out
}

func graphGroup(g idp.Group) any {
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
		"mailEnabled": g.Unified, "mailNickname": g.Nickname(), "groupTypes": types, "membershipRule": textOrNull(g.Rule), "membershipRuleProcessingState": state,
	}
}

// graphUsers takes filters joined by "or".
func (a *API) graphUsers(w http.ResponseWriter, r *http.Request, tests []test) {
	a.graphFound(w, r, tests, a.view().living())
}

// graphDeleted serves users who were deleted, for 30 days.
func (a *API) graphDeleted(w http.ResponseWriter, r *http.Request, tests []test) {
	a.graphFound(w, r, tests, filter(a.view().Users, func(u idp.User) bool {
		return u.Status == idp.Deleted && time.Since(u.DeletedAt) <= 30*24*time.Hour
	}))
}

func (a *API) graphFound(w http.ResponseWriter, r *http.Request, tests []test, users []idp.User) {
	if advanced(r, tests) {
		badFilter(w)
		return
	}
	found := slices.DeleteFunc(users, func(u idp.User) bool {
		shown, _ := graphUser(u).(map[string]any)
		return len(tests) > 0 && !slices.ContainsFunc(tests, func(t test) bool {
			if t.property == "proxyAddresses" {
				return t.meets(proxies(u)...)
			}
			value, _ := shown[t.property].(string)
			if name, of := strings.CutPrefix(t.property, "onPremisesExtensionAttributes/"); of {
				value = u.Extensions[name]
			}
			return value != "" && t.meets(value)
		})
	})
	graphPage(a, w, r, found, graphUser)
}

func (v view) graphUser(key string) (idp.User, bool) {
	return find(v.living(), func(u idp.User) bool { return u.ID == key || strings.EqualFold(u.UserName, key) })
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
	u, ok := a.view().graphUser(name)
	if !ok {
		graphMissing(w, name)
		return
	}
	answer(w, http.StatusOK, graphUser(u))
}

// objects shows users and groups by id.
func (v view) objects(ids []string) (all []any) {
	for _, id := range ids {
		if u, ok := v.user(id); ok {
			all = append(all, graphUser(u))
		} else if g, ok := v.group(id); ok {
			all = append(all, graphGroup(g))
		}
	}
	return all
}

func (a *API) graphMemberOf(all bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := a.view()
		u, ok := v.graphUser(r.PathValue("user"))
		if !ok {
			graphMissing(w, r.PathValue("user"))
			return
		}
		graphPage(a, w, r, v.objects(around(u.ID, v.groupsOf, all)), same)
	}
}

// ofGraphGroup finds the group that a path names by its id.
func (a *API) ofGraphGroup(serve func(http.ResponseWriter, *http.Request, view, idp.Group)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, id := a.view(), r.PathValue("group")
		g, ok := v.group(id)
		if !ok {
			graphMissing(w, id)
			return
		}
		serve(w, r, v, g)
	}
}

func (a *API) graphMembers(all bool) func(http.ResponseWriter, *http.Request, view, idp.Group) {
	return func(w http.ResponseWriter, r *http.Request, v view, g idp.Group) {
		_, names := a.bearer(r, "User.Read.All", "Directory.Read.All")
		graphPage(a, w, r, v.objects(around(g.ID, v.membersOf, all)), func(o any) any {
			if m, _ := o.(map[string]any); !names && m["@odata.type"] == "#microsoft.graph.user" {
				return map[string]any{"@odata.type": m["@odata.type"], "id": m["id"], "userPrincipalName": nil, "displayName": nil, "accountEnabled": nil}
			}
			return o
		})
	}
}

func (a *API) graphGroup(w http.ResponseWriter, _ *http.Request, _ view, g idp.Group) {
	answer(w, http.StatusOK, graphGroup(g))
}

// graphGroups takes filters on displayName or id, joined by "or".
func (a *API) graphGroups(w http.ResponseWriter, r *http.Request, tests []test) {
	found := slices.DeleteFunc(a.view().Groups, func(g idp.Group) bool {
		return len(tests) > 0 && !slices.ContainsFunc(tests, func(t test) bool {
			return t.property == "displayName" && t.meets(g.Name) || t.property == "id" && t.meets(g.ID)
		})
	})
	graphPage(a, w, r, found, graphGroup)
}

// graphEligible takes a filter on groupId and principalId.
func (a *API) graphEligible(w http.ResponseWriter, r *http.Request, tests []test) {
	if len(tests) == 0 {
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
	graphPage(a, w, r, found, func(e Eligibility) any {
		access := "member"
		if e.Owner {
			access = "owner"
		}
		return map[string]any{
			"id": e.GroupID + "_" + access + "_" + a.guid(e.UserID), "accessId": access, "groupId": e.GroupID, "principalId": e.UserID, "memberType": "direct",
			"startDateTime": stampOrNull(e.From), "endDateTime": stampOrNull(e.Until),
		}
	})
}
