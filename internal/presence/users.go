package presence

import (
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// User answers about a row of the desired users.
func (a *Answers) User(row int) Item {
	u := a.desired.Users[row]
	at := a.live.UserIndex(u.Username)
	switch {
	case u.Remove:
		return a.removedUser(u, at).named()
	case at >= 0:
		return a.foundUser(u, a.live.Users[at]).named()
	}
	a.findUsers()
	suggestions := a.users.near(u.Username, !u.Referenced)
	if s, ok := a.sameEmail(u); ok && !sameName(suggestions) {
		suggestions = distinct([]Suggestion{s}, suggestions)
	}
	if at := a.inTheirPlace(u); at >= 0 && !sameName(suggestions) {
		other := a.live.Users[at]
		suggestions = append([]Suggestion{{Name: other.Username, ID: other.ID, Match: SameGroup}}, suggestions...)
	}
	return a.missingUser(u, a.users.former(u.Previously, suggestions)).named()
}

// findUsers makes what finds users that a missing one may be.
func (a *Answers) findUsers() {
	if a.users != nil {
		return
	}
	a.named = map[string]bool{}
	for _, u := range a.desired.Users {
		a.named[u.Username] = true
	}
	a.users = newUserFinder(a.allUsers, a.named)
	a.byEmail, a.definedBy = map[string]int{}, map[string]string{}
	for i, u := range a.allUsers {
		if u.Email != "" {
			a.byEmail[names.Fold(u.Email)] = i
		}
	}
	for _, u := range a.desired.Users {
		if u.Email != "" && !u.Referenced && !u.Remove {
			a.definedBy[names.Fold(u.Email)] = u.Username
		}
	}
}

// sameEmail returns who has the address of a user that is missing, in AWS or in the
// config. Whom the config names by that user name is only meant where it refers to the
// missing one: an address is nobody's name.
func (a *Answers) sameEmail(u access.User) (Suggestion, bool) {
	email := emailOf(u)
	if at, there := a.byEmail[email]; there && email != "" && (u.Referenced || !a.named[a.allUsers[at].Username]) {
		return a.users.suggestion(at, SameEmail), true
	}
	name, defined := a.definedBy[email]
	return Suggestion{Name: name, Match: SameEmail}, defined && u.Referenced
}

// inTheirPlace returns the user who is in a group of a user that is missing, where
// that is the only member missing and the other the only one whom the config does
// not name: they may be one person, renamed. -1 where there is none.
func (a *Answers) inTheirPlace(u access.User) int {
	for _, m := range a.desired.Memberships {
		group := a.desired.Groups[m.Group]
		live := a.live.GroupIndex(group.Name)
		if a.desired.Users[m.User].Username != u.Username || live < 0 || a.missingIn(int(m.Group)) != 1 {
			continue
		}
		unnamed := slices.DeleteFunc(slices.Clone(a.live.Members(live)), func(m access.Membership) bool { return a.named[a.live.Users[m.User].Username] })
		if len(unnamed) == 1 {
			return int(unnamed[0].User)
		}
	}
	return -1
}

// missingIn counts the members of a group of the config who are not in AWS.
func (a *Answers) missingIn(group int) int {
	n := 0
	for _, m := range a.desired.Members(group) {
		if a.live.UserIndex(a.desired.Users[m.User].Username) < 0 {
			n++
		}
	}
	return n
}

// emailOf returns the e-mail address, which a user that the config only refers
// to has as its name.
func emailOf(u access.User) string {
	if u.Email == "" && strings.Contains(u.Username, "@") {
		return names.Fold(u.Username)
	}
	return names.Fold(u.Email)
}

func (a *Answers) removedUser(u access.User, at int) Item {
	item := Item{Kind: UserItem, Name: u.Username, Absent: true, Verdict: There}
	if at >= 0 {
		item.Verdict, item.ID = WillNotCome, a.live.Users[at].ID
		item.Finding = a.stillThere(u)
	}
	return item
}

func (a *Answers) foundUser(u, have access.User) Item {
	item := Item{Kind: UserItem, Name: u.Username, Verdict: There, ID: have.ID, Origin: FromUnknown}
	if have.SCIM {
		item.Origin = FromSCIM
	}
	if have.Disabled {
		item.Finding = a.disabled(u)
	}
	return item
}

func (a *Answers) missingUser(u access.User, suggestions []Suggestion) Item {
	item := Item{Kind: UserItem, Name: u.Username, Verdict: WillNotCome, Suggestions: suggestions}
	switch {
	case !u.Referenced:
		item.Finding = a.notApplied(item, u.Origin)
	case item.Alike():
		item.Finding = a.otherName(item, u.Origin)
	case a.scim():
		item.Verdict = NotYet
		item.Finding = a.notSynced(item, u.Origin)
	default:
		item.Finding = a.notDefined(item, u.Origin)
	}
	a.explain(&item)
	return item
}
