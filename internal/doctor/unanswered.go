package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/probe/scim"
)

// CodeUnanswered is that of what the config lets doctor ask, and that gave no answer.
const CodeUnanswered diag.Code = "doctor.unseen"

// Unanswered is a system that the config names and that gave no answer: what hangs
// on it is not known, and nothing of it is right because nothing wrong was seen.
type Unanswered struct {
	System string `json:"system"`
	Why    string `json:"why"`
	Needs  string `json:"needs,omitempty"`
	// Call is the question, where there was one.
	Call string `json:"call,omitempty"`
}

// unanswered keeps a question to the identity provider that got no answer.
func (g *gatherer) unanswered(err error) {
	g.heard = true
	var e *directory.Error
	switch {
	case !errors.As(err, &e): // or the end of the context, which ends the diagnosis
		return
	case e.Kind == directory.NotLicensed:
		return // nothing is broken, and nothing in the set-up would mend it
	case g.f.Export != "" && e.Kind == directory.NotThere:
		return // an export may well have no groups
	}
	g.miss(Unanswered{System: e.System, Why: e.Evidence().Saw, Needs: e.Needs, Call: e.Call})
}

// reached asks the identity provider something where nothing of the set-up had
// to be asked: a connector that does not work is not to be taken for one.
func (g *gatherer) reached(ctx context.Context) {
	if people, ok := g.Directory.(directory.People); ok && !g.heard && g.f.hasIdP() {
		_, err := people.FindPerson(ctx, nobody)
		g.unanswered(err)
	}
}

// nobody is a name that no directory has (RFC 2606).
const nobody = "nobody@rolecall.invalid"

// miss keeps one for each system: the first.
func (g *gatherer) miss(u Unanswered) {
	if !slices.ContainsFunc(*g.failedSystems, func(have Unanswered) bool { return have.System == u.System }) {
		*g.failedSystems = append(*g.failedSystems, u)
	}
}

// failedProbes adds the probes that were to be made and failed.
func (g *gatherer) failedProbes() {
	if a := g.f.SCIM; a.Known && !a.Value.OK() && !a.Value.Failure.Certain() {
		g.miss(Unanswered{System: scim.System, Why: a.Value.Failure.Cause() + ": " + a.Value.Evidence.Saw, Needs: a.Value.Failure.Fix()})
	}
	if a := g.f.SCIM; !a.Known && len(a.Evidence) > 0 {
		g.miss(Unanswered{System: a.Evidence[0].System, Why: a.Evidence[0].What + ": " + a.Evidence[0].Saw})
	}
	if m := g.f.Metadata; !m.Known && len(m.Evidence) > 0 {
		g.miss(Unanswered{System: m.Evidence[0].System, Why: m.Evidence[0].What + ": " + m.Evidence[0].Saw})
	}
}

// notSeen says in the answer what is not proven; "" where everything was asked.
func (r Report) notSeen() string {
	if len(r.Unanswered) == 0 {
		return ""
	}
	var parts []string
	for _, u := range r.Unanswered {
		parts = append(parts, fmt.Sprintf("%s could not be seen in full (%s)", u.System, u.Why))
	}
	return strings.Join(parts, ", and ") + ", so what depends on that is not proven."
}

// Proven says that everything that the config lets doctor ask was seen.
func (r Report) Proven() bool { return len(r.Unanswered) == 0 }

func (u Unanswered) finding() diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Error, Code: CodeUnanswered, Summary: u.System + " could not be seen", Detail: strings.TrimPrefix(u.Call+": "+u.Why, ": "), Hint: u.Needs}
}
