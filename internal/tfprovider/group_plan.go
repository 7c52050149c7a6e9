package tfprovider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// ValidateConfig applies the rules that need no look at AWS.
func (r *groupResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	g, found := r.get(ctx, req.Config)
	resp.Diagnostics.Append(found...)
	if found.HasError() {
		return
	}
	if owner := g.Owner.ValueString(); owner != "" && !access.ValidOwner(owner) {
		resp.Diagnostics.AddAttributeError(path.Root("owner"), "The owner is not 1 to 18 letters, digits and dashes", "Choose a short name of the team, such as \"platform\".")
	}
	for _, a := range stringsOf(g.Allow) {
		if !slices.Contains([]string{"lockout", "replace", "rebind", "strangers"}, a) {
			resp.Diagnostics.AddAttributeError(path.Root("allow"), "Unknown value \""+a+"\" in allow", "It must be lockout, replace, rebind or strangers.")
		}
	}
	resp.Diagnostics.Append(nulls(&g)...)
	if g.known(ctx) {
		resp.Diagnostics.Append(r.check(g)...)
	}
}

// check applies access.Check to the one group. That a member is not defined
// beside it says nothing: here users are resources of their own.
func (r *groupResource) check(g groupData) diag.Diagnostics {
	return report(slices.DeleteFunc(access.Check(g.config()), func(f findings.Diagnostic) bool { return f.Code == access.CodeUndefinedUser }))
}

// ModifyPlan plans against AWS as it is: what AWS decides is known where it
// cannot change, and what a guard refuses is refused before anything is applied.
func (r *groupResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.session == nil {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.planDestroy(ctx, req, resp)
		return
	}
	g, found := r.get(ctx, req.Plan)
	resp.Diagnostics.Append(found...)
	config, found := r.get(ctx, req.Config)
	resp.Diagnostics.Append(found...)
	var before *groupData
	if !req.State.Raw.IsNull() {
		state, found := r.get(ctx, req.State)
		resp.Diagnostics.Append(found...)
		state.saidDoor, state.accounts = saidDoor(ctx, resp.Private), keptAccounts(ctx, resp.Private)
		before = &state
	}
	if resp.Diagnostics.HasError() {
		return
	}
	g = r.derive(g, config, before)
	switch known := g.asFarAsKnown(before); {
	case r.session.unknown || !known.known(ctx):
	case r.unchanged(g, before):
		g = *before
		found = report(r.beside(r.wantOfState(g), g, before))
	case g.known(ctx):
		g, found = r.planned(ctx, g, before, r.named(ctx, g, before, resp.Private))
	default:
		known, found = r.planned(ctx, known, before, r.named(ctx, g, before, resp.Private))
		g.ID, g.PermissionSetARN = known.ID, known.PermissionSetARN
	}
	resp.Diagnostics.Append(found...)
	resp.Diagnostics.Append(r.set(ctx, &resp.Plan, g)...)
}

// asFarAsKnown leaves out the accounts that are known only after the apply: what hangs on
// them is left to be known, and nothing else. What the group has is kept beside those that
// are known.
func (g groupData) asFarAsKnown(before *groupData) groupData {
	names := stringsOf(g.AccountsNames)
	unknown := g.AccountsNames.IsUnknown() || len(names) < len(g.AccountsNames.Elements())
	if !unknown {
		return g
	}
	if before != nil {
		names = append(names, without(stringsOf(before.AccountsNames), names)...)
	}
	g.AccountsNames = stringSet(names)
	return g
}

// unchanged says that the config is what the state has, in a plan without a refresh, which
// then looks at nothing: what AWS has is not asked for.
func (r *groupResource) unchanged(g groupData, before *groupData) bool {
	if before == nil || before.ID.IsNull() || before.Owner.IsNull() || r.session.refreshed.recall(r.kind(), before.Name.ValueString(), before.PermissionSetName.ValueString()) {
		return false
	}
	g.ID, g.PermissionSetARN, g.AccountIDs, g.NotLookedAt = before.ID, before.PermissionSetARN, before.AccountIDs, before.NotLookedAt
	return sameModel(&g, before)
}

