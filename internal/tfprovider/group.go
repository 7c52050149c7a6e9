package tfprovider

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/plan/model"
)

// groupResource is rolecall_access_group or, external, rolecall_external_group.
type groupResource struct {
	configured
	external bool
}

func (r *groupResource) kind() string {
	if r.external {
		return "external_group"
	}
	return "access_group"
}

// Create makes what is missing, and goes on with what an interrupted creation began.
// Where it does not become whole, Terraform gets no state, or it would taint the
// resource and destroy what was made: the mark in AWS says that it is unfinished.
func (r *groupResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	g, found := r.get(ctx, req.Plan)
	resp.Diagnostics.Append(found...)
	if resp.Diagnostics.HasError() {
		return
	}
	after, found := r.create(ctx, g)
	if resp.Diagnostics.Append(found...); found.HasError() {
		return
	}
	resp.Diagnostics.Append(g.stateNames().keep(ctx, resp.Private)...)
	resp.Diagnostics.Append(keepDoor(ctx, resp.Private)...)
	resp.Diagnostics.Append(keepAccounts(ctx, after, resp.Private)...)
	resp.Diagnostics.Append(r.set(ctx, &resp.State, after)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, after.identity())...)
}

func (r *groupResource) create(ctx context.Context, g groupData) (groupData, diag.Diagnostics) {
	after, wrote, found := r.write(ctx, g, nil)
	if wrote && found.HasError() {
		found.AddWarning("What was created so far stays, marked as unfinished",
			"Run `terraform apply` again: it continues. To give it up instead, let an apply finish first, and then remove the resource from the config.")
	}
	return after, found
}

// Update brings AWS to the plan.
func (r *groupResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	g, found := r.get(ctx, req.Plan)
	resp.Diagnostics.Append(found...)
	before, found := r.get(ctx, req.State)
	resp.Diagnostics.Append(found...)
	if resp.Diagnostics.HasError() {
		return
	}
	before.saidDoor = saidDoor(ctx, req.Private)
	after, wrote, found := r.write(ctx, g, &before)
	resp.Diagnostics.Append(found...)
	if wrote || !resp.Diagnostics.HasError() {
		if !found.HasError() && before.Owner.ValueString() != after.Owner.ValueString() { // taken over by this apply
			resp.Diagnostics.Append(keepDoor(ctx, resp.Private)...)
		}
		if !found.HasError() {
			resp.Diagnostics.Append(keepAccounts(ctx, after, resp.Private)...)
		}
		resp.Diagnostics.Append(g.stateNames().keep(ctx, resp.Private)...)
		resp.Diagnostics.Append(r.set(ctx, &resp.State, after)...)
		resp.Diagnostics.Append(identify(ctx, resp.Identity, after.identity())...)
	}
}

// write plans and applies one group, and returns the state that Terraform keeps:
// the planned one where all is done, else what AWS has. It says whether
// anything was written.
func (r *groupResource) write(ctx context.Context, g groupData, before *groupData) (after groupData, wrote bool, found diag.Diagnostics) {
	w, found := r.wantOf(ctx, g, before)
	if found.HasError() {
		return g, false, found
	}
	if found = r.waitForSync(ctx, g, w, before); found.HasError() {
		return g, false, found
	}
	live, p, err := r.look(ctx, w, g, before)
	if err != nil {
		return g, false, failed(err)
	}
	p.Findings = append(p.Findings, r.stillThere(w, live, before, p)...)
	found = r.session.warnings.apply(report(r.sync(p.Findings, g, before, true)), r.kind(), w.name, w.set)
	if p.Refused() {
		return g, false, found
	}
	result, done := r.session.carryOut(ctx, w.owner, live, p.Changes)
	r.session.forget(w.name)
	r.session.reader.ForgetAssignments(holders(p.Changes)...)
	found = append(found, done...)
	if result == nil {
		return g, false, found
	}
	after, err = r.afterwards(ctx, g, w, before, live, p, result)
	if err != nil {
		found = append(found, failed(err)...)
	}
	if !found.HasError() {
		if err := r.session.target(w.owner).Finish(context.WithoutCancel(ctx), r.ownGroup(after), after.PermissionSetARN.ValueString()); err != nil {
			found = append(found, failed(err)...)
		}
	}
	return after, len(result.Done) > 0 || before != nil, found
}

