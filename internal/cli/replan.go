package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/write"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// stillApproved plans again where the answer came so late that what was read no
// longer counts: whoever was given a permission set or came into a group in the
// meantime would get what the plan grants to others. It goes on only with the changes
// that were approved.
func (s *session) stillApproved(ctx context.Context, r *planRun) (*planRun, error) {
	if write.IsLook(s.seen) {
		return r, nil
	}
	fmt.Fprintln(s.app.sys.Stderr, "The plan is more than a minute old, so AWS is read again.")
	p, err := s.plan(ctx, r.f)
	if err != nil {
		return nil, err
	}
	s.findings = nil // they were shown with the plan
	if err := changedSince("the plan that was shown", "AWS has changed since.", r.did.Plan.Plan, p); err != nil {
		return nil, err
	}
	again := s.run(p, r.f)
	again.shown = true
	return again, nil
}

// maxDifferences is how many differences from an approved plan are named.
const maxDifferences = 20

// changedSince says how a plan differs from the approved one; nil where it does
// not.
func changedSince(what, why string, approved, now *plan.Plan) error {
	differences, err := plan.Differences(approved.Changes, now.Changes)
	if err != nil || len(differences) == 0 {
		return err
	}
	var lines []string
	words := map[plan.ID]string{}
	for _, c := range slices.Concat(approved.Changes, now.Changes) {
		words[c.ID] = c.Describe()
	}
	for _, d := range differences[:min(len(differences), maxDifferences)] {
		switch {
		case d.Then && d.Now:
			lines = append(lines, words[d.ID]+": its details or its order are not as approved")
		case d.Then:
			lines = append(lines, words[d.ID]+": no longer needed")
		default:
			lines = append(lines, words[d.ID]+": not in the approved plan")
		}
	}
	if more := len(differences) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return diag.Diagnostic{Severity: diag.Error, Code: CodePlanChanged, Summary: what + " is out of date: nothing was written",
		Detail: why + " " + strings.Join(lines, "; ") + ".", Hint: "Plan again, review the difference, and approve the new plan."}
}
