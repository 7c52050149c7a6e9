package presence

import (
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// NearUsers says which of the users a name may have been meant to be, the nearest
// first: by user name, by e-mail address, and by what is before the @.
func NearUsers(name string, users []access.User) []Suggestion {
	return newUserFinder(users, nil).near(name, false)
}

// userFinder suggests users, whom people also write by their addresses, or without
// what is behind the @.
type userFinder struct {
	*finder[access.User]
	emails *names.Index
	starts map[string][]int // by what is before the @ of a name or an address
}

func newUserFinder(users []access.User, claimed map[string]bool) *userFinder {
	f := &userFinder{newFinder(users, func(u access.User) string { return u.Username }, func(u access.User) string { return u.ID }, claimed),
		names.IndexOf(users, func(u access.User) string { return u.Email }), map[string][]int{}}
	for i, u := range users {
		for _, written := range []string{u.Username, u.Email} {
			if start := names.BeforeAt(written); start != "" && !slices.Contains(f.starts[start], i) {
				f.starts[start] = append(f.starts[start], i)
			}
		}
	}
	return f
}

// near returns the nearest, each once. Of a user that the config defines only the name
// counts: somebody of that address or beginning is another one.
func (f *userFinder) near(name string, defined bool) []Suggestion {
	found := f.suggest(name, defined)
	if defined || sameName(found) {
		return found
	}
	var address []Suggestion
	unlike := func(at int) bool { u := f.rows[at]; return u.Email == "" || u.Email == u.Username }
	for _, c := range f.emails.Nearest(name, maxSuggestions, unlike) {
		match := NearEmail
		if c.Match.SameName() {
			match = SameEmail
		}
		address = append(address, f.suggestion(c.At, match))
	}
	if sameName(address) {
		return distinct(address[:1], found)
	}
	return distinct(f.sameStart(name), found, address)
}

// sameStart returns those whose name or address is the same before the @, where only one
// of the two has something behind it, or another thing.
func (f *userFinder) sameStart(name string) []Suggestion {
	var out []Suggestion
	for _, at := range f.starts[names.BeforeAt(name)] {
		if u := f.rows[at]; u.Username != name && strings.Contains(u.Username+u.Email+name, "@") {
			out = append(out, f.suggestion(at, SameStart))
		}
	}
	return out
}

// distinct joins suggestions, each name at its first place, at most so many as are told.
func distinct(lists ...[]Suggestion) []Suggestion {
	var out []Suggestion
	for _, s := range slices.Concat(lists...) {
		if len(out) < maxSuggestions && !slices.ContainsFunc(out, func(have Suggestion) bool { return have.Name == s.Name && have.ID == s.ID }) {
			out = append(out, s)
		}
	}
	return out
}
