package presence

import (
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// Alike finds what AWS has that a name of a config may mean because people take the
// two for one name. What it needs for a kind is made when it is first asked.
type Alike struct {
	desired, live           *access.State
	users, groups, accounts *names.Index
	byID                    *access.AccountIndex
	byEmail                 map[string]int32
}

// AlikeIn makes it. The states must not change meanwhile, and it is not for several
// goroutines.
func AlikeIn(desired, live *access.State) *Alike { return &Alike{desired: desired, live: live} }

// User returns the live users, by their names and e-mail addresses.
func (a *Alike) User(row int) []int32 {
	if a.users == nil {
		a.users, a.byEmail = names.IndexOf(a.live.Users, func(u access.User) string { return u.Username }), map[string]int32{}
		for i, u := range a.live.Users {
			if u.Email != "" {
				a.byEmail[names.Fold(u.Email)] = int32(i)
			}
		}
	}
	u := a.desired.Users[row]
	out := append(a.users.Same(u.Username), a.users.Same(u.Previously)...)
	if at, there := a.byEmail[emailOf(u)]; there {
		out = append(out, at)
	}
	return out
}

// Group returns the live groups.
func (a *Alike) Group(row int) []int32 {
	if a.groups == nil {
		a.groups = names.IndexOf(a.live.Groups, func(g access.Group) string { return g.Name })
	}
	g := a.desired.Groups[row]
	return append(a.groups.Same(g.Name), a.groups.Same(g.Previously)...)
}

// Account returns the live accounts, by their names and by ids that are written with
// something between the digits, or without the zeros that they begin with.
func (a *Alike) Account(row int) []int32 {
	text := a.desired.Accounts[row].Name
	if access.IsAccountID(text) {
		return nil
	}
	if a.accounts == nil {
		a.accounts, a.byID = names.IndexOf(a.live.Accounts, func(a access.Account) string { return a.Name }), access.NewAccountIndex(a.live.Accounts)
	}
	out := a.accounts.Same(text)
	for _, id := range []string{access.LostZeros(strings.TrimSpace(text)), access.SpacedID(text)} {
		if at, there := a.byID.ByID(id); there {
			out = append(out, at)
		}
	}
	return out
}
