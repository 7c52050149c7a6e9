package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// provisionedForNobody gives the accounts in which AWS has a live set's role and
// nobody is assigned: ProvisionPermissionSet makes one without asking for an
// assignment, and only the end of the last assignment there takes it away. AWS does
// not delete such a set, however long it is asked.
func (d *differ) provisionedForNobody(set int) []access.Account {
	p := d.Live.Sets[set]
	if len(p.Provisioned) == 0 {
		return nil
	}
	held := map[string]bool{}
	for _, g := range d.Live.SetGrants(set) {
		held[d.Live.Accounts[g.Account].ID] = true
	}
	var out []access.Account
	for _, a := range d.Live.Accounts {
		if !held[a.ID] && slices.Contains(p.Provisioned, a.ID) {
			out = append(out, a)
		}
	}
	return out
}

// leftProvisioned says of a set that nobody wants any more where it is provisioned
// still, and what ends that. rolecall does not do it: for that moment somebody would
// have the set whom no plan showed.
func (d *differ) leftProvisioned(set int) diag.Diagnostic {
	name := d.Live.Sets[set].Name
	var open, closed []string
	for _, a := range d.provisionedForNobody(set) {
		text := fmt.Sprintf("%s (%s)", a.Name, a.ID)
		if a.Active() {
			open = append(open, text)
		} else {
			closed = append(closed, text+", "+a.State)
		}
	}
	f := diag.Diagnostic{Severity: diag.Warning, Code: LeftProvisioned,
		Summary: fmt.Sprintf("permission set %q is no longer in the config and stays: it is provisioned without an assignment in %s", name, cut(slices.Concat(open, closed), 5)),
		Detail:  "Nobody has it there. AWS keeps a permission set as long as it is provisioned anywhere, and ends that only with the last assignment in the account.",
		Hint:    "Nothing has to be done as long as the account is closed."}
	if len(open) > 0 {
		f.Hint = fmt.Sprintf("In the IAM Identity Center console, assign a group without members to %q in %s, remove that assignment again, and apply.", name, strings.Join(open[:min(len(open), 5)], ", "))
	}
	return f
}
