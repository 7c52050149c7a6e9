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

// names reads every name that AWS has; nil where that fails, because what is missing
// is missing even where nobody can say what is near.
func (s *session) names(ctx context.Context) *access.State {
	client, err := s.connect(ctx)
	if err != nil {
		return nil
	}
	all, _, err := client.ReadIdentities(ctx, presence.Everything())
	if err != nil {
		return nil
	}
	return &all
}

// arrivals is what can bring a name that a plan misses, between the plan and the
// apply of its resource. Terraform plans each resource alone, so what others of the
// same apply make is not seen; docs/decisions/0034-missing-at-plan.md says what is
// counted on. An account is not among it: one of the same apply is written by its id,
// which is not known at plan.
type arrivals struct {
	users  bool                     // resources of the same apply make users
	groups func(presence.Item) bool // says whether a group may come
	then   string                   // what becomes of the apply where a group does not
}

// comingUsers says that users are resources of the same apply as a rule: that they
// are missing at plan says nothing. Those that SCIM brings are not.
func comingUsers(setUp access.SetUp) bool { return setUp != access.SCIMUsersOnly }

// atPlan leaves what nothing of this apply can bring an error, as it is for the
// command, softens what may come, and says nothing of what comes as a rule.
func (a arrivals) atPlan(list findings.List, of func(findings.Subject) presence.Item) findings.List {
	var out findings.List
	for _, f := range list {
		switch {
		case f.Code == plan.UserMissing && a.users:
			continue
		case f.Code == plan.GroupMissing && a.groups != nil && a.groups(of(f.Subject)):
			f.Severity, f.Blocks = findings.Warning, false
			f.Detail = joined(f.Detail, a.then)
		}
		out = append(out, f)
	}
	return out
}

// arrivals of a group's resource: SCIM brings its group, where it waits for it.
func (r *groupResource) arrivals(w *want, waits bool) arrivals {
	return arrivals{users: comingUsers(w.setUp), then: "The apply waits for it.",
		groups: func(i presence.Item) bool { return r.external && waits && i.Coming() }}
}

// arrivals of members: another resource of the same apply may make the group, unless
// AWS takes one that is there for the same.
func (m membersModel) arrivals() arrivals {
	return arrivals{users: comingUsers(m.config().SetUp()), then: "The apply stops here unless it is there by then.",
		groups: func(i presence.Item) bool { return !i.Taken() }}
}

// missing answers about a group that a plan misses.
func (w *want) missing(live *access.State) func(findings.Subject) presence.Item {
	return missingIn(&w.desired, live, presence.Options{SetUp: w.setUp, IdP: w.idp, Names: w.names})
}

func missingIn(desired, live *access.State, o presence.Options) func(findings.Subject) presence.Item {
	names := presence.Ask(desired, live, o)
	return func(s findings.Subject) presence.Item { return names.Group(desired.GroupIndex(s.Name)) }
}

// why plans again with every name that there is, where something is missing that is
// no matter of course, so that the plan says what was meant.
func (r *groupResource) why(ctx context.Context, w *want, live *access.State, g groupData, before *groupData, p *plan.Plan) *plan.Plan {
	if w.names = r.session.names(ctx); w.names == nil {
		return p
	}
	return r.diff(w, live, g, before)
}

// joined puts texts one below the other.
func joined(texts ...string) string { return strings.Join(nonEmpty(texts...), "\n") }
