package access

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// checkSets looks at the permission sets that the groups ask for.
func (k *checker) checkSets() {
	ours, theirs := k.groupLists()
	first, folded := map[string]GroupSpec{}, map[string]GroupSpec{}
	for _, g := range slices.Concat(ours, theirs) {
		if g.SetName() == "" || g.Name.Value == "" && g.PermissionSetName.Value == "" {
			continue
		}
		k.checkSetName(g)
		k.checkShared(g, first)
		k.checkSetCase(g, folded)
	}
	if n := len(first); n > MaxSets {
		k.warnf(CodeTooManySets, cmp.Or(k.config.AccessGroups.Range, k.config.ExternalGroups.Range), "Let groups share sets by permission_set_name, or ask AWS to raise the quota.",
			"the config asks for %d permission sets; AWS's quota is %d unless raised", n, MaxSets)
	}
}

// setNameRange is where the set's name comes from.
func setNameRange(g GroupSpec) diag.Range {
	if g.PermissionSetName.Value != "" {
		return g.PermissionSetName.Range
	}
	return rangeOf(g)
}

func (k *checker) checkSetName(g GroupSpec) {
	if strings.HasPrefix(strings.ToLower(g.SetName()), LockSetPrefix) {
		k.errorf(CodeReservedName, setNameRange(g), "Choose another permission_set_name.", "permission sets called %s... are rolecall's locks", LockSetPrefix)
	}
}

func (k *checker) checkShared(g GroupSpec, first map[string]GroupSpec) {
	name := g.SetName()
	other, shared := first[name]
	if !shared {
		first[name] = g
		return
	}
	if other.Name.Value == g.Name.Value {
		return // reported as a duplicate group
	}
	if diff := k.differences(other.PermissionSet().Spec(), g.PermissionSet().Spec()); len(diff) > 0 {
		k.add(diag.Error, CodeSetConflict, setNameRange(g),
			"Make their content identical, or choose another permission_set_name for one of them.",
			fmt.Sprintf("the groups %q and %q share the permission set %q and differ in %s", other.Name.Value, g.Name.Value, name, strings.Join(diff, ", ")),
			setNameRange(other))
	}
}

// differences names the keys in which two sets differ.
func (k *checker) differences(a, b GroupSpec) []string {
	var out []string
	for _, key := range k.keys.In("access_groups").Keys {
		if !reflect.DeepEqual(key.At(&a), key.At(&b)) {
			out = append(out, key.Path)
		}
	}
	return out
}

// checkSetCase warns of sets whose names differ only in case: whether AWS
// tells them apart is not documented, and people do not.
func (k *checker) checkSetCase(g GroupSpec, folded map[string]GroupSpec) {
	name := g.SetName()
	first, ok := folded[strings.ToLower(name)]
	if !ok {
		folded[strings.ToLower(name)] = g
		return
	}
	if first.SetName() != name && fold(first.Name.Value) != fold(g.Name.Value) {
		k.add(diag.Warning, CodeSetCase, setNameRange(g), "Use one spelling.",
			fmt.Sprintf("the permission sets %q and %q differ only in case", first.SetName(), name), setNameRange(first))
	}
}
