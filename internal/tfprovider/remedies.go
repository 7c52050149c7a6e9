package tfprovider

import (
	"fmt"
	"strings"

	findings "github.com/rolecall-dev/rolecall/internal/diag"
)

// inTerraform returns detail and hint as Terraform shows them.
func inTerraform(f findings.Diagnostic) string {
	detail := f.Detail
	if f.Blocks {
		detail = joined(detail, "What depends on it is blocked, and nothing of this resource is written.")
	}
	return strings.Join(nonEmpty(upperFirst(detail), upperFirst(hintOf(f))), "\n\n")
}

// hintOf words what there is to do: where the command has flags, resources have
// arguments.
func hintOf(f findings.Diagnostic) string {
	r := f.Remedy
	switch r.Way {
	case findings.AwaitSync:
		if r.Kind == findings.Group {
			return f.Hint + " `wait_for_sync = true` of rolecall_external_group waits for it at apply."
		}
		return f.Hint
	case findings.Apply:
		return r.OrWrite("Run `terraform apply`.")
	case findings.ApplyAgain:
		return r.First + "run `terraform apply` again" + r.Then
	case findings.Define:
		if r.Kind == findings.User {
			return r.OrWrite("Define it as a rolecall_user and write `rolecall_user.NAME.username` here, so that it is created first; or correct the name.")
		}
		return r.OrWrite("Create it where it is managed, or correct the name.")
	case findings.FollowRename:
		return r.Rename() + ". If the resource's address contains the name, as in the module, also write a `moved` block from the old address to the new one: otherwise Terraform destroys the one and creates the other."
	case findings.TakeOver, findings.TakeOverSet, findings.TakeOverMembers:
		return "Set `adopt = true` (in the module, add the name to `adopt`) to take it over, or choose another name."
	case findings.TakeOverFrom:
		return fmt.Sprintf("List everybody in it in the config, or choose another name: what owner %q has is managed there.", r.System)
	case findings.DropPreviously:
		return "Remove `previously`, or set `adopt = true` (in the module, add the name to `adopt`) to take over the group of the former name."
	case findings.KeepRoles:
		return r.Keep() + ", or pass `allow = [\"replace\"]`."
	case findings.AllowLockout:
		return "If this is intended, and another way in exists, set `allow = [\"lockout\"]` and apply that first."
	case findings.AllowRemovals: // the plan shows them
		return "Review what is removed."
	case findings.AllowRebind:
		return "Find out who created what the name now refers to; if it may have this access, set `allow = [\"rebind\"]`."
	case findings.SetOption:
		return r.First + "`" + r.Name + "` of the provider block" + r.Then
	case findings.Agreed:
		return "Allowed with `allow`."
	case findings.ReadAll:
		return "Run again with permission to read it."
	case findings.OtherSet:
		return "Choose another permission_set_name; what another owner has is managed there."
	default: // the same words through every front door
		return f.Hint
	}
}
