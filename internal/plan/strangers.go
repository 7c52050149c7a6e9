package plan

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// UnmanagedUser is a person in AWS whom an internal config does not name. Nothing
// deletes them but `removed_users`.
type UnmanagedUser struct {
	User   string   `json:"user"`
	Groups []string `json:"groups,omitempty"`
	// Reaches are the permission sets and accounts that the person has, through
	// these groups or directly, as far as was read.
	Reaches []Reach `json:"reaches,omitempty"`
}

// Reach is a permission set that someone has in an account.
type Reach struct {
	PermissionSet string `json:"permission_set"`
	Account       string `json:"account"`
	AccountName   string `json:"account_name"`
}

// unmanagedUsers lists the users that an internal config does not name, with what
// they can reach now.
func (b *Bound) unmanagedUsers() []UnmanagedUser {
	if b.options.SetUp != access.BuiltIn && b.options.SetUp != access.WithoutSCIM || !b.options.Scope.all() {
		return nil
	}
	groups := make(map[int32][]int32)
	for _, m := range b.Live.Memberships {
		if b.desiredUser[m.User] < 0 {
			groups[m.User] = append(groups[m.User], m.Group)
		}
	}
	byPrincipal := map[access.Assignment][]access.Assignment{}
	for _, g := range b.Live.Assignments {
		key := access.Assignment{Kind: g.Kind, Principal: g.Principal}
		byPrincipal[key] = append(byPrincipal[key], g)
	}
	var out []UnmanagedUser
	for i, u := range b.Live.Users {
		if b.desiredUser[i] < 0 {
			out = append(out, b.unmanagedUser(int32(i), u.Username, groups[int32(i)], byPrincipal))
		}
	}
	return out
}

func (b *Bound) unmanagedUser(user int32, name string, groups []int32, byPrincipal map[access.Assignment][]access.Assignment) UnmanagedUser {
	s := UnmanagedUser{User: name}
	assignments := slices.Clone(byPrincipal[access.Assignment{Kind: access.UserPrincipal, Principal: user}])
	for _, g := range groups {
		s.Groups = append(s.Groups, b.Live.Groups[g].Name)
		assignments = append(assignments, byPrincipal[access.Assignment{Kind: access.GroupPrincipal, Principal: g}]...)
	}
	for _, g := range assignments {
		account := b.Live.Accounts[g.Account]
		r := Reach{PermissionSet: b.Live.Sets[g.Set].Name, Account: account.ID, AccountName: account.Name}
		if !slices.Contains(s.Reaches, r) {
			s.Reaches = append(s.Reaches, r)
		}
	}
	return s
}
