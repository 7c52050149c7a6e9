package tfprovider

import (
	"fmt"
	"strings"

	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// keepsOld warns of the accounts that provisioning leaves out. Without it, the
// plan would read as if the set had its new content everywhere.
func keepsOld(w *want, p *plan.Plan) findings.List {
	accounts := p.OutdatedIn
	if len(accounts) == 0 {
		return nil
	}
	more := ""
	if n := len(accounts) - 10; n > 0 {
		accounts, more = accounts[:10], fmt.Sprintf(" and %d more", n)
	}
	return findings.List{{Severity: findings.Warning, Code: plan.AccountInactive, Range: place("accounts_names"),
		Summary: fmt.Sprintf("permission set %q keeps its old content in inactive accounts: %s%s", w.set, strings.Join(accounts, ", "), more),
		Detail:  "They are left out of provisioning, because AWS can change nothing there. Nobody can sign in to an inactive account.",
		Hint:    "If an account is reinstated, apply again before anybody signs in to it."}}
}
