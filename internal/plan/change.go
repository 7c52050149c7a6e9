// Package plan decides what has to change so that AWS gives the access that a
// config asks for: Bind turns names into ids and finds what is missing, Diff
// yields the changes as a graph, the guards refuse what is dangerous.
//
// It promises to be pure: the same input yields the same bytes, and nothing
// here knows a context, a clock, a log, the operating system or a network. A
// plan is data that survives JSON; internal/apply carries it out.
package plan

import (
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Kind is what a change is about.
type Kind string

// The kinds. Each change of a kind is one write to AWS (Provisioning: one per
// call of ProvisionPermissionSet).
const (
	User                  Kind = "user"
	Group                 Kind = "group"
	Membership            Kind = "membership"
	PermissionSet         Kind = "permission_set"
	Tags                  Kind = "permission_set_tags"
	Record                Kind = "permission_set_record"
	ManagedPolicy         Kind = "managed_policy"
	CustomerManagedPolicy Kind = "customer_managed_policy"
	InlinePolicy          Kind = "inline_policy"
	PermissionsBoundary   Kind = "permissions_boundary"
	Assignment            Kind = "account_assignment"
	Provisioning          Kind = "provisioning"
)

// Action is what happens to it.
type Action string

// The actions. Provisioning is always an Update.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
)

// ID names a change within its plan; it is made of the kind, the action and
// the key, so the same change has the same id in every plan.
type ID string

// Key names what is changed by the names that people use. Which fields are set
// depends on the kind.
type Key struct {
	User          string `json:"user,omitempty"`
	Group         string `json:"group,omitempty"`
	PermissionSet string `json:"permission_set,omitempty"`
	Policy        string `json:"policy,omitempty"`      // ARN, or path/name
	Account       string `json:"account,omitempty"`     // 12 digits
	OrphanID      string `json:"orphan_id,omitempty"`   // assignments of a principal that is gone
	OrphanType    string `json:"orphan_type,omitempty"` // what it was: GROUP or USER
	AccountName   string `json:"account_name,omitempty"`
	// Level tells the two halves of a detour apart, which edits and provisions a
	// permission set twice.
	Level Level `json:"level,omitempty"`
}

// Level is a half of a detour.
type Level string

// The levels of a detour: Down brings a set to what its old and its new content
// have in common, Up from there to the new.
const (
	Down Level = "down"
	Up   Level = "up"
)

// Refs are the AWS ids of what existed when the plan was made. What the plan
// itself creates has none yet and is found by its name in Key.
type Refs struct {
	PermissionSetARN string `json:"permission_set_arn,omitempty"`
	GroupID          string `json:"group_id,omitempty"`
	UserID           string `json:"user_id,omitempty"`
}

// Value is how something was or will be; exactly one field is set.
type Value struct {
	User          *access.User          `json:"user,omitempty"`
	Group         *access.Group         `json:"group,omitempty"`
	PermissionSet *access.PermissionSet `json:"permission_set,omitempty"`
	Tags          []access.Tag          `json:"tags,omitempty"`
	Document      string                `json:"document,omitempty"` // an inline policy, canonical JSON
	Boundary      *access.Boundary      `json:"permissions_boundary,omitempty"`
	Record        *access.Record        `json:"record,omitempty"`
	// Accounts are the ids of the accounts to provision again.
	Accounts []string `json:"accounts,omitempty"`
}

// Change is one step of a plan. It is data: what does it lives elsewhere.
//
// Values by kind: User, Group and PermissionSet carry the object before and
// after (Create has no Before, Delete no After; a PermissionSet change carries
// only the attributes of Create/UpdatePermissionSet, and for Create the tags);
// Tags carries all tags before and after, but for the record and the unfinished
// mark; Record the record after (a principal that the plan creates has no id in it
// yet), and writing it ends a set's creation; InlinePolicy the documents;
// PermissionsBoundary the boundaries; Provisioning the outdated accounts known
// when the plan was made in After. Memberships, policies and assignments are
// wholly described by their key.
type Change struct {
	ID     ID         `json:"id"`
	Kind   Kind       `json:"kind"`
	Action Action     `json:"action"`
	Key    Key        `json:"key"`
	Refs   Refs       `json:"refs,omitzero"`
	Before *Value     `json:"before,omitempty"`
	After  *Value     `json:"after,omitempty"`
	Reason string     `json:"reason"`
	Source diag.Range `json:"source,omitzero"`
	// DependsOn are the changes that must have succeeded before this one starts.
	DependsOn []ID `json:"depends_on,omitempty"`
}

// PrincipalType returns AWS's type of an assignment's principal: GROUP or USER.
func (c Change) PrincipalType() string {
	switch {
	case c.Key.OrphanType != "":
		return c.Key.OrphanType
	case c.Key.User != "":
		return "USER"
	default:
		return "GROUP"
	}
}

// orphanKey names the assignment of an orphan by AWS's ids.
func (c Change) orphanKey() access.AssignmentID {
	key := access.AssignmentID{SetInAccount: access.SetInAccount{SetARN: c.Refs.PermissionSetARN, Account: c.Key.Account}, Kind: access.GroupPrincipal, Principal: c.Key.OrphanID}
	if c.PrincipalType() == access.UserPrincipal.String() {
		key.Kind = access.UserPrincipal
	}
	return key
}

func makeID(kind Kind, action Action, key Key) ID {
	var b strings.Builder
	b.Grow(96)
	b.WriteString(string(kind))
	b.WriteByte('.')
	b.WriteString(string(action))
	for _, part := range [...]struct{ name, value string }{
		{"set", key.PermissionSet}, {"account", key.Account}, {"policy", key.Policy},
		{"group", key.Group}, {"user", key.User}, {"orphan", key.OrphanID}, {"level", string(key.Level)},
	} {
		if part.value != "" {
			b.WriteByte(' ')
			b.WriteString(part.name)
			b.WriteByte('=')
			b.WriteString(part.value)
		}
	}
	return ID(b.String())
}

// Edit makes the change of one thing that hangs on a permission set. All but tags
// make the set outdated where it is provisioned.
func (c Change) Edit(p *access.PermissionSet) {
	switch c.Kind {
	case Tags:
		p.Tags = slices.Clone(c.After.Tags)
		return
	case ManagedPolicy:
		p.ManagedPolicies = slices.DeleteFunc(p.ManagedPolicies, func(a string) bool { return a == c.Key.Policy })
		if c.Action == Create {
			p.ManagedPolicies = append(p.ManagedPolicies, c.Key.Policy)
		}
	case CustomerManagedPolicy:
		policy := access.ParseCustomerPolicy(c.Key.Policy)
		p.CustomerPolicies = slices.DeleteFunc(p.CustomerPolicies, func(x access.CustomerPolicy) bool { return x == policy })
		if c.Action == Create {
			p.CustomerPolicies = append(p.CustomerPolicies, policy)
		}
	case InlinePolicy:
		p.InlinePolicy = ""
		if c.After != nil {
			p.InlinePolicy = c.After.Document
		}
	case PermissionsBoundary:
		p.Boundary = access.Boundary{}
		if c.After != nil {
			p.Boundary = *c.After.Boundary
		}
	}
	p.Outdated = slices.Clone(p.Provisioned)
}
