package access

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// State is who can do what in which account: desired, as a config asks for it,
// or live, as AWS has it. Both are the same type in the same normal form (made
// by Builder.State), so comparing them is merging sorted tables.
//
// Memberships and assignments refer to rows of the other tables by index, because
// there can be a million of them. AWS ids and origins take no part in
// equality; an orphan has nothing but its id.
type State struct {
	Accounts    []Account       // by ID, then Name
	Users       []User          // by Username
	Groups      []Group         // by Name
	Sets        []PermissionSet // by Name
	Orphans     []Orphan        // by ID
	Memberships []Membership    // by Group, then User
	Assignments []Assignment    // by Set, Account, Kind, Principal
	// Evidence are records of the owner's on permission sets that are not the
	// owner's any more: whoever took them away did not change what names meant.
	Evidence []Recorded
	// Origins holds the places of the config that rows were made from; a row's
	// Origin is an index into it, and 0 means none.
	Origins []diag.Range
	// Observed says what a live state was read from. What was not observed is
	// never taken for absent.
	Observed Observed
}

// Observed says which parts of AWS were read. In a desired state it is empty.
type Observed struct {
	// Read names the way: "fast", "principals" (everybody alive was asked),
	// "pairs", "deep" or "group".
	Read string `json:"read"`
	// Complete says that everybody alive who has a permission set of ours was
	// seen, sets aside that are ignored, and every set's mark, in this very read:
	// only then may "no changes" be said of all of them.
	Complete bool `json:"complete"`
	// Began is when the read began, in nanoseconds of Unix time.
	Began int64 `json:"-"`
	// OtherSets counts the permission sets that are not ours, locks aside, which
	// were not looked at; 0 where only some groups were read.
	OtherSets int `json:"other_permission_sets,omitempty"`
	// CannotSee says in plain words what this way of reading does not show.
	CannotSee []string `json:"cannot_see,omitempty"`
	// Members are the groups, by id, whose memberships were all read.
	Members map[string]bool `json:"-"`
	// Uses are the groups, by id, of which every account and application
	// assignment was read, so that "nothing else uses it" can be said.
	Uses map[string]bool `json:"-"`
	// SetUses are the permission sets, by ARN, of which every assignment was read,
	// those of principals that are gone among them.
	SetUses map[string]bool `json:"-"`
	// CannotRemove has AWS's reason for each assignment of an orphan that it failed
	// to remove when it was last asked to.
	CannotRemove map[AssignmentID]string `json:"-"`
	// SetPrincipals are the permission sets, by ARN, of which everybody alive who has
	// them was seen. SetUses says more.
	SetPrincipals map[string]bool `json:"-"`
}

// SetInAccount is a permission set in an account, by AWS's ids.
type SetInAccount struct{ SetARN, Account string }

// AssignmentID names an account assignment by AWS's ids. Kind is what AWS calls
// the principal: GroupPrincipal or UserPrincipal.
type AssignmentID struct {
	SetInAccount
	Kind      PrincipalKind
	Principal string
}

// MembershipID names a membership by AWS's ids.
type MembershipID struct{ ID, Group, User string }

// Account is an AWS account of the organization. In a desired state that is
// not bound yet only Name is known.
type Account struct {
	ID         string `json:"id"` // 12 digits
	Name       string `json:"name"`
	State      string `json:"state,omitempty"` // AWS's own: ACTIVE, SUSPENDED, ...
	Management bool   `json:"management,omitempty"`
	Origin     int32  `json:"-"`
}

// User is a person in the identity store. All strings but ID are AWS's
// attributes of the same name.
type User struct {
	Username    string `json:"user_name"`
	DisplayName string `json:"display_name,omitempty"`
	Email       string `json:"email,omitempty"`
	GivenName   string `json:"given_name,omitempty"`
	FamilyName  string `json:"family_name,omitempty"`
	ID          string `json:"id,omitempty"`
	// Previously is the former Username of a desired user that is renamed.
	Previously string `json:"-"`
	// Remove marks a desired user that has to go: `removed_users`.
	Remove bool `json:"-"`
	// Referenced marks a desired user that the config names but does not
	// define: it must exist in AWS and is never written.
	Referenced bool `json:"-"`
	SCIM       bool `json:"scim,omitempty"` // live: carries an external id
	// ExternalID is live: the identity provider's own id of the person, as far as its
	// provisioning maps that.
	ExternalID string `json:"-"`
	Disabled   bool   `json:"disabled,omitempty"` // live
	Origin     int32  `json:"-"`
}

