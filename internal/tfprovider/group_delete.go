package tfprovider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// planDelete plans that nothing of the resource is wanted any more. Everything
// is read: what is not seen is not deleted.
func (r *groupResource) planDelete(ctx context.Context, g groupData) (*want, *plan.Plan, *access.State, diag.Diagnostics) {
	w := r.wantOfState(g)
	reader, err := r.session.connect(ctx)
	if err != nil {
		return nil, nil, nil, failed(err)
	}
	scope, reading := plan.Scope{Groups: []string{}, Sets: []string{w.set}}, w.reading(true)
	if !g.external {
		scope.Groups, reading.Leaving = []string{w.name}, true
	}
	live, _, err := reader.Read(ctx, reading)
	if err != nil {
		return nil, nil, nil, failed(err)
	}
	var nothing access.State
	allow := stringsOf(g.Allow)
	p := plan.Diff(&nothing, &live, plan.Options{Via: access.ViaTerraform, Owner: w.owner, SetUp: w.setUp, IdP: w.idp, Scope: scope,
		Guards: plan.Guards{RemovalsOff: true, AllowLockout: allows(allow, "lockout"), Caller: r.session.caller()}})
	return w, p, &live, report(narrow(p.Findings))
}
