package directory

import (
	"slices"
	"strings"
)

// MatchOf says by what a name finds a person who has these user names and this e-mail
// address; an alias where it is none of them.
func MatchOf(name, email string, userNames ...string) Match {
	equal := func(have string) bool { return strings.EqualFold(have, name) }
	switch {
	case slices.Contains(userNames, name):
		return ByUserName
	case slices.ContainsFunc(userNames, equal):
		return ByCase
	case equal(email):
		return ByEmail
	}
	return ByAlias
}

// Rank sorts the people whom a name found: who is alive comes before who was
// deleted or deactivated, then who has the name as user name before who has it
// as e-mail address or alias. A person who was hired again is both.
func Rank(people []Person) {
	slices.SortStableFunc(people, func(a, b Person) int { return rankOf(a) - rankOf(b) })
}

// Several says that the name does not decide between the first two of ranked
// people. Of those who are all gone the first is as good as any.
func Several(people []Person) bool {
	return len(people) > 1 && people[0].Status != Deleted && rankOf(people[0]) == rankOf(people[1])
}

func rankOf(p Person) int {
	matches := []Match{ByUserName, ByCase, ByEmail, ByAlias, ByExternalID}
	rank := slices.Index(matches, p.Match)
	if p.Status == Deleted {
		rank += len(matches)
	}
	return rank
}

// ClearTokenSign clears the sign of a refused token from events, newest first, where
// something was pushed after it, as the events themselves or lastPush show.
func ClearTokenSign(events []Event, pushed func(Event) bool) {
	over := false
	for i := range events {
		e := &events[i]
		over = over || e.Outcome == Succeeded
		e.Token = e.Token && !over && !pushed(*e)
	}
}
