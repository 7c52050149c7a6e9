package tfprovider

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// searchBits are what somebody may do, as a small mask.
type searchBits = searchtest.Bits

const searchPolicy = "arn:aws:iam::aws:policy/"

// searchPolicies are the policies that configs and others use, and what each stands
// for here; iam:* is the action of the inline policies.
var searchPolicies = map[string]searchBits{
	searchPolicy + "ReadOnlyAccess": 1, searchPolicy + "PowerUserAccess": 3, searchPolicy + "SecurityAudit": 4, searchPolicy + "AmazonS3FullAccess": 8, "iam:*": 16,
}

func searchBitsOf(texts ...string) (out searchBits) {
	for _, text := range texts {
		for policy, b := range searchPolicies {
			if strings.Contains(text, policy) {
				out |= b
			}
		}
	}
	return out
}

func searchContentBits(c searchtest.Content) searchBits { return searchBitsOf(c.Managed, c.Inline) }

// searchSnap is AWS at one moment, without orphans.
type searchSnap struct{ *searchtest.Snapshot }

func searchSnapOf(e *emulator.Emulator) *searchSnap {
	s := searchtest.Of(e, searchContentBits)
	maps.DeleteFunc(s.Assignments, func(_ searchtest.Assignment, orphan bool) bool { return orphan })
	return &searchSnap{s}
}

// name says what an id is called, for people.
func (s *searchSnap) name(id string) string {
	return cmp.Or(s.Accounts[id], s.Users[id], s.Groups[id].Name, s.Sets[id].Name, id)
}

// reach says what everybody can do through some sets, by person and account.
func (s *searchSnap) reach(sets map[string]bool) map[searchtest.Person]searchBits {
	return s.Power(func(g searchtest.Assignment) bool { return sets[g.Set] })
}

// diff leaves out roles whose content changed and allows the same.
func (s *searchSnap) diff(b *searchSnap) []searchtest.Effect {
	return slices.DeleteFunc(s.Diff(b.Snapshot), func(x searchtest.Effect) bool { return x.Kind == "role" && x.Wider|x.Narrower == 0 })
}

// altered returns the ids of what is called, marked or filled otherwise.
func (s *searchSnap) altered(b *searchSnap) []string {
	return s.Altered(b.Snapshot, func(was, is searchtest.Set) bool { return reflect.DeepEqual(was.State, is.State) })
}

// searchSorted returns keys in an order that does not depend on chance.
func searchSorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
