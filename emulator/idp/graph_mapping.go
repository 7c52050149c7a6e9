package idp

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Mapping is what an administrator changed of the provisioning job's mappings
// (Entra). What is pushed follows it.
type Mapping struct {
	// UserName is what the user name in AWS is made of: an attribute such as "mail"
	// or "originalUserPrincipalName", or an expression. ToLower([mail]) and
	// ToUpper([mail]), of any attribute, are worked out; any other expression
	// makes the e-mail address with "x-" before it. "" means userPrincipalName.
	UserName string
	// UserNameOnce sends the user name only when a user is created in AWS: it stays
	// what it was then.
	UserNameOnce bool
	// GroupName is what the names of groups in AWS are made of: "mailNickname", or an
	// expression, which makes the group's name with "x-" before it. "" means
	// displayName.
	GroupName string
	// FlowsUntold makes the schema leave open what the mappings do (flowTypes).
	FlowsUntold bool
	// UsersOff and GroupsOff switch a whole object mapping off.
	UsersOff, GroupsOff bool
	// UserScope and GroupScope are scoping filters, of which all clauses have to
	// be met.
	UserScope, GroupScope []Clause
	// More are further mappings of users, which only the schema shows.
	More []AttributeMapping
}

// Clause is a clause of a scoping filter: {"department", "EQUALS", "AWS"}. The
// operators are EQUALS and NOT EQUALS; of users, the attributes are
// userPrincipalName, mail, displayName, department and jobTitle, of groups
// displayName.
type Clause struct{ Attribute, Operator, Value string }

// AttributeMapping maps an attribute of a user, or an expression, to one in AWS:
// {`phoneNumbers[type eq "mobile"].value`, "mobile"}.
type AttributeMapping struct{ Target, Source string }

// SetMapping changes the mappings of the job. What is in AWS follows with the next
// cycle.
func (d *Directory) SetMapping(ctx context.Context, m Mapping) error {
	return d.lock(ctx, func() error {
		if d.kind != Entra {
			return fmt.Errorf("set mapping: a directory of kind %q has none", d.kind)
		}
		d.mapping = m
		for _, id := range d.order {
			if d.users[id] != nil {
				d.touchUser(id)
			} else {
				d.touchGroup(id)
			}
		}
		return nil
	})
}

// UpdateGroup changes a group with edit. The id and times are not its to change,
// and [Directory.RenameGroup] renames.
func (d *Directory) UpdateGroup(ctx context.Context, id string, edit func(*Group)) error {
	return d.lock(ctx, func() error {
		g, err := d.group(id)
		if err != nil {
			return fmt.Errorf("update group: %w", err)
		}
		next := g.Group
		edit(&next)
		next.ID, next.Name, next.Created, next.Updated, next.MembershipUpdated = g.ID, g.Name, g.Created, time.Now(), g.MembershipUpdated
		g.Group = next
		d.touchGroup(id)
		d.touchMembersOf(g)
		return nil
	})
}

// EndInQuarantine disables the job, as four weeks of quarantine do (Entra).
func (d *Directory) EndInQuarantine(reason string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.job.Status, d.job.Error, d.job.QuarantinedSince = JobDisabled, reason, time.Now().Add(-quarantineLimit)
}

func (m Mapping) user(u User) bool {
	return !m.UsersOff && meets(m.UserScope, map[string]string{
		"userPrincipalName": u.UserName, "mail": u.Email, "displayName": u.DisplayName, "department": u.Department, "jobTitle": u.Title,
	})
}

func (m Mapping) group(g Group) bool {
	return !m.GroupsOff && !g.NotSecurity && meets(m.GroupScope, map[string]string{"displayName": g.Name})
}

func meets(clauses []Clause, values map[string]string) bool {
	return !slices.ContainsFunc(clauses, func(c Clause) bool {
		return (values[c.Attribute] == c.Value) == (c.Operator == "NOT EQUALS")
	})
}

// external is the user name that Entra ID provisions for a guest: #EXT# and the
// tenant's domain are taken off
// (learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works).
func external(userName string) string {
	alias, _, guest := strings.Cut(userName, "#EXT#@")
	at := strings.LastIndex(alias, "_")
	if !guest || at < 0 {
		return userName
	}
	return alias[:at] + "@" + alias[at+1:]
}