// Group is a group of the identity store.
type Group struct {
	Name string `json:"name"`
	// Description is without the owner's mark, whose parts are the next four.
	Description string `json:"description,omitempty"`
	Owner       string `json:"owner,omitempty"`
	Via         string `json:"via,omitempty"`
	Unfinished  string `json:"unfinished,omitempty"`
	// UnknownMark says that the mark has a word that this version does not know.
	UnknownMark bool   `json:"-"`
	ID          string `json:"id,omitempty"`
	// Previously is the former Name of a desired group that is renamed.
	Previously string `json:"-"`
	// Referenced marks a desired group that rolecall does not own: one that
	// SCIM brings, or one that the config names without defining it. It must
	// exist, and is granted access or given members, never edited.
	Referenced bool `json:"-"`
	// SCIM marks a group that belongs to SCIM: in a desired state because the
	// set-up says so, in a live one because it carries an external id.
	SCIM bool `json:"scim,omitempty"`
	// ExternalID is live: the identity provider's own id of the group, where SCIM gave it.
	ExternalID string `json:"-"`
	// Applications counts the application assignments of a live group.
	Applications int   `json:"applications,omitempty"`
	Origin       int32 `json:"-"`
}

// PermissionSet is a permission set with everything on it.
type PermissionSet struct {
	Name             string           `json:"name"`
	Description      string           `json:"description,omitempty"`
	SessionDuration  string           `json:"session_duration"` // as ISODuration makes it
	RelayState       string           `json:"relay_state,omitempty"`
	ManagedPolicies  []string         `json:"managed_policies,omitempty"` // ARNs, sorted
	CustomerPolicies []CustomerPolicy `json:"customer_managed_policies,omitempty"`
	InlinePolicy     string           `json:"inline_policy,omitempty"` // canonical JSON
	Boundary         Boundary         `json:"permissions_boundary,omitzero"`
	// Tags are by Key: the config's, and the marks of owner, group, source and
	// front door. The unfinished mark and the record have fields of their own.
	Tags  []Tag  `json:"tags,omitempty"`
	Owner string `json:"owner,omitempty"`
	Via   string `json:"via,omitempty"`
	ARN   string `json:"arn,omitempty"`
	// Unfinished is the run that began to make a live set and did not end it.
	Unfinished string `json:"unfinished,omitempty"`
	// Record is what the last apply left on a live set.
	Record Recorded `json:"-"`
	// Provisioned are the ids of the accounts where a live set is provisioned,
	// Outdated those of them where AWS says it is not the latest. Both sorted.
	Provisioned []string `json:"-"`
	Outdated    []string `json:"-"`
	Origin      int32    `json:"-"`
}

// SameContent says that two sets, in the normal form, have the same policies and
// boundary. For how long a session may last is no part of it.
func (p PermissionSet) SameContent(o PermissionSet) bool {
	return p.InlinePolicy == o.InlinePolicy && p.Boundary == o.Boundary && slices.Equal(p.ManagedPolicies, o.ManagedPolicies) &&
		slices.Equal(p.CustomerPolicies, o.CustomerPolicies)
}

// CustomerPolicy names a customer managed policy that has to exist in each
// account; Path begins and ends with a slash.
type CustomerPolicy struct {
	Path string `json:"path"`
	Name string `json:"name"`
}

// String returns path/name without the leading slash, as the config writes it.
func (p CustomerPolicy) String() string { return strings.TrimPrefix(p.Path, "/") + p.Name }

// Boundary is a permissions boundary: an AWS managed policy or a customer
// managed one. The zero value means none.
type Boundary struct {
	ManagedPolicy  string         `json:"managed_policy,omitempty"`
	CustomerPolicy CustomerPolicy `json:"customer_managed_policy,omitzero"`
}

// IsZero says that there is no boundary.
func (b Boundary) IsZero() bool { return b == Boundary{} }

// String names the policy.
func (b Boundary) String() string {
	switch {
	case b.ManagedPolicy != "":
		return b.ManagedPolicy
	case b.IsZero():
		return ""
	default:
		return b.CustomerPolicy.String()
	}
}

// Tag is a tag of a permission set.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Orphan is a principal that assignments name and that no longer exists.
type Orphan struct {
	Kind PrincipalKind `json:"kind"` // what it was: GroupPrincipal or UserPrincipal
	ID   string        `json:"id"`
}

// Membership says that a user is in a group; both are indices.
type Membership struct {
	Group, User int32
	Origin      int32
}

// PrincipalKind says which table an assignment's principal is in.
type PrincipalKind uint8

// The kinds of principals.
const (
	GroupPrincipal PrincipalKind = iota + 1
	UserPrincipal
	OrphanPrincipal
)

// String returns AWS's PrincipalType, or "ORPHAN".
func (k PrincipalKind) String() string {
	switch k {
	case GroupPrincipal:
		return "GROUP"
	case UserPrincipal:
		return "USER"
	default:
		return "ORPHAN"
	}
}

// Assignment is an account assignment: Principal (an index into the table of its
// Kind) has Set in Account.
type Assignment struct {
	Set, Account, Principal int32
	Origin                  int32
	Kind                    PrincipalKind
}

