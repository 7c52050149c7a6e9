package directory

import (
	"slices"
	"strings"
)

// Rank sorts the people whom a name found: who is alive comes before who was
// deleted or deactivated, then who has the name as user name before who has it
// as e-mail address or alias. A person who was hired again is both.
func Rank(people []Person) {
	slices.SortStableFunc(people, func(a, b Person) int { return rankOf(a) - rankOf(b) })
}

// Several says that the name does not decide between the first two of ranked
// people.
func Several(people []Person) bool {
	return len(people) > 1 && rankOf(people[0]) == rankOf(people[1])
}

func rankOf(p Person) int {
	matches := []Match{ByUserName, ByCase, ByEmail, ByAlias}
	rank := slices.Index(matches, p.Match)
	if p.Status == Deleted {
		rank += len(matches)
	}
	return rank
}

// Settle clears the sign of a refused token from events, newest first, where
// something was pushed after it, as the events themselves or lastPush show.
func Settle(events []Event, pushed func(Event) bool) {
	over := false
	for i := range events {
		e := &events[i]
		over = over || e.Outcome == Succeeded
		e.Token = e.Token && !over && !pushed(*e)
	}
}

// AWS's limits of what SCIM brings (IAM Identity Center SCIM developer guide).
const mostName = 1024 // characters

// Unfit says, in words, what of these attributes AWS or the provider's own
// matching does not take; pairs are names for people and values in turn. required
// are the names that must not be empty.
func Unfit(refused string, required []string, pairs ...string) []string {
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		name, value := pairs[i], pairs[i+1]
		switch at := strings.IndexAny(value, refused); {
		case strings.TrimSpace(value) == "" && slices.Contains(required, name):
			out = append(out, "the "+name+" is empty")
		case at >= 0:
			out = append(out, "the "+name+" has the character "+strings.ToValidUTF8(quoteRune(value[at:]), "?"))
		case len([]rune(value)) > mostName:
			out = append(out, "the "+name+" is too long")
		}
	}
	return out
}

func quoteRune(text string) string {
	for _, r := range text {
		switch r {
		case '\t':
			return "tab"
		case '\n', '\r':
			return "line end"
		}
		return string(r)
	}
	return ""
}
