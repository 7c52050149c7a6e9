package tfprovider

import (
	"context"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// lacks says whether something that the config names is not there.
func lacks(list findings.List) bool {
	return plan.Lacks(list, plan.AccountMissing, plan.GroupMissing, plan.UserMissing)
}

// names reads every name that AWS has, those of users where asked; nil where that
// fails, because what is missing is missing even where nobody can say what is near.
func (s *session) names(ctx context.Context, users bool) *access.State {
	reader, err := s.connect(ctx)
	if err != nil {
		return nil
	}
	var desired access.State // groups are listed, whatever is asked for
	if users {
		desired = presence.Everything()
	}
	all, _, err := reader.Identities(ctx, desired)
	if err != nil {
		return nil
	}
	return &all
}

// early is what a plan says of what its apply may still find. Terraform plans each
// resource alone, so what others of the same apply make is not seen:
// docs/decisions/0034-missing-at-plan.md says what is counted on. Users are resources
// of the same apply as a rule, unless SCIM brings them; then says what becomes of the
// apply where a group may still come, "" where it cannot. All else that is missing is
// an error, as it is for the command.
func early(list findings.List, setUp access.SetUp, then func(group string) string) findings.List {
	var out findings.List
	for _, f := range list {
		switch f.Code {
		case plan.UserMissing:
			if setUp != access.SCIMUsersOnly {
				continue
			}
		case plan.GroupMissing:
			if text := then(f.Subject.Name); text != "" {
				f.Severity, f.Blocks, f.Detail = findings.Warning, false, joined(f.Detail, text)
			}
		}
		out = append(out, f)
	}
	return out
}

// early of a group's resource: SCIM brings its group, and it may wait for that.
func (r *groupResource) early(w *want, live *access.State, waits bool, list findings.List) findings.List {
	names := presence.Ask(&w.desired, live, presence.Options{SetUp: w.setUp, IdP: w.idp, Names: w.names})
	return early(list, w.setUp, func(group string) string {
		if !r.external || !waits || names.Group(w.desired.GroupIndex(group)).Verdict != presence.NotYet {
			return ""
		}
		return "The apply waits for it."
	})
}

// early of members: another resource of the same apply may make the group, unless AWS
// takes one that is there for the same.
func (m membersModel) early(live *access.State, list findings.List) findings.List {
	desired, c := m.desired(nil), m.config()
	names := presence.Ask(&desired, live, presence.Options{SetUp: c.SetUp(), IdP: c.IdPName()})
	return early(list, c.SetUp(), func(group string) string {
		if names.Group(desired.GroupIndex(group)).Taken() {
			return ""
		}
		return "The apply stops here unless it is there by then."
	})
}

// why plans again with every name that there is, where something is missing that is
// no matter of course, so that the plan says what was meant.
func (r *groupResource) why(ctx context.Context, w *want, live *access.State, g groupData, before *groupData, p *plan.Plan) *plan.Plan {
	if w.names = r.session.names(ctx, plan.Lacks(p.Findings, plan.UserMissing)); w.names == nil {
		return p
	}
	return r.diff(w, live, g, before)
}

// joined puts texts one below the other.
func joined(texts ...string) string { return strings.Join(nonEmpty(texts...), "\n") }
