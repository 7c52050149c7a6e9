package tfprovider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// planDelete plans that nothing of the resource is wanted any more. Everything
// is read: what is not seen is not deleted.
func (r *groupResource) planDelete(ctx context.Context, g groupData) (*want, *plan.Plan, *access.State, diag.Diagnostics) {
	w, live, err := r.leaving(ctx, g)
	if err != nil {
		return nil, nil, nil, failed(err)
	}
	scope := plan.Scope{Groups: []string{}, Sets: []string{w.set}}
	if !g.external {
		scope.Groups = []string{w.name}
	}
	var nothing access.State
	allow := stringsOf(g.Allow)
	p := plan.Diff(&nothing, &live, plan.Options{Via: access.ViaTerraform, Owner: w.owner, SetUp: w.setUp, IdP: w.idp, Scope: scope,
		Guards: plan.Guards{RemovalsOff: true, AllowLockout: allows(allow, "lockout"), Caller: r.session.caller()}})
	return w, p, &live, report(narrow(p.Findings))
}

// leaving reads all that goes, and says what it is. A group of ours that was renamed in
// AWS goes under its name of now: left behind, it would keep its mark and its members,
// and nobody would know of it.
func (r *groupResource) leaving(ctx context.Context, g groupData) (*want, access.State, error) {
	w := r.wantOfState(g)
	reader, err := r.session.connect(ctx)
	if err != nil {
		return w, access.State{}, err
	}
	reading := w.reading(true)
	reading.Leaving = !g.external
	live, _, err := reader.Read(ctx, reading)
	if err != nil || g.external {
		return w, live, err
	}
	names, err := r.renamed(ctx, w, &live, &g)
	now := names[w.name]
	if err != nil || now.ID == "" || now.ID != g.ID.ValueString() {
		return w, live, err
	}
	g.Name, g.PermissionSetName = types.StringValue(now.Now), types.StringValue(w.set)
	return r.leaving(ctx, g)
}
