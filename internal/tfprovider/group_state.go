package tfprovider

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// observe puts into the model what AWS has. Where the model says the same in
// another spelling (PT60M, an ARN for a policy's name), its spelling stays: it
// is the user's own. It says false where neither the group nor the set is there.
func (g *groupData) observe(live *access.State, w *want) bool {
	group, set := live.GroupIndex(w.name), live.SetIndex(w.set)
	if group < 0 && w.previously != "" {
		group = live.GroupIndex(w.previously)
	}
	g.ID, g.PermissionSetARN = types.StringNull(), types.StringNull()
	g.observeAccounts(live, group, set)
	if group < 0 && set < 0 {
		return false
	}
	if group >= 0 {
		g.ID = types.StringValue(live.Groups[group].ID)
		g.observeGroup(live, group)
	}
	if set >= 0 && live.Sets[set].ARN != "" {
		g.observeSet(live.Sets[set])
	}
	g.PermissionSetName = types.StringValue(w.set)
	// Null, not "": generated config leaves it out then.
	g.Owner = keepString(types.StringNull(), ownerOf(live, group, set, g.external))
	return true
}

// ownerOf gives the owner whose mark is on all that the resource owns; "" where
// a mark is missing.
func ownerOf(live *access.State, group, set int, external bool) string {
	owner := ""
	if set >= 0 {
		owner = live.Sets[set].Owner
	}
	if group >= 0 && !external && (set < 0 || live.Groups[group].Owner != owner) {
		if set < 0 {
			return live.Groups[group].Owner
		}
		return ""
	}
	return owner
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
	var members []string
	for _, m := range live.Members(group) {
		members = append(members, live.Users[m.User].Username)
	}
	g.Members = keepSet(g.Members, members)
}

func (g *groupData) observeSet(p access.PermissionSet) {
	g.PermissionSetARN = types.StringValue(p.ARN)
	if g.Description.IsNull() || g.external || p.Description != g.Description.ValueString() {
		g.Description = types.StringValue(p.Description)
	}
	if access.ISODuration(g.SessionDuration.ValueString()) != access.ISODuration(p.SessionDuration) || g.SessionDuration.IsNull() {
		g.SessionDuration = types.StringValue(access.ISODuration(p.SessionDuration))
	}
	g.RelayState = keepString(g.RelayState, p.RelayState)
	g.AWSManagedPolicies = keepSet(g.AWSManagedPolicies, p.ManagedPolicies)
	if !sameCustomer(stringsOf(g.CustomerManagedPolicies), p.CustomerPolicies) {
		names := make([]string, len(p.CustomerPolicies))
		for i, c := range p.CustomerPolicies {
			names[i] = c.String()
		}
		g.CustomerManagedPolicies = keepSet(g.CustomerManagedPolicies, names)
	}
	if access.ParseBoundary(g.PermissionsBoundary.ValueString()) != p.Boundary {
		g.PermissionsBoundary = keepString(g.PermissionsBoundary, p.Boundary.String())
	}
	g.observeTags(p)
	g.observeInline(p.InlinePolicy)
}

func sameCustomer(have []string, want []access.CustomerPolicy) bool {
	parsed := map[access.CustomerPolicy]bool{}
	for _, h := range have {
		parsed[access.ParseCustomerPolicy(h)] = true
	}
	return len(parsed) == len(want) && !slices.ContainsFunc(want, func(c access.CustomerPolicy) bool { return !parsed[c] })
}

func (g *groupData) observeTags(p access.PermissionSet) {
	tags := map[string]attr.Value{}
	source := ""
	for _, t := range p.Tags {
		switch {
		case t.Key == access.SCIMSourceTag:
			source = t.Value
		case !strings.HasPrefix(t.Key, "rolecall:"):
			tags[t.Key] = types.StringValue(t.Value)
		}
	}
	if len(tags) > 0 || !g.Tags.IsNull() {
		g.Tags = types.MapValueMust(types.StringType, tags)
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
		for _, grant := range live.SetGrants(set) {
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

// accountsWritten gives, by account, how the model writes it: by its name, its id,
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

// keepString gives what AWS has, and keeps null or "" where that is nothing.
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

// driftOf says what a plan would do.
func driftOf(p *plan.Plan) types.Set {
	var list []string
	for _, c := range p.Changes {
		list = append(list, c.Describe()+": "+c.Reason)
	}
	for _, b := range p.Blocked {
		list = append(list, b.Change.Describe()+": "+b.Why)
	}
	return stringSet(list)
}

// policyDocument is what of a policy document the config can say.
type policyDocument struct {
	Statement []struct {
		Sid         string                         `json:"Sid"`
		Effect      string                         `json:"Effect"`
		Action      []string                       `json:"Action"`
		NotAction   []string                       `json:"NotAction"`
		Resource    []string                       `json:"Resource"`
		NotResource []string                       `json:"NotResource"`
		Condition   map[string]map[string][]string `json:"Condition"`
	} `json:"Statement"`
}

// inlineName is what a policy is called that was not made from the config.
const inlineName = "inline"

// observeInline keeps the policies as written where they make the document that
// AWS has; else it takes the document apart into one policy.
func (g *groupData) observeInline(document string) {
	specs, found := inlineSpecs(context.Background(), g.InlinePolicies)
	if !found.HasError() && access.CanonicalPolicy(access.InlinePolicyDocument(specs.Items)) == document {
		return
	}
	var doc policyDocument
	if document == "" || json.Unmarshal([]byte(document), &doc) != nil {
		g.InlinePolicies = types.ListNull(inlineType())
		return
	}
	policy := inlinePolicyModel{Name: types.StringValue(inlineName)}
	for _, s := range doc.Statement {
		m := statementModel{Sid: keepString(types.StringNull(), s.Sid), Effect: types.StringValue(s.Effect),
			Actions: optionalSet(s.Action), NotActions: optionalSet(s.NotAction), Resources: optionalSet(s.Resource), NotResources: optionalSet(s.NotResource)}
		for _, test := range slices.Sorted(maps.Keys(s.Condition)) {
			for _, variable := range slices.Sorted(maps.Keys(s.Condition[test])) {
				m.Conditions = append(m.Conditions, conditionModel{types.StringValue(test), types.StringValue(variable), stringSet(s.Condition[test][variable])})
			}
		}
		policy.Statements = append(policy.Statements, m)
	}
	list, _ := types.ListValueFrom(context.Background(), inlineType(), []inlinePolicyModel{policy}) // the types are ours: it fits
	g.InlinePolicies = list
}

func optionalSet(list []string) types.Set {
	if len(list) == 0 {
		return types.SetNull(types.StringType)
	}
	return stringSet(list)
}

// inlineType is the type of an element of inline_policies.
func inlineType() attr.Type {
	texts := types.SetType{ElemType: types.StringType}
	condition := basetypes.ObjectType{AttrTypes: map[string]attr.Type{"test": types.StringType, "variable": types.StringType, "values": texts}}
	statement := basetypes.ObjectType{AttrTypes: map[string]attr.Type{
		"sid": types.StringType, "effect": types.StringType, "actions": texts, "not_actions": texts, "resources": texts, "not_resources": texts,
		"conditions": types.ListType{ElemType: condition},
	}}
	return basetypes.ObjectType{AttrTypes: map[string]attr.Type{"name": types.StringType, "statements": types.ListType{ElemType: statement}}}
}
