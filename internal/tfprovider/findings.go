package tfprovider

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

// report gives findings as Terraform shows them. The place of a finding is an
// attribute of the resource: its name travels as the range's file.
func report(list findings.List) diag.Diagnostics {
	var out diag.Diagnostics
	for _, f := range list {
		f = trust.Finding(f)
		summary, detail := upperFirst(f.Summary), inTerraform(f)
		at := path.Root(f.Range.File)
		switch {
		case f.Severity == findings.Note:
		case f.Severity == findings.Warning && f.Range.File == "":
			out.AddWarning(summary, detail)
		case f.Severity == findings.Warning:
			out.AddAttributeWarning(at, summary, detail)
		case f.Range.File == "":
			out.AddError(summary, detail)
		default:
			out.AddAttributeError(at, summary, detail)
		}
	}
	return out
}

// inTerraform gives detail and hint in the words of Terraform: where the
// command has flags, resources have arguments.
func inTerraform(f findings.Diagnostic) string {
	detail := strings.ReplaceAll(f.Detail, "What depends on it is blocked; `--allow-missing` applies the rest.",
		"What depends on it is blocked, and nothing of this resource is written.")
	hint := f.Hint
	switch f.Code {
	case plan.GroupUnmarked, plan.SetUnmarked:
		if strings.HasPrefix(f.Summary, "taking over") {
			hint = "Give the group a permission set of its own by permission_set_name, or name the members; if all that is meant to go, set `allow = [\"strangers\"]`."
			break
		}
		hint = "Set `adopt = true` to take it over, or choose another name."
	case plan.Lockout:
		hint = "If this is intended, and another way in exists, set `allow = [\"lockout\"]` and apply that first."
	case plan.Replacement:
		hint = strings.Replace(hint, "`--allow-replace`", "`allow = [\"replace\"]`", 1)
	case plan.Rebind:
		hint = "Find out who made what the name leads to now; if it may have this access, set `allow = [\"rebind\"]`."
	case plan.GroupRenamed:
		if way, _, cut := strings.Cut(hint, "; `--allow-rebind"); cut {
			hint = way + ". Where the resource's address has the name, as in the module, write a `moved` block from the old address to the new one beside it: else Terraform destroys the one and makes the other."
		}
	case plan.RenameUnclear:
		hint = "Remove `previously`, or set `adopt = true` to take over the group of the former name."
	case plan.NotObserved:
		hint = "Run again with permission to read it."
	case plan.SetOfOther:
		hint = "Choose another permission_set_name; what another owner has is managed there."
	case apply.CodeFailed, apply.CodeGaveUp, apply.CodeJobFailed, apply.CodeJobLost:
		hint = strings.NewReplacer("Run apply again", "Run `terraform apply` again", "run apply again", "run `terraform apply` again").Replace(hint)
	}
	return strings.TrimSpace(strings.Join(nonEmpty(upperFirst(detail), upperFirst(hint)), "\n\n"))
}

func nonEmpty(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

// upperFirst begins a sentence, as Terraform's own diagnostics do. A key of the
// config stays as it is written.
func upperFirst(s string) string {
	word, _, _ := strings.Cut(s, " ")
	if s == "" || strings.Contains(word, "_") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// failed gives an error's findings, or the error itself.
func failed(err error) diag.Diagnostics {
	if list := findings.FromError(err); list != nil {
		return report(list)
	}
	var out diag.Diagnostics
	out.AddError("IAM Identity Center could not be asked", upperFirst(trust.Show(err.Error())))
	return out
}

// narrow softens what a plan for one group cannot know, because nothing else
// was read: whether an account has another administrator.
func narrow(list findings.List) findings.List {
	out := make(findings.List, len(list))
	for i, f := range list {
		if f.Code == plan.LastAdministrator {
			f.Severity = findings.Warning
			f.Summary = strings.Replace(f.Summary, "its last administrator that this plan knows of", "an administrator", 1)
			f.Detail = "Terraform looks at one group at a time, so whether the account has another administrator was not looked at."
			f.Hint = "Make sure that another way in exists."
		}
		out[i] = f
	}
	return out
}

// lacks says whether something that the config names is not there.
func lacks(list findings.List) bool {
	return len(only(list, plan.AccountMissing, plan.GroupMissing, plan.UserMissing)) > 0
}

// only gives the findings of some codes.
func only(list findings.List, codes ...findings.Code) findings.List {
	return slices.DeleteFunc(slices.Clone(list), func(f findings.Diagnostic) bool { return !slices.Contains(codes, f.Code) })
}

// early softens what may be mended before the resource is applied: another
// resource of the same apply may create it, and SCIM may bring it.
// Users are resources of the same apply as a rule, unless SCIM brings them.
func early(list findings.List, setUp access.SetUp) findings.List {
	var out findings.List
	for _, f := range list {
		switch f.Code {
		case plan.UserMissing:
			if setUp != access.SCIMUsersOnly {
				continue
			}
			fallthrough
		case plan.AccountMissing, plan.GroupMissing:
			f.Severity = findings.Warning
			f.Detail = "The apply stops here unless it is there by then."
		}
		out = append(out, f)
	}
	return out
}

// outcome gives what a run has to say: why changes failed, and what is left.
func outcome(result *apply.Result) findings.List {
	list := result.Findings()
	if len(list) == 0 && len(result.Left) > 0 {
		list = append(list, findings.Diagnostic{Severity: findings.Error, Code: apply.CodeInterrupted,
			Summary: "the apply ended before all was done", Hint: "run `terraform apply` again to do what is left"})
	}
	return list
}
