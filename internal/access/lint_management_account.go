package access

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// ManagementLint wants permission sets of their own for the management account.
// Source: IAM Identity Center User Guide, "Delegated administration": a
// delegated administrator cannot manage a set that is provisioned there.
type ManagementLint struct {
	LintRule
	Accounts List[Text] `key:"accounts"` // the management account's name and id, as configs write them
}

// setUse is where one permission set is used, by all groups that share it.
type setUse struct {
	name               string
	management, member []Text
}

func (l ManagementLint) look(groups []GroupSpec) diag.List {
	var found diag.List
	for _, use := range l.uses(groups) {
		if len(use.management) > 0 && len(use.member) > 0 {
			found = append(found, use.finding())
		}
	}
	return found
}

// uses returns the sets in the order in which the config first names them.
func (l ManagementLint) uses(groups []GroupSpec) []*setUse {
	byName := map[string]*setUse{}
	var out []*setUse
	for _, g := range groups {
		if g.Name.Value == "" {
			continue
		}
		use := byName[g.SetName()]
		if use == nil {
			use = &setUse{name: g.SetName()}
			byName[use.name] = use
			out = append(out, use)
		}
		for _, a := range g.AccountsNames.Items {
			if matchesAny(l.Accounts, a.Value) {
				use.management = append(use.management, a)
			} else {
				use.member = append(use.member, a)
			}
		}
	}
	return out
}

func (u *setUse) finding() diag.Diagnostic {
	return diag.Diagnostic{Range: u.management[0].Range, Related: rangesOf(append(u.management[1:len(u.management):len(u.management)], u.member[0])),
		Summary: fmt.Sprintf("the permission set %q is used in the management account (%q) and in member accounts: %s", u.name, u.management[0].Value, some(u.member)),
		Detail: "Only the management account can manage a set that is provisioned in it. With one assignment there, no delegated administrator " +
			"can manage the set in any account.",
		Hint: "Give the management account a group of its own, with a permission set of its own."}
}
