package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Report is what doctor says.
type Report struct {
	Subject Subject `json:"subject"`
	Name    string  `json:"name,omitempty"`
	Account string  `json:"account,omitempty"`
	// Answer is the whole of it in a sentence or two.
	Answer string `json:"answer"`
	// State is the worst of all verdicts.
	State State  `json:"state"`
	Chain []Step `json:"chain"`
	// Unanswered are the systems that the config names and that gave no answer: with
	// one, nothing is proven.
	Unanswered []Unanswered `json:"unseen,omitempty"`
	Verdicts   []Verdict    `json:"verdicts"`
}

// Step is a link of the chain. Broken marks the first one with a problem;
// behind it nothing can arrive.
type Step struct {
	Link   Link   `json:"link"`
	State  State  `json:"state"`
	Broken bool   `json:"broken,omitempty"`
	Says   string `json:"says,omitempty"`
}

// Diagnose runs all checks on the facts.
func Diagnose(f *Facts) Report {
	r := Report{Subject: f.Subject, Name: f.Name, State: OK, Chain: []Step{}, Verdicts: []Verdict{}, Unanswered: f.Unanswered}
	if f.Account.Known && f.Account.Value != nil {
		r.Account = f.Account.Value.ID
	}
	r.Verdicts = append(r.Verdicts, judge(f, Checks())...)
	for _, v := range r.Verdicts {
		r.State = worse(r.State, v.State)
	}
	r.Chain = chain(r.Verdicts)
	r.Answer = r.answer(f)
	return r
}

// Found returns the verdicts of a state.
func (r Report) Found(s State) []Verdict {
	return slices.DeleteFunc(slices.Clone(r.Verdicts), func(v Verdict) bool { return v.State != s })
}

// Waits says that all problems go by themselves.
func (r Report) Waits() bool {
	return !slices.ContainsFunc(r.Found(Problem), func(v Verdict) bool { return v.Until.IsZero() })
}

func rank(s State) int { return slices.Index([]State{OK, CannotTell, Warning, Problem}, s) }

func worse(a, b State) State {
	if rank(b) > rank(a) {
		return b
	}
	return a
}

func chain(verdicts []Verdict) []Step {
	steps := []Step{}
	broken := false
	for _, link := range Links() {
		step := Step{Link: link, State: OK}
		found := false
		for _, v := range verdicts {
			if v.Link != link {
				continue
			}
			found = true
			if worst := worse(step.State, v.State); worst != step.State || step.Says == "" {
				step.State, step.Says = worst, says(v)
			}
		}
		if !found {
			continue
		}
		step.Broken = step.State == Problem && !broken
		broken = broken || step.Broken
		steps = append(steps, step)
	}
	return steps
}

func says(v Verdict) string {
	saw := ""
	if len(v.Evidence) > 0 {
		saw = v.Evidence[0].Saw
	}
	return cmp.Or(v.Cause, v.Needs, saw)
}

func (r Report) answer(f *Facts) string {
	problems, warnings, cannot := r.Found(Problem), r.Found(Warning), r.Found(CannotTell)
	switch {
	case len(problems) > 0:
		first := problems[max(0, slices.IndexFunc(problems, func(v Verdict) bool { return v.stops }))]
		return ended(diag.Upper(first.Cause)) + after(r.notSeen())
	case len(warnings) > 0 && f.Subject == Person && f.reaches():
		return fmt.Sprintf("In AWS %q has the access. But %s", f.Name, ended(warnings[0].Cause)) + others(len(warnings)-1) + after(r.notSeen()) + untold(cannot)
	case len(warnings) > 0 && f.Subject == Person:
		return ended(diag.Upper(warnings[0].Cause)) + others(len(warnings)-1) + after(r.notSeen()) + untold(cannot)
	case len(warnings) > 0:
		return "Nothing is broken. But " + ended(warnings[0].Cause) + others(len(warnings)-1) + after(r.notSeen()) + untold(cannot)
	case !r.Proven() && f.Subject == Person && !f.reaches():
		return diag.Upper(r.notSeen()) + " No cause was found in what was seen, and the access was not seen either." + untold(cannot)
	case !r.Proven():
		return diag.Upper(r.notSeen()) + " What was seen is right." + untold(cannot)
	case f.Subject == Person && f.reaches():
		return fmt.Sprintf("As far as can be seen, everything is right: %q has the access. Sign out of the AWS access portal and in again; a session that is open does not see new access.", f.Name) + untold(cannot)
	case f.Subject == Person && (f.unsureOfGrants() || !f.User.Known):
		return "No cause was found. Whether the access is there cannot be seen from here." + untold(cannot)
	case f.Subject == Person:
		return "No cause was found, and the access is not there either." + untold(cannot)
	default:
		return "As far as can be seen, everything is right." + untold(cannot)
	}
}

// after puts a sentence behind another, where there is one.
func after(text string) string {
	if text == "" {
		return ""
	}
	return " " + diag.Upper(text)
}

func others(warnings int) string {
	if warnings < 1 {
		return ""
	}
	return fmt.Sprintf(" Further warnings: %d.", warnings)
}

func untold(cannot []Verdict) string {
	switch len(cannot) {
	case 0:
		return ""
	case 1:
		return " One check cannot tell; what it needs is below."
	}
	return fmt.Sprintf(" %d checks cannot tell; what they need is below.", len(cannot))
}

func ended(text string) string {
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// Findings returns problems and warnings as findings, for JSON and scripts.
func (r Report) Findings() diag.List {
	var out diag.List
	for _, v := range r.Verdicts {
		if v.State == Problem || v.State == Warning {
			out = append(out, v.Finding())
		}
	}
	for _, u := range r.Unanswered {
		out = append(out, u.finding())
	}
	return out
}

// Finding returns a problem or a warning as a finding.
func (v Verdict) Finding() diag.Diagnostic {
	d := diag.Diagnostic{Severity: diag.Error, Code: CodeOf(v.Check), Summary: v.Cause, Hint: v.Fix, Range: v.Range, Evidence: v.Evidence}
	if v.State == Warning {
		d.Severity = diag.Warning
	}
	return d
}

// CodeOf returns the code of a check's findings.
func CodeOf(check string) diag.Code { return diag.Code("doctor." + check) }

// Codes explains the findings of this package.
func Codes() diag.Docs {
	var out diag.Docs
	for _, c := range Checks() {
		out = append(out, diag.CodeDoc{Code: CodeOf(c.ID), Meaning: c.Means, Do: c.Fix})
	}
	return append(out, diag.CodeDoc{Code: CodeUnanswered, Meaning: "A system that the config names was asked and did not answer, so doctor cannot tell whether it is correct.", Do: "Fix what the message names: the connector's permissions, its credentials, the network."})
}
