package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// missing are the findings that --allow-missing lets through.
func missing() []diag.Code {
	return []diag.Code{AccountMissing, AccountAmbiguous, AccountInactive, GroupMissing, GroupRenamed, UserMissing,
		NameDiffersInCase, RenameUnclear, SetUnmarked, SetOfOther, GroupOfSCIM, UserOfSCIM, NotObserved, GroupUnmarked, OtherDoor, OutsideScope, LockMark}
}

// Lacks says whether something that the config names is not there, by the codes that
// say so.
func Lacks(findings diag.List, codes ...diag.Code) bool {
	return slices.ContainsFunc(findings, func(f diag.Diagnostic) bool { // who is to be removed and is gone is no subject
		return slices.Contains(codes, f.Code) && f.Subject.Name != ""
	})
}

// flagFor names the flag that lets a refusal of the code through, and says
// whether it is given; "" is for what no flag lets through as it is.
func (g Guards) flagFor(code diag.Code) (flag string, given bool) {
	switch code {
	case Removals:
		return "--allow-removals", g.AllowRemovals
	case Lockout, LastAdministrator:
		return "--allow-lockout", g.AllowLockout
	case Replacement:
		return "--allow-replace", g.AllowReplace
	}
	if slices.Contains(missing(), code) {
		return "--allow-missing", g.AllowMissing
	}
	return "", false
}

// Allowable says that a finding refuses the plan and that `--allow` with its id
// lets it through. A rebind is not among them: the plan itself changes with
// --allow-rebind.
func Allowable(f diag.Diagnostic) bool {
	flag, _ := Guards{}.flagFor(f.Code)
	return f.Severity == diag.Error && f.ID != "" && flag != ""
}

// consent turns the refusals to which the flags agree into warnings. A finding
// that a guard gave no id has the one of its code and summary.
func (g Guards) consent(findings diag.List) {
	for i, f := range findings {
		if f.ID == "" {
			f = identified[string](f)
		}
		if flag, given := g.flagFor(f.Code); Allowable(f) && (given || slices.Contains(g.Allow, f.ID)) {
			f = agreed(f, flag, given)
		} else if flag == "--allow-missing" && f.Severity == diag.Error {
			f.Blocks = true
		}
		findings[i] = f
	}
}

// agreed is a finding that a flag let through: one that told to pass the flag says
// that it was.
func agreed(f diag.Diagnostic, flag string, given bool) diag.Diagnostic {
	f.Severity = diag.Warning
	if !slices.Contains([]diag.Way{diag.AllowLockout, diag.AllowRemovals, diag.KeepRoles}, f.Remedy.Way) {
		return f
	}
	if !given {
		flag = "--allow " + f.ID
	}
	return f.With(diag.Remedy{Way: diag.Agreed, Name: flag})
}

// NotFound returns those of the ids of findings that no finding has. Consent to
// something that is not there is a mistake: the situation is another one.
func (p *Plan) NotFound(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return slices.ContainsFunc(p.Findings, func(f diag.Diagnostic) bool { return f.ID == id })
	})
}

// idLength is how many hex digits an id has: few enough to type, and enough
// that two findings of one plan do not meet.
const idLength = 8

// identified returns the finding with the id of its content: code, summary and what
// else it is about, never its place in a file. The same situation has the same
// id in every plan, and another one has another.
func identified[T ~string](f diag.Diagnostic, about ...T) diag.Diagnostic {
	h := sha256.New()
	for _, part := range append([]string{string(f.Code), f.Summary}, sortedTexts(about)...) {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	f.ID = hex.EncodeToString(h.Sum(nil))[:idLength]
	return f
}

func sortedTexts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	slices.Sort(out)
	return out
}
