package vendorapi

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator/idp"
)

// graphSchema is the part of the job's schema that says what is provisioned. A job
// beside the one that works has the same, unless it is the one of the groups.
func (a *API) graphSchema(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("job")
	if !slices.Contains(a.graphJobIDs(), id) {
		graphMissing(w, id)
		return
	}
	m := a.view().Mapping
	flows := any("Add, Update, Delete")
	switch {
	case m.FlowsUntold:
		flows = nil
	case a.options().App.CreatesNone:
		flows = "Update, Delete"
	}
	if a.options().App.GroupJob {
		beside := id != a.graphJobID()
		m.UsersOff, m.GroupsOff = m.UsersOff || beside, m.GroupsOff || !beside
		if beside {
			m.UserName = ""
		}
	}
	mapping := func(name string, on bool, scope []idp.Clause, attributes []idp.AttributeMapping) any {
		return map[string]any{
			"enabled": on, "name": "Provision Microsoft Entra ID " + name + "s", "flowTypes": flows, "sourceObjectName": name,
			"targetObjectName": "urn:ietf:params:scim:schemas:core:2.0:" + name, "attributeMappings": graphMappings(attributes, m.UserNameOnce), "scope": graphScope(scope),
		}
	}
	users := append(pairs(
		"userName", cmp.Or(m.UserName, "userPrincipalName"), "displayName", "displayName", "name.givenName", "givenName",
		"name.familyName", "surname", `emails[type eq "work"].value`, "mail", "externalId", "objectId",
	), m.More...)
	groups := pairs("displayName", cmp.Or(m.GroupName, "displayName"), "externalId", "objectId", "members", "members")
	answer(w, http.StatusOK, map[string]any{"id": id, "version": "1", "synchronizationRules": []any{
		map[string]any{"name": "USER_OUTBOUND_USER", "objectMappings": []any{mapping("User", !m.UsersOff, m.UserScope, users), mapping("Group", !m.GroupsOff, m.GroupScope, groups)}},
	}})
}

// pairs makes mappings of targets, each with its source behind it.
func pairs(texts ...string) (all []idp.AttributeMapping) {
	for pair := range slices.Chunk(texts, 2) {
		all = append(all, idp.AttributeMapping{Target: pair[0], Source: pair[1]})
	}
	return all
}

func graphMappings(all []idp.AttributeMapping, once bool) []any {
	var out []any
	for _, m := range all {
		flow := "Always"
		if once && m.Target == "userName" {
			flow = "ObjectAddOnly"
		}
		source := map[string]any{"type": "Attribute", "name": m.Source, "expression": "[" + m.Source + "]", "parameters": []any{}}
		if name, _, function := strings.Cut(m.Source, "("); function {
			source = map[string]any{"type": "Function", "name": name, "expression": m.Source, "parameters": []any{}}
		}
		out = append(out, map[string]any{
			"targetAttributeName": m.Target, "source": source, "defaultValue": nil, "flowType": flow, "flowBehavior": "FlowWhenChanged", "matchingPriority": 0,
		})
	}
	return out
}

func graphScope(clauses []idp.Clause) any {
	if len(clauses) == 0 {
		return nil
	}
	var out []any
	for _, c := range clauses {
		out = append(out, map[string]any{"sourceOperandName": c.Attribute, "operatorName": c.Operator, "targetOperand": map[string]any{"values": []string{c.Value}}})
	}
	return map[string]any{"categoryFilterGroups": []any{}, "inputFilterGroups": []any{}, "groups": []any{map[string]any{"name": "scope", "clauses": out}}}
}
