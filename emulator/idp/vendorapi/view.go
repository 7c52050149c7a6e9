package vendorapi

import (
	"slices"

	"github.com/rolecall-dev/rolecall/emulator/idp"
)

// view is what the directory knows, with the look-ups that the APIs need.
type view struct{ idp.Snapshot }

func (a *API) view() view { return view{a.d.Snapshot()} }

func find[T any](list []T, is func(T) bool) (found T, ok bool) {
	if at := slices.IndexFunc(list, is); at >= 0 {
		return list[at], true
	}
	return found, false
}

// filter returns what fits, in a list of its own.
func filter[T any](list []T, fits func(T) bool) (found []T) {
	for _, item := range list {
		if fits(item) {
			found = append(found, item)
		}
	}
	return found
}

func (v view) user(id string) (idp.User, bool) {
	return find(v.Users, func(u idp.User) bool { return u.ID == id })
}

func (v view) group(id string) (idp.Group, bool) {
	return find(v.Groups, func(g idp.Group) bool { return g.ID == id })
}

// living are the users who were not deleted.
func (v view) living() []idp.User {
	return filter(v.Users, func(u idp.User) bool { return u.Status != idp.Deleted })
}

// contains says that a user is directly in a group.
func (v view) contains(group, user string) bool {
	return slices.Contains(v.Memberships, idp.Membership{GroupID: group, MemberID: user})
}

func (v view) membersOf(group string) (members []string) {
	for _, m := range v.Memberships {
		if m.GroupID == group {
			members = append(members, m.MemberID)
		}
	}
	return members
}

func (v view) groupsOf(member string) (groups []string) {
	for _, m := range v.Memberships {
		if m.MemberID == member {
			groups = append(groups, m.GroupID)
		}
	}
	return groups
}

// around returns the ids that are one step from another, or where all are asked for
// any number of steps.
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
