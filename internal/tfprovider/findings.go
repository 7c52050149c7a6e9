package tfprovider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

// report returns findings as Terraform shows them. The place of a finding is an
// attribute of the resource: its name travels as the range's file.
func report(list findings.List) diag.Diagnostics {
	var out diag.Diagnostics
	for _, f := range list {
		attribute, value := placed(f.Range)
		if value != "" && slices.Contains(valueless(), f.Code) {
			f.Detail = joined(fmt.Sprintf("The value is %s.", quoted(value)), f.Detail)
		}
		f = trust.Finding(f)
		summary, detail := upperFirst(f.Summary), inTerraform(f)
		at := path.Root(attribute)
		switch {
		case f.Severity == findings.Note:
		case f.Severity == findings.Warning && attribute == "":
			out.AddWarning(summary, detail)
		case f.Severity == findings.Warning:
			out.AddAttributeWarning(at, summary, detail)
		case attribute == "":
			out.AddError(summary, detail)
		default:
			out.AddAttributeError(at, summary, detail)
		}
	}
	return out
}

// valueless are the findings about a text that do not name it, because the command
// shows its line.
func valueless() []findings.Code {
	return []findings.Code{access.CodeRefusedRune, access.CodeTooLong}
}

// quoted quotes a text, of a long one the beginning.
func quoted(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return fmt.Sprintf("%q, and so on", string(runes[:most]))
	}
	return strconv.Quote(text)
}

func nonEmpty(texts ...string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(t string) bool { return t == "" })
}

// upperFirst begins a sentence, as Terraform's own diagnostics do. A key of the
// config stays as it is written.
func upperFirst(s string) string {
	word, _, _ := strings.Cut(s, " ")
	if strings.Contains(word, "_") {
		return s
	}
	return findings.Upper(s)
}

// failed returns an error's findings, or the error itself.
func failed(err error) diag.Diagnostics {
	if errors.Is(err, context.Canceled) {
		return report(findings.List{findings.Diagnostic{Severity: findings.Error, Code: apply.CodeInterrupted, Summary: "the run was interrupted"}.
			With(findings.Remedy{Way: findings.ApplyAgain, Then: "; it continues what was begun"})})
	}
	if list := findings.FromError(err); list != nil {
		return report(list)
	}
	var out diag.Diagnostics
	out.AddError("IAM Identity Center could not be queried", upperFirst(trust.Show(err.Error())))
	return out
}

// narrow softens what a plan for one group cannot know, because nothing else
// was read: whether an account has another administrator.
func narrow(list findings.List) findings.List {
	out := make(findings.List, len(list))
	for i, f := range list {
		if f.Code == plan.LastAdministrator {
			f.Severity = findings.Warning
			f.Summary = fmt.Sprintf("account %q (%s) loses an administrator", f.Subject.Name, f.Subject.ID)
			f.Detail = "Terraform looks at one group at a time, so whether the account has another administrator was not looked at."
			f.Hint, f.Remedy = "Make sure that another way in exists.", findings.Remedy{}
		}
		out[i] = f
	}
	return out
}

// only returns the findings of some codes.
func only(list findings.List, codes ...findings.Code) findings.List {
	return slices.DeleteFunc(slices.Clone(list), func(f findings.Diagnostic) bool { return !slices.Contains(codes, f.Code) })
}

// outcome returns what a run has to say: why changes failed, and what is left.
func outcome(result *apply.Result) findings.List {
	list := result.Findings()
	if len(list) == 0 && len(result.Left) > 0 {
		list = append(list, findings.Diagnostic{Severity: findings.Error, Code: apply.CodeInterrupted,
			Summary: "the apply ended before everything was done"}.With(findings.Remedy{Way: findings.ApplyAgain, Then: " to do what is left"}))
	}
	return list
}
