package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// adopts returns what a plan may take over: what the flags name, and what the
// settings' patterns match as long as this owner has nothing in AWS. Later, a
// pattern that matches something new asks again: whoever makes an object of such
// a name must not have it taken over by an old line of a file.
func (s *session) adopts(f *planFlags) []string {
	if s.hasMarks() {
		return f.adopt
	}
	return slices.Concat(f.adopt, values(s.result.Settings.Adopt))
}

// hasMarks says whether anything in AWS is this owner's.
func (s *session) hasMarks() bool {
	return slices.ContainsFunc(s.seen.Sets, func(p access.PermissionSet) bool { return p.Owner == s.owner }) ||
		slices.ContainsFunc(s.seen.Groups, func(g access.Group) bool { return g.Owner == s.owner })
}

// checkAdopt refuses a name that leads to nothing: what is to be taken over has
// to be in the config and in AWS.
func (s *session) checkAdopt(f *planFlags) error {
	for _, name := range f.adopt {
		if !s.adoptable(name) {
			return s.nothingToAdopt(name)
		}
	}
	return nil
}

func (s *session) adoptable(pattern string) bool {
	one := []string{pattern}
	for _, g := range s.wanted.Groups {
		if access.Matches(one, access.GroupThing, g.Name, g.Previously) && (s.seen.GroupIndex(g.Name) >= 0 || s.seen.GroupIndex(g.Previously) >= 0) {
			return true
		}
	}
	return slices.ContainsFunc(s.wanted.Sets, func(p access.PermissionSet) bool {
		return access.Matches(one, access.SetThing, p.Name) && s.seen.SetIndex(p.Name) >= 0
	})
}

func (s *session) nothingToAdopt(name string) error {
	var known []string
	for _, g := range s.wanted.Groups {
		known = append(known, g.Name)
	}
	for _, p := range s.wanted.Sets {
		known = append(known, p.Name)
	}
	_, plain, narrowed := strings.Cut(name, ":")
	if !narrowed {
		plain = name
	}
	known = slices.DeleteFunc(known, func(n string) bool { return n == plain })
	hint := names.DidYouMean(names.Meant(plain, known), "Pass the name of a group or permission set that is both in the config and in AWS.")
	return diag.Diagnostic{Severity: diag.Error, Code: CodeNothingToAdopt, Summary: fmt.Sprintf("--adopt %q matches nothing that is both in the config and in AWS", name), Hint: hint}
}
