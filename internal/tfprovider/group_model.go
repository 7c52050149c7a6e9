package tfprovider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
)

// groupModel has what both kinds of groups have.
type groupModel struct {
	Name                    types.String `tfsdk:"name"`
	Description             types.String `tfsdk:"description"`
	AccountsNames           types.Set    `tfsdk:"accounts_names"`
	SessionDuration         types.String `tfsdk:"session_duration"`
	RelayState              types.String `tfsdk:"relay_state"`
	AWSManagedPolicies      types.Set    `tfsdk:"aws_managed_policies"`
	CustomerManagedPolicies types.Set    `tfsdk:"customer_managed_policies"`
	InlinePolicies          types.List   `tfsdk:"inline_policies"`
	PermissionsBoundary     types.String `tfsdk:"permissions_boundary"`
	PermissionSetName       types.String `tfsdk:"permission_set_name"`
	Previously              types.String `tfsdk:"previously"`
	Tags                    types.Map    `tfsdk:"tags"`
	SCIMIdentitySource      types.String `tfsdk:"scim_identity_source"`
	Owner                   types.String `tfsdk:"owner"`
	Adopt                   types.Bool   `tfsdk:"adopt"`
	Allow                   types.Set    `tfsdk:"allow"`
	ID                      types.String `tfsdk:"id"`
	PermissionSetARN        types.String `tfsdk:"permission_set_arn"`
	AccountIDs              types.Map    `tfsdk:"account_ids"`
	Drift                   types.Set    `tfsdk:"drift"`
}

type accessGroupModel struct {
	groupModel
	Members types.Set `tfsdk:"members"`
}

