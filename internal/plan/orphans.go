package plan

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// StuckOrphan says that AWS cannot take an assignment away from a principal that
// is gone, with AWS's reason.
func StuckOrphan(c Change, reason string) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Warning, Code: OrphanStays,
		Summary: fmt.Sprintf("AWS cannot remove the assignment of %s from permission set %q in account %s", c.principalWords(), c.Key.PermissionSet, c.accountWords()),
		Detail:  "It grants nobody access: AWS never reuses the id of a deleted user or group. AWS's reason: " + reason,
		Hint:    orphanHint,
	}
}

const orphanHint = "No action is needed: from now on plans only mention it. To get rid of it, remove it in the IAM Identity Center console " +
	"(AWS accounts, the account, Assigned users and groups), or ask AWS Support."

// mostOrphans is how many are named.
const mostOrphans = 10

// KeptByOrphan says that a permission set of ours cannot be deleted because AWS
// does not remove an assignment from it.
func KeptByOrphan(set string) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Warning, Code: OrphanStays,
		Summary: fmt.Sprintf("permission set %q is no longer in the config, and stays because AWS cannot remove an assignment of a user or group that is gone", set),
		Detail:  "AWS deletes a permission set only when nothing is assigned to it. Nobody can use this one.",
		Hint:    "No action is needed. If the assignment is removed in the IAM Identity Center console or by AWS Support, the next apply deletes the permission set.",
	}
}

// orphanStays says why an orphan is left: AWS has said that it cannot remove it.
func (b *Bound) orphanStays(g access.Assignment, c Change) *diag.Diagnostic {
	if g.Kind != access.OrphanPrincipal {
		return nil
	}
	reason, stays := b.Live.Observed.CannotRemove[c.orphanKey()]
	if !stays {
		return nil
	}
	return new(StuckOrphan(c, reason))
}