// holders are the groups and users, by id, whose assignments a plan changes.
func holders(changes []plan.Change) []string {
	var ids []string
	for _, c := range changes {
		if c.Kind == plan.Assignment {
			ids = append(ids, nonEmpty(c.Refs.GroupID, c.Refs.UserID)...)
		}
	}
	return ids
}

// look reads the group, unless Terraform's plan right before has, and plans; once more,
// forgetting what is remembered, where something is missing: another resource of the same apply,
// of whatever provider, may have made it.
func (r *groupResource) look(ctx context.Context, w *want, g groupData, before *groupData) (*access.State, *plan.Plan, error) {
	until := time.Now()
	for again := false; ; again = true {
		if again {
			r.session.forget(w.name)
		} else {
			r.session.forgetOld(w)
		}
		live, err := r.session.group(ctx, w)
		if err != nil {
			return nil, nil, err
		}
		if w.renamed, err = r.renamed(ctx, w, live, before); err != nil {
			return nil, nil, err
		}
		p := r.diff(w, live, g, before)
		switch {
		case !lacks(p.Findings):
			return live, p, nil
		case again && time.Now().After(until):
			return live, r.why(ctx, w, live, g, before, p), nil
		case again:
			if err := identitycenter.Sleep(ctx, 4*yieldPoll); err != nil {
				return nil, nil, err
			}
		case plan.Lacks(p.Findings, plan.UserMissing): // maybe made beside this one
			until = time.Now().Add(yieldApplied)
		}
		r.session.reader.Forget()
	}
}

// wantOf returns what a resource is about, going by what the state knows of it.
func (r *groupResource) wantOf(ctx context.Context, g groupData, before *groupData) (*want, diag.Diagnostics) {
	former, formerSet := "", ""
	if before != nil {
		former, formerSet = before.Name.ValueString(), before.PermissionSetName.ValueString()
	}
	if g.Owner.ValueString() == "" {
		return nil, diag.Diagnostics{diag.NewErrorDiagnostic("No owner is set", "Set `owner` in the provider block: 1 to 18 letters, digits and dashes. It marks what is created here.")}
	}
	w := g.want(former, formerSet)
	w.whole = before != nil && (before.Owner.IsNull() || len(before.Drift.Elements()) > 0)
	return w, nil
}

// nobody owns nothing: to read as it is to see everything as somebody else's.
const nobody = "-"

// wantOfState returns what a resource of the state is about. An import has no
// owner yet, and what carries no mark none at all.
func (r *groupResource) wantOfState(g groupData) *want {
	g.Owner = types.StringValue(cmp.Or(g.Owner.ValueString(), r.session.owner, nobody))
	return g.want("", "")
}

// afterwards returns the state after a run: what was planned, where all is done, and else
// what is there now. Where it cannot be read any more, the changes that were done are put
// into what was there before.
func (r *groupResource) afterwards(ctx context.Context, g groupData, w *want, before *groupData, live *access.State, p *plan.Plan, result *apply.Result) (groupData, error) {
	if result.Complete() && len(p.Blocked) == 0 {
		return g.complete(live, w, r.session.target(w.owner).Made), nil
	}
	now, err := r.session.group(context.WithoutCancel(ctx), w)
	if err != nil {
		after := *live
		for _, c := range p.Changes {
			if slices.Contains(result.Done, c.ID) {
				after = model.After(after, c)
			}
		}
		now = &after
	}
	if before != nil && w.formerSet != "" && ours(now, w.formerSet, w.owner) {
		return r.stillFormer(now, *before), err
	}
	left := r.diff(w, now, g, before)
	g.observe(now, w)
	g.Drift = driftOf(left)
	return g, err
}

