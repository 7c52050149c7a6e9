package access

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// PrefixLint wants one beginning for the names of all groups, so that a person
// in the identity provider sees which of its groups give access to AWS.
type PrefixLint struct {
	LintRule
	Prefix Text `key:"prefix"` // such as "AWS-"; case counts
}

func (l PrefixLint) look(c Config, g GroupSpec) diag.List {
	if g.Name.Value == "" || strings.HasPrefix(g.Name.Value, l.Prefix.Value) {
		return nil
	}
	return diag.List{{Range: g.Name.Range,
		Summary: fmt.Sprintf("the name of the group %q does not begin with %q", g.Name.Value, l.Prefix.Value),
		Detail:  "One prefix tells everybody which groups grant access to AWS, and lets the identity provider assign and push them by one rule.",
		Hint:    l.hint(c, g)}}
}

// hint says how to rename without losing access: the set keeps its name, for
// the ARNs of its roles hang on it.
func (l PrefixLint) hint(c Config, g GroupSpec) string {
	where := "Write"
	if c.SetUp() == SCIM {
		where = fmt.Sprintf("Rename it in %s, and write", c.IdPName())
	}
	return fmt.Sprintf("%s name = %q and previously = %q; permission_set_name = %q keeps the ARNs of its roles.",
		where, l.rename(g.Name.Value), g.Name.Value, g.SetName())
}

// rename puts the prefix before a name, or in the place of one that differs
// only in case.
func (l PrefixLint) rename(name string) string {
	prefix := l.Prefix.Value
	if n := len(prefix); len(name) > n && utf8.RuneStart(name[n]) && strings.EqualFold(name[:n], prefix) {
		return prefix + name[n:]
	}
	return prefix + name
}