// derive fills in what follows from the config, and leaves to be known what
// AWS decides.
func (r *groupResource) derive(g, config groupData, before *groupData) groupData {
	g.Drift, g.NotLookedAt = stringSet(nil), types.SetUnknown(types.StringType)
	if before != nil && !before.NotLookedAt.IsNull() {
		g.NotLookedAt = before.NotLookedAt
	}
	if config.PermissionSetDescription.IsNull() {
		g.PermissionSetDescription = types.StringNull()
		if before != nil {
			g.PermissionSetDescription = before.PermissionSetDescription
		}
	}
	g.ID, g.PermissionSetARN = types.StringUnknown(), types.StringUnknown()
	g.AccountIDs = types.MapUnknown(types.StringType)
	if config.Owner.IsNull() && !r.session.unknown {
		g.Owner = types.StringValue(r.session.owner)
	}
	if config.PermissionSetName.IsNull() {
		g.PermissionSetName = types.StringUnknown()
		if !g.Name.IsUnknown() {
			g.PermissionSetName = types.StringValue(access.PermissionSetName(g.Name.ValueString()))
		}
	}
	return g
}

// named is what the state names, or named before the refresh of this plan.
func (r *groupResource) named(ctx context.Context, g groupData, before *groupData, state private) stateNames {
	if before == nil {
		return r.session.removed.recall(r.kind(), g.Name.ValueString())
	}
	names, _ := kept(ctx, state)
	return names.join(before.stateNames())
}

func (r *groupResource) planned(ctx context.Context, g groupData, before *groupData, was stateNames) (groupData, diag.Diagnostics) {
	w, found := r.wantOf(ctx, g, before)
	found.Append(r.check(g)...)
	if found.HasError() {
		return g, found
	}
	live, err := r.session.group(ctx, w)
	if err != nil {
		return g, failed(err)
	}
	if w.renamed, err = r.renamed(ctx, w, live, before); err != nil {
		return g, failed(err)
	}
	p, list, err := r.plans(ctx, w, live, g, before, was)
	if err != nil {
		return g, failed(err)
	}
	list = slices.Concat(list, r.stillThere(w, live, before, p), r.beside(w, g, before))
	if before != nil {
		list = append(list, r.replaces(w, live, p, *before, g)...)
	}
	found = r.session.warnings.plan(report(r.sync(list, g, before, false)), r.kind(), w.name, w.set)
	g.ID = r.plannedID(w, live, before)
	now := w.renamed[w.name]
	switch objects := &r.session.objectPlans; {
	case now.ID != "" && objects.note(meansThen, now.ID):
		found = append(found, report(findings.List{oneGroupByTwoNames(w.name, now.Now)})...)
	case now.ID == "" && !g.ID.IsUnknown() && objects.note(meansNow, g.ID.ValueString()):
		found = append(found, report(findings.List{oneGroupByTwoNames(w.name, w.name)})...)
	}
	if set := live.SetIndex(w.set); set >= 0 && live.Sets[set].ARN != "" {
		g.PermissionSetARN = types.StringValue(live.Sets[set].ARN)
	}
	g.AccountIDs = g.accountIDs(live, before)
	if n := len(stringsOf(g.NotLookedAt)); n > 0 && len(r.session.refreshed.words()) > 0 && r.session.said.note(true, "not looked at") {
		found.AddWarning("Not everybody who has the permission sets was looked at",
			"It would have taken many more calls. Others who have a permission set in an account where its group also has it are not seen there, and are not drift: the attribute `not_looked_at` says for which permission sets. `complete = true` in the provider block looks at everybody.")
	}
	return g, found
}

// plannedID is the group's id where the apply surely has it: that of the state, or of a
// group that a creation takes up or gives access to.
func (r *groupResource) plannedID(w *want, live *access.State, before *groupData) types.String {
	if before != nil && !before.ID.IsNull() {
		return before.ID // where it is another one, the plan is refused
	}
	group := w.group(live)
	if r.external { // which is not renamed from here
		group = live.GroupIndex(w.name)
	}
	if group < 0 {
		return types.StringUnknown()
	}
	return types.StringValue(live.Groups[group].ID)
}

