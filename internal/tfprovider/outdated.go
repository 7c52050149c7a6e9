package tfprovider

import (
	"fmt"

	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// keepsOld warns of the accounts that provisioning leaves out. Without it, the
// plan would read as if the set had its new content everywhere.
func keepsOld(w *want, p *plan.Plan) findings.List {
	if len(p.OutdatedIn) == 0 {
		return nil
	}
	return findings.List{{Severity: findings.Warning, Code: plan.AccountInactive, Range: place("accounts_names"),
		Summary: fmt.Sprintf("permission set %q keeps its old content in inactive accounts: %s", w.set, findings.First(10, p.OutdatedIn, ", ")),
		Detail:  "They are left out of provisioning, because AWS can change nothing there. Nobody can sign in to an inactive account.",
		Hint:    "If an account is reinstated, apply again before anybody signs in to it."}}
}