// Mark returns the group's mark.
func (g Group) Mark() Mark { return Mark{Owner: g.Owner, Via: g.Via, Unfinished: g.Unfinished} }

// Compare orders assignments by set, account, kind and principal.
// Most differ in the set, so it stops there: millions are sorted and searched by it.
func (a Assignment) Compare(b Assignment) int {
	if c := cmp.Compare(a.Set, b.Set); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Principal, b.Principal))
}

// Compare orders memberships by group and user.
func (m Membership) Compare(n Membership) int {
	return cmp.Or(cmp.Compare(m.Group, n.Group), cmp.Compare(m.User, n.User))
}

// Range returns the place that an origin stands for; zero where there is none.
func (s *State) Range(origin int32) diag.Range {
	if origin <= 0 || int(origin) >= len(s.Origins) {
		return diag.Range{}
	}
	return s.Origins[origin]
}

// GroupIndex finds a group by its exact name; -1 where there is none.
func (s *State) GroupIndex(name string) int {
	return find(s.Groups, name, func(g Group) string { return g.Name })
}

// UserIndex finds a user by the exact user name; -1 where there is none.
func (s *State) UserIndex(name string) int {
	return find(s.Users, name, func(u User) string { return u.Username })
}

// SetIndex finds a permission set by its exact name; -1 where there is none.
func (s *State) SetIndex(name string) int {
	return find(s.Sets, name, func(p PermissionSet) string { return p.Name })
}

func find[T any](table []T, name string, key func(T) string) int {
	i, ok := slices.BinarySearchFunc(table, name, func(row T, name string) int {
		return cmp.Compare(key(row), name)
	})
	if !ok {
		return -1
	}
	return i
}

// Members returns the memberships of the group at the index.
func (s *State) Members(group int) []Membership {
	return rowsOf(s.Memberships, int32(group), func(m Membership) int32 { return m.Group })
}

// SetAssignments returns the assignments of the permission set at the index.
func (s *State) SetAssignments(set int) []Assignment {
	return rowsOf(s.Assignments, int32(set), func(g Assignment) int32 { return g.Set })
}

// rowsOf returns the rows with an index, by which the table is sorted first.
func rowsOf[T any](table []T, index int32, of func(T) int32) []T {
	compare := func(row T, index int32) int { return cmp.Compare(of(row), index) }
	from, _ := slices.BinarySearchFunc(table, index, compare)
	to, _ := slices.BinarySearchFunc(table, index+1, compare)
	return table[from:to]
}

// Digest tells one live state from another: it is of all rows, and of what was
// read of them. 64 hex digits.
func (s *State) Digest() string {
	h := sha256.New()
	line := func(format string, args ...any) { fmt.Fprintf(h, format+"\n", args...) } // a hash takes everything
	for _, a := range s.Accounts {
		line("account %q %q %q", a.ID, a.Name, a.State)
	}
	for _, u := range s.Users {
		line("user %q %q %q %q %q %q", u.ID, u.Username, u.DisplayName, u.Email, u.GivenName, u.FamilyName)
	}
	for _, g := range s.Groups {
		line("group %q %q %q %q", g.ID, g.Name, g.Description, g.Mark())
	}
	for _, p := range s.Sets {
		line("set %q %q %q %q %q %q %q %q %q %v %q %q %q", p.ARN, p.Name, p.Description, p.SessionDuration, p.RelayState, p.ManagedPolicies,
			p.CustomerPolicyNames(), p.InlinePolicy, p.Boundary.String(), p.Tags, p.Provisioned, p.Outdated, p.Unfinished)
	}
	for _, m := range s.Memberships {
		line("member %q %q", s.Groups[m.Group].ID, s.Users[m.User].ID)
	}
	for _, g := range s.Assignments {
		line("grant %q %q %q %q", s.Sets[g.Set].ARN, s.Accounts[g.Account].ID, g.Kind, s.PrincipalID(g))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// CustomerPolicyNames returns path/name of each customer managed policy of a set.
func (p PermissionSet) CustomerPolicyNames() []string {
	names := make([]string, len(p.CustomerPolicies))
	for i, c := range p.CustomerPolicies {
		names[i] = c.String()
	}
	return names
}

// Principal returns the name and the id of whoever has an assignment. One that is
// gone has no name.
func (s *State) Principal(g Assignment) (name, id string) {
	switch g.Kind {
	case GroupPrincipal:
		return s.Groups[g.Principal].Name, s.Groups[g.Principal].ID
	case UserPrincipal:
		return s.Users[g.Principal].Username, s.Users[g.Principal].ID
	default:
		return "", s.Orphans[g.Principal].ID
	}
}

// PrincipalID is the id of whoever has an assignment, who may be gone.
func (s *State) PrincipalID(g Assignment) string {
	_, id := s.Principal(g)
	return id
}
