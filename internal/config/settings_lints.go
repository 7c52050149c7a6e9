package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config/terragrunt"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// lintKind is one lint as rolecall.hcl sets it: by a severity alone, or by an
// object of its keys.
type lintKind struct {
	*access.Kind
	code  diag.Code
	at    func(*access.Lints) any // its settings
	needs string                  // the key without which the lint finds nothing
	alone bool                    // a severity alone will do all the same
	set   string                  // an example of what sets it
}

func (k lintKind) key() string { return access.LintKey(k.code) }

// read reads one lint: its severity, or an object.
func (k lintKind) read(l *loader, n terragrunt.Node, lints *access.Lints) {
	out := k.at(lints)
	severity := k.Keys[0].At(out).(*text)
	if _, ok := l.Text(n); ok {
		*severity = l.readText(n, k.key())
	} else if members, ok := l.Fields(n); ok {
		newObject(k.Kind).readFields(l, members, out)
	} else {
		l.wrongType(n, "", k.key(), "off, warning, error or an object")
	}
	if severity.Value != "" && !slices.Contains([]string{"off", "warning", "error"}, severity.Value) {
		l.Reportf(CodeBadSetting, severity.Range, lintHint(severity.Value), "%q is not a severity of lints", severity.Value)
	}
	if severity.Value != "off" && !k.whole(out) && !l.reportedWithin(n.Range()) {
		l.Reportf(CodeBadSetting, n.Range(), fmt.Sprintf("Write %s.", k.example()), "the lint %q needs %s to find anything", k.key(), k.needs)
	}
}

// whole says that the lint has what it needs.
func (k lintKind) whole(settings any) bool {
	if k.needs == "" || k.alone {
		return true
	}
	switch at := k.Keys[slices.Index(k.Names(), k.needs)].At(settings).(type) {
	case *text:
		return at.Value != ""
	case *texts:
		return len(at.Items) > 0
	default:
		return false
	}
}

func lintHint(severity string) string {
	return names.DidYouMean(names.Nearest(severity, []string{"off", "warning", "error"}), "Use off, warning or error.")
}

// reportedWithin says whether something at or within the place is reported.
func (l *loader) reportedWithin(at diag.Range) bool {
	return slices.ContainsFunc(l.Found, func(d diag.Diagnostic) bool {
		return d.Range.File == at.File && d.Range.Start.Byte >= at.Start.Byte && d.Range.End.Byte <= at.End.Byte
	})
}

// example returns the least that sets the lint.
func (k lintKind) example() string {
	return fmt.Sprintf("%s = { %s }", k.key(), k.set)
}

// readLints reads the block lints.
func (l *loader) readLints(fields []terragrunt.Field, out *access.Lints) {
	kinds := map[string]lintKind{}
	var known []string
	for _, k := range lintKinds() {
		kinds[k.key()] = k
		known = append(known, k.key())
	}
	for _, f := range fields {
		kind, ok := kinds[f.Name]
		if !ok {
			l.unknownLint(f, known)
			continue
		}
		if n := l.Resolve(f.Node); !n.Broken() && !l.Null(n) {
			kind.read(l, n, out)
		}
	}
}

func (l *loader) unknownLint(f terragrunt.Field, known []string) {
	hint := names.DidYouMean(names.Nearest(strings.ReplaceAll(f.Name, "-", "_"), known), "docs/lints.md lists them: "+strings.Join(known, ", ")+".")
	l.Reportf(CodeUnknownKey, f.At, hint, "unknown lint %q", f.Name)
}
