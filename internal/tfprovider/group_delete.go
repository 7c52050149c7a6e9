package tfprovider

import (
	"context"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// planDelete plans that nothing of the resource is wanted any more. Everything
// is read: what is not seen is not deleted.
func (r *groupResource) planDelete(ctx context.Context, g groupData) (*want, *plan.Plan, *access.State, diag.Diagnostics) {
	w, found := r.wantOfState(ctx, g)
	if found.HasError() {
		return nil, nil, nil, found
	}
	client, err := r.session.connect(ctx)
	if err != nil {
		return nil, nil, nil, failed(err)
	}
	live, err := readGroup(ctx, client, w, true)
	if err != nil {
		return nil, nil, nil, failed(err)
	}
	scope := plan.Scope{Groups: []string{}, Sets: []string{w.set}}
	if !g.external {
		scope.Groups = []string{w.name}
		if err := r.session.addUses(ctx, client, w, &live); err != nil {
			return nil, nil, nil, failed(err)
		}
	}
	var nothing access.State
	allow := stringsOf(g.Allow)
	p := plan.Diff(&nothing, &live, plan.Options{Owner: w.owner, SetUp: w.setUp, IdP: w.idp, Scope: scope,
		Guards: plan.Guards{RemovalsOff: true, AllowLockout: allows(allow, "lockout"), Caller: r.session.caller()}})
	return w, p, &live, report(narrow(p.Findings))
}

// usesRead is what else uses the groups of an owner, read once in a process.
type usesRead struct {
	once sync.Once
	live access.State
	err  error
}

// addUses adds to a group's live state whether anything else uses it. What
// reads that reads it for all groups of the owner at once.
func (s *session) addUses(ctx context.Context, c *identitycenter.Client, w *want, live *access.State) error {
	group := live.GroupIndex(w.name)
	if group < 0 || live.Groups[group].Owner != w.owner {
		return nil
	}
	s.mu.Lock()
	uses := s.uses[w.owner]
	if uses == nil {
		uses = &usesRead{}
		s.uses[w.owner] = uses
	}
	s.mu.Unlock()
	uses.once.Do(func() {
		uses.live, _, uses.err = c.Read(ctx, identitycenter.ReadOptions{Owner: w.owner, Ignore: []string{"*"}})
	})
	if uses.err != nil {
		return uses.err
	}
	id := live.Groups[group].ID
	at := uses.live.GroupIndex(w.name)
	if at < 0 || uses.live.Groups[at].ID != id || !uses.live.Observed.Uses[id] {
		return nil // not seen, so it stays
	}
	for _, g := range uses.live.Grants {
		if g.Kind == access.GroupPrincipal && int(g.Principal) == at && uses.live.Sets[g.Set].Name != w.set {
			return nil // something else uses it: it stays
		}
	}
	live.Groups[group].Applications = uses.live.Groups[at].Applications
	live.Observed.Uses[id] = true
	return nil
}

// missing explains a group that is not there.
func missing(name, idp string) findings.Diagnostic {
	return findings.Diagnostic{Severity: findings.Error, Code: plan.GroupMissing, Range: place("name"),
		Summary: fmt.Sprintf("group %q is not in IAM Identity Center", name),
		Hint:    fmt.Sprintf("make sure that %s pushes a group of exactly this name to AWS", idp)}
}