// beside refuses what another resource of the same plan has as well.
func (r *groupResource) beside(w *want, g groupData, before *groupData) findings.List {
	var out findings.List
	my, ids := makes, []string{}
	if before != nil {
		my, ids = keeps, nonEmpty(before.PermissionSetARN.ValueString(), r.ownGroup(*before))
	}
	objects := &r.session.objectPlans
	if objects.note(my, append(ids, "permission set "+w.set)...) {
		out = append(out, ofTwo("permission_set_name", fmt.Sprintf("permission set %q", w.set)))
	}
	if r.external {
		return out
	}
	if objects.note(my, "group "+w.name) {
		out = append(out, ofTwo("name", fmt.Sprintf("group %q", w.name)))
	}
	if objects.note(owns, "members of "+w.name) {
		out = append(out, membersOfTwo(w.name))
	}
	for _, name := range stringsOf(g.Members) {
		if objects.note(needs, "user "+name) {
			out = append(out, neededAndDeleted(name, w.name))
		}
	}
	return out
}

// ownGroup returns the id of a group that the resource makes; one that SCIM brings
// is not the resource's.
func (r *groupResource) ownGroup(g groupData) string {
	if r.external {
		return ""
	}
	return g.ID.ValueString()
}

// accountIDs returns the id of each account that the config names; unknown where
// one is not there yet. One that the state knows stays what it was.
func (g groupData) accountIDs(live *access.State, before *groupData) types.Map {
	index := access.NewAccountIndex(live.Accounts)
	ids, had := map[string]attr.Value{}, map[string]attr.Value{}
	if before != nil {
		for name, id := range before.accounts {
			had[name] = types.StringValue(id)
		}
		maps.Copy(had, before.AccountIDs.Elements())
	}
	for _, name := range stringsOf(g.AccountsNames) {
		switch at := index.Find(name).At; {
		case at >= 0:
			ids[name] = types.StringValue(live.Accounts[at].ID)
		case had[name] != nil:
			ids[name] = had[name]
		default:
			return types.MapUnknown(types.StringType)
		}
	}
	return types.MapValueMust(types.StringType, ids)
}

