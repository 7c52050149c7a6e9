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

// finder suggests names of one kind. The index is made only when a name is
// missing.
type finder struct {
	names []string
	ids   []string
	// claimed are the names that the config expects exactly so; they are what
	// they are meant to be, and nothing else.
	claimed []bool
	index   *names.Index
}

func (f *finder) suggest(name string) []Suggestion {
	if f.index == nil {
		f.index = names.NewIndex(f.names)
	}
	var out []Suggestion
	// What has come since the live state was read is no other name.
	for _, c := range f.index.Nearest(name, maxSuggestions, func(at int) bool { return f.claimed[at] || f.names[at] == name }) {
		out = append(out, f.suggestion(name, c.At, c.Rung, c.Distance))
	}
	return out
}

func (f *finder) suggestion(name string, at int, rung names.Rung, distance int) Suggestion {
	s := Suggestion{Name: f.names[at], ID: f.ids[at], Rung: rung, Distance: distance}
	if rung != SameEmail && rung != FormerName && rung != SameGroup {
		s.Differences = names.Differences(name, s.Name)
	}
	return s
}

// former puts the name that the config says it had before in front, where AWS
// still has it.
func (f *finder) former(previously string, rest []Suggestion) []Suggestion {
	at := slices.Index(f.names, previously)
	if previously == "" || at < 0 {
		return rest
	}
	rest = slices.DeleteFunc(rest, func(s Suggestion) bool { return s.Name == previously })
	return slices.Insert(rest, 0, f.suggestion(previously, at, FormerName, 0))
}

func newFinder[T any](rows []T, name, id func(T) string, expected map[string]bool) *finder {
	f := &finder{names: make([]string, len(rows)), ids: make([]string, len(rows)), claimed: make([]bool, len(rows))}
	for i, row := range rows {
		f.names[i], f.ids[i] = name(row), id(row)
		f.claimed[i] = expected[f.names[i]]
	}
	return f
}

// sameName says that a suggestion explains the missing name: people would take
// the two for one.
func sameName(suggestions []Suggestion) bool {
	return slices.ContainsFunc(suggestions, func(s Suggestion) bool { return s.Rung.SameName() || s.Rung == SameEmail })
}
