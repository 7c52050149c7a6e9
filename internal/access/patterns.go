package access

import (
	"path"
	"slices"
	"strings"
)

// Things that a pattern of the settings may be about.
const (
	SetThing     = "set"
	GroupThing   = "group"
	UserThing    = "user"
	AccountThing = "account"
)

// Matches says whether one of the patterns (path.Match, letter for letter) is
// about the thing: "set:AWS-*" is about permission sets only, "AWS-*" about
// whatever bears such a name. A pattern that is broken matches nothing.
func Matches(patterns []string, thing string, names ...string) bool {
	for _, p := range patterns {
		if kind, rest, ok := strings.Cut(p, ":"); ok && slices.Contains([]string{SetThing, GroupThing, UserThing, AccountThing}, kind) {
			if kind != thing {
				continue
			}
			p = rest
		}
		for _, name := range names {
			if hit, err := path.Match(p, name); hit && err == nil {
				return true
			}
		}
	}
	return false
}