// planDestroy refuses at plan what Delete would refuse.
func (r *groupResource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	g, found := r.get(ctx, req.State)
	resp.Diagnostics.Append(found...)
	if resp.Diagnostics.HasError() || r.session.unknown {
		return
	}
	w := r.wantOfState(g)
	if r.session.objectPlans.note(destroys, g.PermissionSetARN.ValueString(), r.ownGroup(g)) {
		resp.Diagnostics.Append(report(findings.List{ofTwo("name", fmt.Sprintf("group %q or permission set %q", w.name, w.set))})...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if _, err := r.session.connect(ctx); err != nil {
		resp.Diagnostics.Append(failed(err)...)
		return
	}
	c := r.session.caller()
	guarded := !c.Management || c.PermissionSet == w.set // else there is nothing that the guards ask about: Delete reads it all
	if g.saidDoor = saidDoor(ctx, resp.Private); g.neverOurs() {
		return // nothing goes
	}
	refreshed := r.session.refreshed.recall(r.kind(), g.Name.ValueString(), g.PermissionSetName.ValueString())
	if !guarded && !refreshed {
		return // Delete asks
	}
	live, err := r.session.group(ctx, w)
	if err != nil {
		resp.Diagnostics.Append(failed(err)...)
		return
	}
	resp.Diagnostics.Append(report(r.handedOver(w, live, g))...)
	resp.Diagnostics.Append(report(r.notOurs(w, live))...)
	if refreshed {
		resp.Diagnostics.Append(r.destroysMore(ctx, w, live, g, resp.Private)...)
	}
	if !guarded {
		return
	}
	resp.Diagnostics.Append(report(only(r.deletion(w, live, g, false).Findings, plan.Lockout, plan.ManagementAccount))...)
}

// destroysMore says what a destroy takes that the state does not have: of a resource that
// is taken out of the config, Terraform shows the state from before the refresh. What is
// said goes with the plan to its apply, which takes that and no more.
func (r *groupResource) destroysMore(ctx context.Context, w *want, live *access.State, g groupData, to private) diag.Diagnostics {
	var more []string
	seen := *live
	seen.Observed.Uses = map[string]bool{g.ID.ValueString(): true} // what else uses it, Delete asks
	for _, c := range meant(r.deletion(w, &seen, g, !g.external)) {
		if takesAccess(c) && !g.shows(c) {
			more = append(more, c.Describe())
		}
	}
	if len(more) == 0 {
		return nil
	}
	found := keepKey(ctx, to, destroysKey, more)
	found.AddWarning(fmt.Sprintf("The destroy of group %q removes more than its state shows", w.name), "It will "+findings.First(10, more, "; ")+".")
	return found
}

// destroysKey is where the private part of a plan has what destroysMore says.
const destroysKey = "destroys"

// syncDeadline is how long SCIM is waited for unless `timeouts` says.
const syncDeadline = time.Hour

// syncPoll is the time between two looks for the group.
const syncPoll = 15 * time.Second

// syncTimeout is how long SCIM is waited for, and the argument that says so.
func (g groupData) syncTimeout(ctx context.Context, before *groupData) (time.Duration, string, diag.Diagnostics) {
	ask, argument := g.Timeouts.Create, "timeouts.create"
	if before != nil {
		ask, argument = g.Timeouts.Update, "timeouts.update"
	}
	deadline, found := ask(ctx, syncDeadline)
	return deadline, argument, found
}

// sync says of a group that SCIM has not brought what waiting does, or did.
func (r *groupResource) sync(list findings.List, g groupData, before *groupData, applied bool) findings.List {
	if !r.external {
		return list
	}
	out := slices.Clone(list)
	for i, f := range out {
		if f.Remedy.Way != findings.AwaitSync {
			continue
		}
		out[i].Remedy = findings.Remedy{} // the words are here
		switch {
		case !g.WaitForSync.ValueBool():
			out[i].Hint += " `wait_for_sync = true` waits for it at apply."
		case applied:
			deadline, argument, _ := g.syncTimeout(context.Background(), before)
			out[i].Detail = joined(f.Detail, fmt.Sprintf("The apply waited for it for %s; `%s` says how long.", lasting(deadline), argument))
		}
	}
	return out
}

// lasting says a duration as people write it.
func lasting(d time.Duration) string {
	if d >= 2*time.Minute && d%time.Minute == 0 {
		return findings.Minutes(int(d / time.Minute))
	}
	return d.String()
}

// waitForSync waits until SCIM has brought the group, where that is asked for.
func (r *groupResource) waitForSync(ctx context.Context, g groupData, w *want, before *groupData) diag.Diagnostics {
	if !r.external {
		return nil
	}
	deadline, _, found := g.syncTimeout(ctx, before)
	if found.HasError() {
		return found
	}
	end := time.Now().Add(deadline)
	for anew := false; ; anew = true {
		live, err := r.session.group(ctx, w)
		if err != nil {
			return failed(err)
		}
		if live.GroupIndex(w.name) >= 0 {
			return found
		}
		if names, err := r.renamed(ctx, w, live, before); err != nil {
			return failed(err)
		} else if now := names[w.name]; now.ID != "" && anew {
			f := now.Finding(plan.GroupRenamed, true, w.idp)
			f.Range = place("name")
			return append(found, report(findings.List{f})...)
		}
		if !anew {
			r.session.forgetAll(w.name) // it may have come since it was remembered that there is none
			continue
		}
		if !g.WaitForSync.ValueBool() || !time.Now().Add(syncPoll).Before(end) {
			return found // the plan of the apply says what is missing
		}
		if err := identitycenter.Sleep(ctx, syncPoll); err != nil {
			return failed(err)
		}
		r.session.forgetAll(w.name)
	}
}