// stillFormer is the state while the permission set that is replaced is still there: what
// it does not have, Terraform would take for nobody's. The new one is found by its name.
func (r *groupResource) stillFormer(now *access.State, before groupData) groupData {
	w := r.wantOfState(before)
	g := before
	g.observe(now, w)
	g.Drift = driftOf(r.diff(w, now, before, &before))
	return g
}

// ours says that there is such a permission set of the owner's.
func ours(live *access.State, set, owner string) bool {
	i := live.SetIndex(set)
	return i >= 0 && live.Sets[i].Owner == owner
}

// complete fills in what AWS decides. What AWS does not show yet, whoever made it knows.
func (g groupData) complete(live *access.State, w *want, made func(plan.Kind, string) string) groupData {
	seen := g
	seen.observe(live, w)
	g.ID, g.PermissionSetARN, g.AccountIDs = seen.ID, seen.PermissionSetARN, g.accountIDs(live, nil)
	if id := made(plan.Group, w.name); id != "" {
		g.ID = types.StringValue(id)
	}
	if arn := made(plan.PermissionSet, w.set); arn != "" {
		g.PermissionSetARN = types.StringValue(arn)
	}
	g.PermissionSetName, g.Drift = types.StringValue(w.set), stringSet(nil)
	if g.NotLookedAt.IsUnknown() {
		g.NotLookedAt = seen.NotLookedAt
	}
	return g
}

// diff is the plan for one group.
func (r *groupResource) diff(w *want, live *access.State, g groupData, before *groupData) *plan.Plan {
	allow := stringsOf(g.Allow)
	o := plan.Options{
		Via: access.ViaTerraform, Owner: w.owner, SetUp: w.setUp, IdP: w.idp, Scope: w.scope(), Renamed: w.renamed, Names: w.names,
		Guards: plan.Guards{RemovalsOff: true, AllowLockout: allows(allow, "lockout"), AllowReplace: allows(allow, "replace"), Caller: r.session.caller()},
	}
	if allows(allow, "rebind") {
		o.Guards.AllowRebind = append([]string{w.name}, stringsOf(g.AccountsNames)...)
	}
	o.Adopt, o.FromOwner = adoption(w, g, before)
	p := plan.Diff(&w.desired, live, o)
	p.Findings = reword(p.Findings, &w.asked, w.ask(live))
	if g.spec().Previously.Value == "" { // the state's name is nothing that the user wrote
		p.Findings = slices.DeleteFunc(p.Findings, func(f findings.Diagnostic) bool { return f.Remedy.Way == findings.DropPreviously })
	}
	p.Findings = narrow(slices.Concat(p.Findings, r.foreign(w, live, before), leftBehind(w, live, before)))
	p.Findings = append(p.Findings, keepsOld(w, p)...)
	if !r.external {
		p.Findings = refuseOthers(append(p.Findings, ofSCIM(w, live)...))
	}
	if before == nil {
		p.Findings = append(withoutUnmarked(p.Findings), r.creation(w, live, g, p)...)
		return p
	}
	if len(o.Adopt) > 0 && !allows(allow, "strangers") {
		p.Findings = append(p.Findings, strangers(w, p, before.ID.ValueString())...)
	}
	return p
}

// scope is this group and its permission sets, the one of the state among them.
func (w *want) scope() plan.Scope {
	return plan.Scope{Groups: []string{}, Sets: nonEmpty(w.set, w.formerSet)}
}

// adoption says what may be taken over: what the user says, what was imported
// (its state has no owner), and what was ours under another owner's name.
func adoption(w *want, g groupData, before *groupData) (names []string, from string) {
	switch {
	case before == nil && !g.Adopt.ValueBool():
		return nil, ""
	case before != nil && before.Owner.ValueString() == w.owner:
		return nil, "" // it is ours already, whatever `adopt` says
	case before != nil && before.Owner.ValueString() != w.owner:
		from = before.Owner.ValueString()
	}
	return nonEmpty(w.name, w.previously, w.set), from
}

