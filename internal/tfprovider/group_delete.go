package tfprovider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
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
	reading := w.reading(true)
	reading.Leaving = !g.external
	live, _, err := reader.Read(ctx, reading)
	if err != nil {
		return nil, nil, nil, failed(err)
	}
	p := r.deletion(w, &live, g, !g.external)
	left, err := r.staysRenamed(ctx, w, &live, g)
	if err != nil {
		return nil, nil, nil, failed(err)
	}
	list := slices.Concat(narrow(p.Findings), r.gone(w, &live, p, g, len(left) > 0))
	if !list.HasErrors() {
		list = append(list, left...)
	}
	return w, p, &live, report(list)
}

// deletion is the plan that nothing of the resource is wanted any more: of its permission
// set, and of its group.
func (r *groupResource) deletion(w *want, live *access.State, g groupData, group bool) *plan.Plan {
	scope := plan.Scope{Groups: []string{}, Sets: []string{w.set}}
	if group {
		scope.Groups = []string{w.name}
	}
	var nothing access.State
	return plan.Diff(&nothing, live, plan.Options{Via: access.ViaTerraform, Owner: w.owner, SetUp: w.setUp, IdP: w.idp, Scope: scope,
		Guards: plan.Guards{RemovalsOff: true, AllowLockout: allows(stringsOf(g.Allow), "lockout"), Caller: r.session.caller()}})
}

// gone says what keeps a destroy from being what its plan showed: another object of that
// name, somebody who came since, or a mark that is no longer ours.
func (r *groupResource) gone(w *want, live *access.State, p *plan.Plan, g groupData, renamed bool) findings.List {
	var out findings.List
	group, set := live.GroupIndex(w.name), live.SetIndex(w.set)
	if group >= 0 && !renamed && live.Groups[group].ID != g.ID.ValueString() {
		out = append(out, changedSince("name", fmt.Sprintf("group %q is not one that Terraform's state has: somebody else created it since", w.name)))
	}
	if set >= 0 && live.Sets[set].ARN != g.PermissionSetARN.ValueString() {
		out = append(out, changedSince("permission_set_name", fmt.Sprintf("permission set %q is not one that Terraform's state has: somebody else created it since", w.set)))
	}
	return slices.Concat(out, r.notOurs(w, live), r.unshown(live, p, g), r.handedOver(w, live, g))
}

// notOurs refuses to delete what does not carry our mark.
func (r *groupResource) notOurs(w *want, live *access.State) findings.List {
	var out findings.List
	group, set := live.GroupIndex(w.name), live.SetIndex(w.set)
	if set >= 0 && live.Sets[set].Owner != w.owner {
		out = append(out, staysUnmarked(fmt.Sprintf("permission set %q", w.set), "permission_set_name", live.Sets[set].Owner))
	}
	if group >= 0 && !r.external && live.Groups[group].Owner != w.owner {
		out = append(out, staysUnmarked(fmt.Sprintf("group %q", w.name), "name", live.Groups[group].Owner))
	}
	return out
}

// neverOurs says that it was imported, and that no apply has taken it over to its end.
func (g *groupData) neverOurs() bool { return !g.saidDoor && g.Owner.IsNull() }

// stays says that nothing is deleted of what was never ours.
func stays(name string) findings.Diagnostic {
	return findings.Diagnostic{Severity: findings.Warning, Code: plan.SetUnmarked, Range: place("name"),
		Summary: fmt.Sprintf("Group %q and what it has stay: they were imported, and no apply has taken them over", name)}
}

func staysUnmarked(what, attribute, owner string) findings.Diagnostic {
	f := findings.Diagnostic{Severity: findings.Error, Code: plan.SetUnmarked, Range: place(attribute), Summary: what + " is not deleted: it does not carry our mark",
		Detail: "Nothing of this resource is deleted.", Hint: "Apply the resource once more, which puts the mark back, and destroy it then; or remove it from Terraform with a `removed` block that has `destroy = false`."}
	if owner != "" {
		f.Code, f.Summary = plan.SetOfOther, fmt.Sprintf("%s is not deleted: it belongs to owner %q now", what, owner)
		f.Hint = "Have it removed there; or remove this resource from Terraform with a `removed` block that has `destroy = false`."
	}
	return f
}

// staysRenamed says of a group of ours that was renamed in AWS that it stays, without
// what the resource gave it: the plan showed another name, and nobody knows who is in it
// for what reason.
func (r *groupResource) staysRenamed(ctx context.Context, w *want, live *access.State, g groupData) (findings.List, error) {
	if g.external {
		return nil, nil
	}
	names, err := r.renamed(ctx, w, live, &g)
	now := names[w.name]
	if err != nil || now.ID == "" || now.ID != g.ID.ValueString() {
		return nil, err
	}
	return findings.List{{Severity: findings.Warning, Code: plan.GroupRenamed, Range: place("name"),
		Summary: fmt.Sprintf("The group %q stays: it is called %q now", w.name, now.Now),
		Detail:  "The plan showed it by its former name, and who is in it now may be others. What this resource granted it is removed.",
		Hint:    fmt.Sprintf("Check who is in %q, and delete it in the IAM Identity Center console; or define it in a config under that name and remove it again.", now.Now)}}, nil
}
