package presence

import (
	"cmp"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// maxSuggestions is how many names a missing one is explained with.
const maxSuggestions = 3

// finder suggests names of one kind.
type finder[T any] struct {
	rows     []T
	name, id func(T) string
	// claimed are the names that the config expects exactly so: somebody may have
	// written one twice, once with a slip.
	claimed map[string]bool
	index   *names.Index
}

func newFinder[T any](rows []T, name, id func(T) string, claimed map[string]bool) *finder[T] {
	return &finder[T]{rows, name, id, claimed, names.IndexOf(rows, name)}
}

// suggest returns the names that are nearest. One that the config defines is meant as
// it is written, whatever else the config names.
func (f *finder[T]) suggest(name string, defined bool) []Suggestion {
	// What has come since the live state was read is no other name.
	itself := func(at int) bool { return f.name(f.rows[at]) == name || defined && f.claims(at) }
	found := f.index.Nearest(name, maxSuggestions, itself)
	if len(found) > 0 && !found[0].Match.SameName() {
		// Groups are often numbered, so those that the config names must not crowd
		// out the others.
		free := f.index.Nearest(name, maxSuggestions, func(at int) bool { return itself(at) || f.claims(at) })
		found = slices.DeleteFunc(found, func(c names.Candidate) bool { return !f.claims(c.At) })
		found = slices.SortedStableFunc(slices.Values(slices.Concat(free, found)), func(a, b names.Candidate) int { return cmp.Compare(a.Distance, b.Distance) })
		found = found[:min(len(found), maxSuggestions)]
	}
	var out []Suggestion
	for _, c := range found {
		s := f.suggestion(c.At, c.Match)
		s.Distance, s.Differences, s.Claimed = c.Distance, names.Differences(name, s.Name), f.claims(c.At)
		out = append(out, s)
	}
	return out
}

func (f *finder[T]) claims(at int) bool { return f.claimed[f.name(f.rows[at])] }

func (f *finder[T]) suggestion(at int, match names.Match) Suggestion {
	return Suggestion{Name: f.name(f.rows[at]), ID: f.id(f.rows[at]), Match: match}
}

// former puts the name that the config says it had before in front, where AWS
// still has it.
func (f *finder[T]) former(previously string, rest []Suggestion) []Suggestion {
	at := slices.IndexFunc(f.rows, func(row T) bool { return f.name(row) == previously })
	if previously == "" || at < 0 {
		return rest
	}
	rest = slices.DeleteFunc(rest, func(s Suggestion) bool { return s.Name == previously })
	return slices.Insert(rest, 0, f.suggestion(at, FormerName))
}

// sameName says that a suggestion explains the missing name: people would take
// the two for one.
func sameName(suggestions []Suggestion) bool {
	return slices.ContainsFunc(suggestions, Suggestion.Same)
}

// Same says that people would take the suggested name for the missing one.
func (s Suggestion) Same() bool { return s.Match.SameName() || s.Match == SameEmail }

// Meant returns the one of many names that somebody most likely meant; "" for none.
// An id is not near another one.
func Meant(name string, among []string) string {
	if access.IsAccountID(name) {
		return ""
	}
	return names.Meant(name, among)
}
