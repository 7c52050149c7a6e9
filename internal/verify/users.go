package verify

import (
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
)

func (c *checker) checkUsers() {
	expected := map[string]bool{}
	for _, u := range c.desired.Users {
		expected[u.Username] = true
	}
	finder := newFinder(c.live.Users, func(u access.User) string { return u.Username }, func(u access.User) string { return u.ID }, expected)
	byEmail := c.liveByEmail(expected)
	for _, u := range c.desired.Users {
		at := c.live.UserIndex(u.Username)
		switch {
		case u.Remove:
			c.report.add(c.removedUser(u, at))
		case at >= 0:
			c.report.add(c.foundUser(u, c.live.Users[at]))
		default:
			suggestions := finder.suggest(u.Username)
			if at, ok := byEmail[emailOf(u)]; ok && !sameName(suggestions) {
				suggestions = append([]Suggestion{finder.suggestion(u.Username, at, SameEmail, 0)}, suggestions...)
			}
			if at := c.inTheirPlace(u, expected); at >= 0 && !sameName(suggestions) {
				suggestions = append([]Suggestion{finder.suggestion(u.Username, at, SameGroup, 0)}, suggestions...)
			}
			c.report.add(c.missingUser(u, finder.former(u.Previously, suggestions)))
		}
	}
}

// inTheirPlace gives the user who is in a group of a user that is missing, where
// that is the only member missing and the other the only one whom the config does
// not name: they may be one person, renamed. -1 where there is none.
func (c *checker) inTheirPlace(u access.User, expected map[string]bool) int {
	for _, m := range c.desired.Memberships {
		group := c.desired.Groups[m.Group]
		live := c.live.GroupIndex(group.Name)
		if c.desired.Users[m.User].Username != u.Username || live < 0 || c.missingIn(int(m.Group)) != 1 {
			continue
		}
		unnamed := slices.DeleteFunc(slices.Clone(c.live.Members(live)), func(m access.Membership) bool { return expected[c.live.Users[m.User].Username] })
		if len(unnamed) == 1 {
			return int(unnamed[0].User)
		}
	}
	return -1
}

// missingIn counts the members of a group of the config who are not in AWS.
func (c *checker) missingIn(group int) int {
	n := 0
	for _, m := range c.desired.Members(group) {
		if c.live.UserIndex(c.desired.Users[m.User].Username) < 0 {
			n++
		}
	}
	return n
}

// liveByEmail has the users that nobody else in the config is meant by.
func (c *checker) liveByEmail(expected map[string]bool) map[string]int {
	out := map[string]int{}
	for i, u := range c.live.Users {
		if u.Email != "" && !expected[u.Username] {
			out[fold(u.Email)] = i
		}
	}
	return out
}

// emailOf gives the e-mail address, which a user that the config only refers
// to has as its name.
func emailOf(u access.User) string {
	if u.Email == "" && strings.Contains(u.Username, "@") {
		return fold(u.Username)
	}
	return fold(u.Email)
}

func (c *checker) removedUser(u access.User, at int) Item {
	item := Item{Kind: UserItem, Name: u.Username, Absent: true, Verdict: There}
	if at >= 0 {
		item.Verdict, item.ID = WillNotCome, c.live.Users[at].ID
		item.Finding = c.stillThere(u)
	}
	return item
}

func (c *checker) foundUser(u, have access.User) Item {
	item := Item{Kind: UserItem, Name: u.Username, Verdict: There, ID: have.ID, Origin: FromUnknown}
	if have.SCIM {
		item.Origin = FromSCIM
	}
	if have.Disabled {
		item.Finding = c.disabled(u)
	}
	return item
}

func (c *checker) missingUser(u access.User, suggestions []Suggestion) Item {
	item := Item{Kind: UserItem, Name: u.Username, Verdict: WillNotCome, Suggestions: suggestions}
	switch {
	case !u.Referenced:
		item.Finding = c.notApplied(UserItem, u.Username, u.Origin)
	case sameName(suggestions):
		item.Finding = c.otherName(UserItem, u.Username, u.Origin, suggestions)
	case c.scim():
		item.Verdict = NotYet
		item.Finding = c.notSynced(UserItem, u.Username, u.Origin)
	default:
		item.Finding = c.notDefined(UserItem, u.Username, u.Origin)
	}
	c.explain(&item)
	return item
}
