package presence

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// Everything is what a reader of AWS is asked for where all names are wanted: a user
// that a config defines makes it list them all, and nobody has this name.
func Everything() access.State {
	var b access.Builder
	b.AddUser(access.User{Username: "\x00"})
	return b.State()
}

// maxSuggestions is how many names a missing one is explained with.
const maxSuggestions = 3

// finder suggests names of one kind.
type finder[T any] struct {
	rows     []T
	name, id func(T) string
	// claimed are the names that the config expects exactly so; they are what
	// they are meant to be, and nothing else.
	claimed map[string]bool
	index   *names.Index
}

func newFinder[T any](rows []T, name, id func(T) string, claimed map[string]bool) *finder[T] {
	return &finder[T]{rows, name, id, claimed, names.IndexOf(rows, name)}
}

func (f *finder[T]) suggest(name string) []Suggestion {
	var out []Suggestion
	// What has come since the live state was read is no other name.
	skip := func(at int) bool { return f.claimed[f.name(f.rows[at])] || f.name(f.rows[at]) == name }
	for _, c := range f.index.Nearest(name, maxSuggestions, skip) {
		s := f.suggestion(c.At, c.Rung)
		s.Distance, s.Differences = c.Distance, names.Differences(name, s.Name)
		out = append(out, s)
	}
	return out
}

func (f *finder[T]) suggestion(at int, rung names.Rung) Suggestion {
	return Suggestion{Name: f.name(f.rows[at]), ID: f.id(f.rows[at]), Rung: rung}
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
	return slices.ContainsFunc(suggestions, func(s Suggestion) bool { return s.Rung.SameName() || s.Rung == SameEmail })
}