type externalGroupModel struct {
	groupModel
	WaitForSync types.Bool     `tfsdk:"wait_for_sync"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
}

// groupData is either kind; what the kind does not have is null.
type groupData struct {
	groupModel
	external    bool
	Members     types.Set
	WaitForSync types.Bool
	Timeouts    timeouts.Value
}

type inlinePolicyModel struct {
	Name       types.String     `tfsdk:"name"`
	Statements []statementModel `tfsdk:"statements"`
}

type statementModel struct {
	Sid          types.String     `tfsdk:"sid"`
	Effect       types.String     `tfsdk:"effect"`
	Actions      types.Set        `tfsdk:"actions"`
	NotActions   types.Set        `tfsdk:"not_actions"`
	Resources    types.Set        `tfsdk:"resources"`
	NotResources types.Set        `tfsdk:"not_resources"`
	Conditions   []conditionModel `tfsdk:"conditions"`
}

type conditionModel struct {
	Test     types.String `tfsdk:"test"`
	Variable types.String `tfsdk:"variable"`
	Values   types.Set    `tfsdk:"values"`
}

// getter is a config, plan or state.
type getter interface {
	Get(context.Context, any) diag.Diagnostics
}

type setter interface {
	Set(context.Context, any) diag.Diagnostics
}

func (r *groupResource) get(ctx context.Context, from getter) (groupData, diag.Diagnostics) {
	if r.external {
		var m externalGroupModel
		found := from.Get(ctx, &m)
		return groupData{groupModel: m.groupModel, external: true, Members: types.SetNull(types.StringType), WaitForSync: m.WaitForSync, Timeouts: m.Timeouts}, found
	}
	var m accessGroupModel
	found := from.Get(ctx, &m)
	return groupData{groupModel: m.groupModel, Members: m.Members}, found
}

func (r *groupResource) set(ctx context.Context, to setter, g groupData) diag.Diagnostics {
	if r.external {
		return to.Set(ctx, externalGroupModel{g.groupModel, g.WaitForSync, g.Timeouts})
	}
	return to.Set(ctx, accessGroupModel{g.groupModel, g.Members})
}

// known says whether everything is known that decides what AWS will have.
func (g groupData) known(ctx context.Context) bool {
	for _, s := range []types.String{g.Name, g.Description, g.SessionDuration, g.RelayState, g.PermissionsBoundary,
		g.PermissionSetName, g.Previously, g.SCIMIdentitySource, g.Owner} {
		if s.IsUnknown() {
			return false
		}
	}
	for _, s := range []types.Set{g.AccountsNames, g.AWSManagedPolicies, g.CustomerManagedPolicies, g.Allow, g.Members} {
		if v, err := s.ToTerraformValue(ctx); err != nil || !v.IsFullyKnown() {
			return false
		}
	}
	inline, err := g.InlinePolicies.ToTerraformValue(ctx)
	tags, err2 := g.Tags.ToTerraformValue(ctx)
	return err == nil && err2 == nil && inline.IsFullyKnown() && tags.IsFullyKnown() && !g.Adopt.IsUnknown()
}

// place makes an attribute's name the place of what it says, for messages.
func place(attribute string) findings.Range { return findings.Range{File: attribute} }

func text(attribute string, s types.String) access.Text {
	if s.IsNull() || s.IsUnknown() {
		return access.Text{}
	}
	return access.Text{Value: s.ValueString(), Range: place(attribute)}
}

func texts(attribute string, s types.Set) access.List[access.Text] {
	if s.IsNull() {
		return access.List[access.Text]{}
	}
	list := access.List[access.Text]{Range: place(attribute)}
	for _, v := range stringsOf(s) {
		list.Items = append(list.Items, access.Text{Value: v, Range: place(attribute)})
	}
	return list
}

// stringsOf gives the known elements of a set of strings.
func stringsOf(s types.Set) []string {
	var out []string
	for _, e := range s.Elements() {
		if v, ok := e.(types.String); ok && !v.IsNull() && !v.IsUnknown() {
			out = append(out, v.ValueString())
		}
	}
	return out
}

// spec gives the group as the config has it.
func (g groupData) spec(ctx context.Context) (access.GroupSpec, diag.Diagnostics) {
	inline, found := inlineSpecs(ctx, g.InlinePolicies)
	spec := access.GroupSpec{
		Name: text("name", g.Name), Description: text("description", g.Description), AccountsNames: texts("accounts_names", g.AccountsNames),
		SessionDuration: text("session_duration", g.SessionDuration), RelayState: text("relay_state", g.RelayState),
		AWSManagedPolicies: texts("aws_managed_policies", g.AWSManagedPolicies), CustomerManagedPolicies: texts("customer_managed_policies", g.CustomerManagedPolicies),
		InlinePolicies: inline, PermissionsBoundary: text("permissions_boundary", g.PermissionsBoundary),
		PermissionSetName: text("permission_set_name", g.PermissionSetName), Previously: text("previously", g.Previously),
		Members: texts("members", g.Members),
	}
	if !g.Tags.IsNull() {
		spec.Tags.Range = place("tags")
	}
	for key, v := range g.Tags.Elements() {
		if s, ok := v.(types.String); ok {
			spec.Tags.Items = append(spec.Tags.Items, access.TagSpec{
				Key: access.Text{Value: key, Range: place("tags")}, Value: access.Text{Value: s.ValueString(), Range: place("tags")}})
		}
	}
	return spec, found
}

func inlineSpecs(ctx context.Context, list types.List) (access.List[access.InlinePolicySpec], diag.Diagnostics) {
	const at = "inline_policies"
	out := access.List[access.InlinePolicySpec]{}
	if list.IsNull() || list.IsUnknown() {
		return out, nil
	}
	out.Range = place(at)
	var policies []inlinePolicyModel
	found := list.ElementsAs(ctx, &policies, false)
	for _, p := range policies {
		spec := access.InlinePolicySpec{Name: text(at, p.Name), Range: place(at)}
		spec.Statements.Range = place(at)
		for _, s := range p.Statements {
			spec.Statements.Items = append(spec.Statements.Items, statementSpec(at, s))
		}
		out.Items = append(out.Items, spec)
	}
	return out, found
}

func statementSpec(at string, s statementModel) access.StatementSpec {
	spec := access.StatementSpec{Sid: text(at, s.Sid), Effect: text(at, s.Effect), Actions: texts(at, s.Actions), NotActions: texts(at, s.NotActions),
		Resources: texts(at, s.Resources), NotResources: texts(at, s.NotResources), Range: place(at)}
	for _, c := range s.Conditions {
		spec.Conditions.Range = place(at)
		spec.Conditions.Items = append(spec.Conditions.Items,
			access.ConditionSpec{Operator: text(at, c.Test), Key: text(at, c.Variable), Values: texts(at, c.Values), Range: place(at)})
	}
	return spec
}

// config gives the config that has this group and nothing else.
func (g groupData) config(ctx context.Context) (access.Config, diag.Diagnostics) {
	spec, found := g.spec(ctx)
	list := access.List[access.GroupSpec]{Items: []access.GroupSpec{spec}, Range: place("name")}
	c := access.Config{SCIMIdentitySource: text("scim_identity_source", g.SCIMIdentitySource)}
	switch {
	case g.external:
		c.ManagementMode, c.ExternalGroups = access.Text{Value: "external"}, list
	case c.SCIMIdentitySource.Value != "":
		c.ManagementMode, c.SCIMScope, c.AccessGroups = access.Text{Value: "external"}, access.Text{Value: "users"}, list
	default:
		c.AccessGroups = list
	}
	return c, found
}

// want gives what the resource is about. The names that the state knows, of the
// group and of its permission set, are the former ones where the config has
// others.
func (g groupData) want(ctx context.Context, stateName, stateSet string) (*want, diag.Diagnostics) {
	c, found := g.config(ctx)
	if stateName != "" && stateName != g.Name.ValueString() {
		list := &c.AccessGroups
		if g.external {
			list = &c.ExternalGroups
		}
		list.Items[0].Previously = access.Text{Value: stateName, Range: place("name")}
	}
	w := &want{name: g.Name.ValueString(), owner: g.Owner.ValueString(), setUp: c.SetUp(), idp: c.IdPName(), desired: access.Desired(c, g.Owner.ValueString())}
	w.set = g.PermissionSetName.ValueString()
	if w.set == "" {
		w.set = access.PermissionSetName(w.name)
	}
	if stateSet != w.set {
		w.formerSet = stateSet
	}
	w.previously = w.desired.Groups[w.desired.GroupIndex(w.name)].Previously
	return w, found
}

// newGroupData gives what is known of a group that is only listed.
func newGroupData(external bool, g access.Group) groupData {
	texts := types.SetNull(types.StringType)
	return groupData{external: external, Members: texts, Timeouts: noTimeouts(), groupModel: groupModel{
		ID: types.StringValue(g.ID), Name: types.StringValue(g.Name), PermissionSetName: types.StringValue(access.PermissionSetName(g.Name)),
		AccountsNames: texts, AWSManagedPolicies: texts, CustomerManagedPolicies: texts, Allow: texts, Drift: stringSet(nil),
		InlinePolicies: types.ListNull(inlineType()), Tags: types.MapNull(types.StringType), AccountIDs: types.MapNull(types.StringType),
	}}
}

func noTimeouts() timeouts.Value {
	texts := map[string]attr.Type{"create": types.StringType, "update": types.StringType}
	return timeouts.Value{Object: types.ObjectNull(texts)}
}
