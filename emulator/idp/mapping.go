package idp

import (
	"cmp"
	"context"
	"fmt"
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
		d.touchAll()
		return nil
	})
}

// UpdateGroup changes a group with edit. The id and times are not its to change,
// and [Directory.RenameGroup] renames.
func (d *Directory) UpdateGroup(ctx context.Context, id string, edit func(*Group)) error {
	return d.changeGroup(ctx, "update group", id, func(g *team) error {
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
		"userPrincipalName": external(u.UserName), "originalUserPrincipalName": u.UserName, "mail": u.Email, "mailNickname": u.Nickname(),
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
		return g.Nickname()
	}
	return "x-" + g.Name
}

// Nickname is what a group's name in mail is: its name without spaces.
func (g Group) Nickname() string { return strings.ToLower(strings.ReplaceAll(g.Name, " ", "")) }

// Nickname is the user name up to the @.
func (u User) Nickname() string {
	name, _, _ := strings.Cut(u.UserName, "@")
	return name
}
