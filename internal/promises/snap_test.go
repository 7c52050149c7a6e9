package promises

import (
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// snap is AWS at one moment, with what each person can do there.
type snap struct {
	*searchtest.Snapshot
	powers map[searchtest.Person]bits
}

func snapshot(e *emulator.Emulator) *snap {
	s := searchtest.Of(e, meaning)
	return &snap{s, s.Power(func(searchtest.Assignment) bool { return true })}
}

// altered returns the ids of what is called, marked, described or filled
// otherwise.
func (s *snap) altered(b *snap) []string {
	return s.Altered(b.Snapshot, func(was, is searchtest.Set) bool {
		return was.Name == is.Name && was.Content == is.Content && maps.Equal(was.Tags, is.Tags)
	})
}

// accountNamed is "" where several have the name.
func (s *snap) accountNamed(name string) string {
	found := ""
	for id, n := range s.Accounts {
		if n == name {
			if found != "" {
				return ""
			}
			found = id
		}
	}
	return found
}

func (s *snap) principalName(kind, id string) string {
	if kind == "USER" {
		return s.Users[id]
	}
	return s.Groups[id].Name
}

// sorted returns the keys in an order that does not depend on chance.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