// nameInAWS is the user name that is pushed.
func (d *Directory) nameInAWS(u User) string {
	if d.kind != Entra {
		return u.UserName
	}
	source := cmp.Or(d.mapping.UserName, "userPrincipalName")
	attributes := map[string]string{
		"userPrincipalName": external(u.UserName), "originalUserPrincipalName": u.UserName, "mail": u.Email, "mailNickname": nickname(u),
		"onPremisesSamAccountName": u.Account,
	}
	for i := range 15 {
		name := fmt.Sprint("extensionAttribute", i+1)
		attributes[name] = u.Extensions[name]
	}
	for function, change := range map[string]func(string) string{"ToLower": strings.ToLower, "ToUpper": strings.ToUpper} {
		if inner, ok := strings.CutPrefix(source, function+"(["); ok {
			name, _, _ := strings.Cut(inner, "]")
			return change(attributes[name])
		}
	}
	if value, ok := attributes[source]; ok {
		return value
	}
	return "x-" + u.Email
}

// groupInAWS is the name that a group is pushed under.
func (d *Directory) groupInAWS(g *team) string {
	switch source := d.mapping.GroupName; source {
	case "", "displayName":
		return cmp.Or(g.as, g.Name)
	case "mailNickname":
		return g.nickname()
	}
	return "x-" + g.Name
}

// nickname is what a group's name in mail is: its name without spaces.
func (g Group) nickname() string { return strings.ToLower(strings.ReplaceAll(g.Name, " ", "")) }

func nickname(u User) string {
	name, _, _ := strings.Cut(u.UserName, "@")
	return name
}

// graphSchema is the part of the job's schema that says what is provisioned. A job
// beside the one that works has the same, unless it is the one of the groups.
func (a *API) graphSchema(w http.ResponseWriter, r *http.Request) {
	if !a.isApp(w, r) {
		return
	}
	id := r.PathValue("job")
	if !slices.Contains(a.graphJobIDs(), id) {
		graphMissing(w, id)
		return
	}
	a.d.mu.Lock()
	m := a.d.mapping
	a.d.mu.Unlock()
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
	mapping := func(name string, on bool, scope []Clause, attributes []AttributeMapping) any {
		return map[string]any{
			"enabled": on, "name": "Provision Microsoft Entra ID " + name + "s", "flowTypes": flows, "sourceObjectName": name,
			"targetObjectName": "urn:ietf:params:scim:schemas:core:2.0:" + name, "attributeMappings": graphMappings(attributes, m.UserNameOnce), "scope": graphScope(scope),
		}
	}
	users := append([]AttributeMapping{
		{"userName", cmp.Or(m.UserName, "userPrincipalName")}, {"displayName", "displayName"}, {"name.givenName", "givenName"},
		{"name.familyName", "surname"}, {`emails[type eq "work"].value`, "mail"}, {"externalId", "objectId"},
	}, m.More...)
	groups := []AttributeMapping{{"displayName", cmp.Or(m.GroupName, "displayName")}, {"externalId", "objectId"}, {"members", "members"}}
	answer(w, http.StatusOK, map[string]any{"id": id, "version": "1", "synchronizationRules": []any{
		map[string]any{"name": "USER_OUTBOUND_USER", "objectMappings": []any{mapping("User", !m.UsersOff, m.UserScope, users), mapping("Group", !m.GroupsOff, m.GroupScope, groups)}},
	}})
}

func graphMappings(all []AttributeMapping, once bool) []any {
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

func graphScope(clauses []Clause) any {
	if len(clauses) == 0 {
		return nil
	}
	var out []any
	for _, c := range clauses {
		out = append(out, map[string]any{"sourceOperandName": c.Attribute, "operatorName": c.Operator, "targetOperand": map[string]any{"values": []string{c.Value}}})
	}
	return map[string]any{"categoryFilterGroups": []any{}, "inputFilterGroups": []any{}, "groups": []any{map[string]any{"name": "scope", "clauses": out}}}
}
