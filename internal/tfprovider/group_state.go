package tfprovider

import (
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// observe puts into the model what AWS has. Where the model says the same in
// another spelling (PT60M, an ARN for a policy's name), its spelling stays: it
// is the user's own. It says false where neither the group nor the set is there.
func (g *groupData) observe(live *access.State, w *want) bool {
	group, set := w.group(live), live.SetIndex(w.set)
	if id := g.ID.ValueString(); group < 0 && id != "" { // what it has is shown under whatever name, or a destroy would take what no plan showed
		group = slices.IndexFunc(live.Groups, func(have access.Group) bool { return have.ID == id })
	}
	imported, unowned := g.AccountsNames.IsNull(), g.Owner.IsNull()
	g.ID, g.PermissionSetARN = types.StringNull(), types.StringNull()
	g.observeAccounts(live, group, set)
	g.NotLookedAt = stringSet(notLookedAt(live, w, set))
	if group < 0 && set < 0 {
		return false
	}
	text := g.Description
	if group >= 0 {
		g.ID = types.StringValue(live.Groups[group].ID)
		g.observeGroup(live, group)
	}
	if set >= 0 && live.Sets[set].ARN != "" {
		p := live.Sets[set]
		g.observeSetDescription(&p, imported)
		if !g.Description.Equal(text) && !imported { // the group's own has changed, and is shown
			p.Description = g.Description.ValueString()
		}
		g.observeSet(p)
	}
	g.PermissionSetName = types.StringValue(w.set)
	g.observeOwner(ownerOf(live, group, set, g.external), w, imported, unowned && !madeHere(live, group, set, g.external))
	return true
}

// observeOwner puts in whose the marks say it is, unless that is only known of what the
// command made. A refresh makes no other owner's ours: Terraform destroys by the state.
func (g *groupData) observeOwner(owner string, w *want, imported, unclaimed bool) {
	switch {
	case unclaimed || owner == "":
		g.Owner = types.StringNull() // not "": generated config leaves it out then
	case imported || owner == w.owner:
		g.Owner = types.StringValue(owner)
	}
}

// notLookedAt says what a read of the group did not look at.
func notLookedAt(live *access.State, w *want, set int) []string {
	if set < 0 || live.Sets[set].ARN == "" || live.Observed.SetPrincipals[live.Sets[set].ARN] {
		return nil
	}
	return []string{fmt.Sprintf("whether others besides group %q have permission set %q in the accounts where the group has it", w.name, w.set)}
}

// madeHere says that the marks are Terraform's. What is imported from the command, or
// from an earlier version that did not say so, is taken over by its first apply; of what
// has been in the state since, a missing word of the mark is no change.
func madeHere(live *access.State, group, set int, external bool) bool {
	return (set < 0 || live.Sets[set].Via == access.ViaTerraform) && (external || group < 0 || live.Groups[group].Via == access.ViaTerraform)
}

// observeSetDescription puts in the permission set's description where it is apart from
// the group's, and was found so or asked for.
func (g *groupData) observeSetDescription(p *access.PermissionSet, imported bool) {
	if apart := imported && !g.Description.IsNull() && p.Description != g.Description.ValueString(); g.external || !apart && g.PermissionSetDescription.IsNull() {
		return
	}
	g.PermissionSetDescription = types.StringValue(p.Description)
	p.Description = g.Description.ValueString()
}

// ownerOf returns the owner whose mark is on all that the resource owns; "" where
// a mark is missing.
func ownerOf(live *access.State, group, set int, external bool) string {
	owned := group >= 0 && !external
	switch {
	case set < 0 && owned:
		return live.Groups[group].Owner
	case set < 0, owned && live.Groups[group].Owner != live.Sets[set].Owner:
		return ""
	}
	return live.Sets[set].Owner
}

func (g *groupData) observeGroup(live *access.State, group int) {
	have := live.Groups[group]
	if g.external {
		return
	}
	if have.Description != g.Description.ValueString() {
		g.Description = types.StringValue(have.Description)
	}
	if !live.Observed.Members[have.ID] {
		return
	}
	g.Members = keepSet(g.Members, membersOf(live, group))
}

func (g *groupData) observeSet(p access.PermissionSet) {
	g.PermissionSetARN = types.StringValue(p.ARN)
	wanted := g.spec().PermissionSet()
	if access.SamePolicy(wanted.InlinePolicy, p.InlinePolicy) { // statements may have ids that the config does not give
		p.InlinePolicy = wanted.InlinePolicy
	}
	mine, live := wanted.Spec(), p.Spec()
	groupKeys(g.external).observe(g, &mine, &live)
	source := ""
	for _, t := range p.Tags {
		if t.Key == access.SCIMSourceTag {
			source = t.Value
		}
	}
	if access.TagText(g.SCIMIdentitySource.ValueString()) != source {
		g.SCIMIdentitySource = keepString(g.SCIMIdentitySource, source)
	}
}

// observeAccounts puts in the accounts where the group has the set, and the ids
// of accounts.
func (g *groupData) observeAccounts(live *access.State, group, set int) {
	ids := map[string]attr.Value{}
	var names []string
	if group >= 0 && set >= 0 {
		index := access.NewAccountIndex(live.Accounts)
		written := g.accountsWritten(index)
		for _, grant := range live.SetAssignments(set) {
			if grant.Kind != access.GroupPrincipal || int(grant.Principal) != group {
				continue
			}
			called := written[grant.Account]
			if called == nil && !g.AccountsNames.IsNull() && !live.Accounts[grant.Account].Active() {
				continue // nobody gets in, and AWS can take nothing away: a plan would never end
			}
			if called == nil {
				called = []string{index.NameOf(grant.Account)}
			}
			for _, name := range called {
				names = append(names, name)
				ids[name] = types.StringValue(live.Accounts[grant.Account].ID)
			}
		}
	}
	g.AccountsNames = stringSet(names)
	g.AccountIDs = types.MapValueMust(types.StringType, ids)
}

// accountsWritten returns, by account, how the model writes it: by its name, its id,
// or both.
func (g *groupData) accountsWritten(index *access.AccountIndex) map[int32][]string {
	out := map[int32][]string{}
	for _, name := range stringsOf(g.AccountsNames) {
		if at := index.Find(name).At; at >= 0 {
			out[at] = append(out[at], name)
		}
	}
	return out
}

// keepString returns what AWS has, and keeps null or "" where that is nothing.
func keepString(had types.String, now string) types.String {
	if now == "" && had.ValueString() == "" && !had.IsUnknown() {
		return had
	}
	return types.StringValue(now)
}

func keepSet(had types.Set, now []string) types.Set {
	if len(now) == 0 && had.IsNull() {
		return had
	}
	return stringSet(now)
}

func stringSet(list []string) types.Set {
	values := make([]attr.Value, len(list))
	for i, s := range list {
		values[i] = types.StringValue(s)
	}
	return types.SetValueMust(types.StringType, values)
}

// What an apply does about drift. Terraform shows it behind a minus sign, which alone
// would read as if the change were off.
const (
	willDo    = "an apply will "
	willNotDo = "an apply will not "
)

// driftOf says what a plan would do.
func driftOf(p *plan.Plan) types.Set {
	var list []string
	for _, c := range p.Changes {
		list = append(list, willDo+c.Describe()+": "+c.Reason)
	}
	for _, b := range p.Blocked {
		list = append(list, willNotDo+b.Change.Describe()+": "+b.Why)
	}
	return stringSet(list)
}