// Read says what AWS has now.
func (r *groupResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	g, found := r.get(ctx, req.State)
	resp.Diagnostics.Append(found...)
	if resp.Diagnostics.HasError() || r.session == nil || r.session.unknown {
		return
	}
	imported := g.AccountsNames.IsNull()
	g.saidDoor = saidDoor(ctx, resp.Private)
	before := g
	r.session.refreshed.note(true, r.kind(), g.Name.ValueString(), g.PermissionSetName.ValueString())
	r.session.objectPlans.note(inState, r.ownGroup(g), g.PermissionSetARN.ValueString())
	names := g.stateNames()
	if !imported {
		if names, found = refreshed(ctx, names, resp.Private); found.HasError() {
			resp.Diagnostics.Append(found...)
			return
		}
	}
	w := r.wantOfState(g)
	live, err := r.session.group(ctx, w)
	if err != nil {
		resp.Diagnostics.Append(failed(err)...)
		return
	}
	if !imported {
		g.Drift = driftOf(r.diff(w, live, g, &before))
	}
	if !g.observe(live, w) {
		r.session.removed.note(names, r.kind(), w.name)
		resp.Diagnostics.Append(identify(ctx, resp.Identity, before.identity())...) // the framework wants one even of what is gone
		resp.State.RemoveResource(ctx)
		return
	}
	if !imported && g.Owner.IsNull() && !before.Owner.IsNull() { // the mark is off: what an apply does is to take it over again
		unowned := before
		unowned.Owner = types.StringNull()
		g.Drift = driftOf(r.diff(w, live, before, &unowned))
	}
	if f := r.found(w, live); !f.nothing() && madeHere(live, f.group, f.set, r.external) {
		resp.Diagnostics.Append(keepDoor(ctx, resp.Private)...)
	}
	if err := r.keepID(ctx, &g, w, live, &before); err != nil {
		resp.Diagnostics.Append(failed(err)...)
		return
	}
	if imported {
		resp.Diagnostics.Append(othersSet(w, live)...)
		g.Drift = driftOf(r.diff(r.wantOfState(g), live, g, &g)) // what owning it takes away: all that the state does not name
	}
	resp.Diagnostics.Append(r.set(ctx, &resp.State, g)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, g.identity())...)
}

// othersSet refuses to import a permission set that another owner has.
func othersSet(w *want, live *access.State) diag.Diagnostics {
	set := live.SetIndex(w.set)
	if set < 0 || w.owner == nobody || live.Sets[set].Owner == "" || live.Sets[set].Owner == w.owner {
		return nil
	}
	return report(findings.List{{Severity: findings.Error, Code: plan.SetOfOther,
		Summary: fmt.Sprintf("permission set %q belongs to owner %q", w.set, live.Sets[set].Owner)}})
}

// Delete takes away the assignments, the permission set and, where nothing else uses
// it, a group of ours.
func (r *groupResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	g, found := r.get(ctx, req.State)
	resp.Diagnostics.Append(found...)
	if resp.Diagnostics.HasError() {
		return
	}
	g.saidDoor, g.said = saidDoor(ctx, req.Private), saidDestroys(ctx, req.Private)
	if g.neverOurs() {
		resp.Diagnostics.Append(report(findings.List{stays(g.Name.ValueString())})...)
		return
	}
	w, p, live, found := r.planDelete(ctx, g)
	resp.Diagnostics.Append(found...)
	if resp.Diagnostics.HasError() {
		return
	}
	result, done := r.session.carryOut(ctx, w.owner, live, p.Changes)
	r.session.forget(w.name)
	if result == nil {
		resp.Diagnostics.Append(done...)
		return
	}
	for _, b := range p.Blocked {
		resp.Diagnostics.AddWarning("Did not "+b.Change.Describe(), upperFirst(b.Why))
	}
	resp.Diagnostics.Append(done...)
	if !resp.Diagnostics.HasError() {
		return
	}
	now, err := r.session.group(context.WithoutCancel(ctx), w)
	if err != nil {
		now = live
	}
	if g.observe(now, w) {
		resp.Diagnostics.Append(r.set(ctx, &resp.State, g)...)
	}
}
