package tfprovider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// groupData is a group of either kind; what the kind does not have is null.
type groupData struct {
	others
	external          bool
	saidDoor          bool              // of a state: its object had Terraform's word in its mark
	said              []string          // what the plan of a destroy said besides
	accounts          map[string]string // ids of the accounts that were applied last
	Name              types.String      `tfsdk:"name"`
	Description       types.String      `tfsdk:"description"`
	AccountsNames     types.Set         `tfsdk:"accounts_names"`
	PermissionSetName types.String      `tfsdk:"permission_set_name"`
	Members           types.Set         `tfsdk:"members"`
	// PermissionSetDescription is null where it is that of the group.
	PermissionSetDescription types.String   `tfsdk:"permission_set_description"`
	SCIMIdentitySource       types.String   `tfsdk:"scim_identity_source"`
	Owner                    types.String   `tfsdk:"owner"`
	Adopt                    types.Bool     `tfsdk:"adopt"`
	Allow                    types.Set      `tfsdk:"allow"`
	WaitForSync              types.Bool     `tfsdk:"wait_for_sync"`
	Timeouts                 timeouts.Value `tfsdk:"timeouts"`
	ID                       types.String   `tfsdk:"id"`
	PermissionSetARN         types.String   `tfsdk:"permission_set_arn"`
	AccountIDs               types.Map      `tfsdk:"account_ids"`
	Drift                    types.Set      `tfsdk:"drift"`
	NotLookedAt              types.Set      `tfsdk:"not_looked_at"`
}

func (r *groupResource) get(ctx context.Context, from getter) (groupData, diag.Diagnostics) {
	g := groupData{external: r.external}
	found := getModel(ctx, from, &g)
	return g, found
}

func (r *groupResource) set(ctx context.Context, to setter, g groupData) diag.Diagnostics {
	return setModel(ctx, to, r.schema(ctx), &g)
}

// known says whether everything is known that decides what AWS will have.
func (g groupData) known(ctx context.Context) bool {
	return groupKeys(g.external).known(ctx, &g, "scim_identity_source", "owner", "adopt", "allow", "permission_set_description")
}

// spec returns the group as the config has it.
func (g groupData) spec() access.GroupSpec {
	var spec access.GroupSpec
	groupKeys(g.external).fill(&spec, &g)
	return spec
}

// config returns the config that has this group and nothing else.
func (g groupData) config() access.Config {
	list := access.List[access.GroupSpec]{Items: []access.GroupSpec{g.spec()}, Range: place("name")}
	c := access.Config{SCIMIdentitySource: text("scim_identity_source", g.SCIMIdentitySource)}
	switch {
	case g.external:
		c.ManagementMode, c.ExternalGroups = access.Text{Value: "external"}, list
	case c.SCIMIdentitySource.Value != "":
		c.ManagementMode, c.SCIMScope, c.AccessGroups = access.Text{Value: "external"}, access.Text{Value: "users"}, list
	default:
		c.AccessGroups = list
	}
	return c
}

// want returns what the resource is about. The names that the state knows, of the
// group and of its permission set, are the former ones where the config has
// others.
func (g groupData) want(stateName, stateSet string) *want {
	c := g.config()
	asked := access.Desired(c, g.Owner.ValueString())
	if stateName != "" && stateName != g.Name.ValueString() {
		list := &c.AccessGroups
		if g.external {
			list = &c.ExternalGroups
		}
		list.Items[0].Previously = access.Text{Value: stateName, Range: place("name")}
	}
	asked, desired := g.describe(asked), g.describe(access.Desired(c, g.Owner.ValueString()))
	w := &want{name: g.Name.ValueString(), owner: g.Owner.ValueString(), asked: asked, setUp: c.SetUp(), idp: c.IdPName(), desired: desired}
	w.set = g.PermissionSetName.ValueString()
	if w.set == "" {
		w.set = access.PermissionSetName(w.name)
	}
	if stateSet != w.set {
		w.formerSet = stateSet
	}
	w.previously = w.desired.Groups[w.desired.GroupIndex(w.name)].Previously
	return w
}

// describe returns the permission set its own description, where it has one.
func (g groupData) describe(desired access.State) access.State {
	if d := g.PermissionSetDescription; !d.IsNull() && !d.IsUnknown() {
		for i := range desired.Sets {
			desired.Sets[i].Description = d.ValueString()
		}
	}
	return desired
}

// newGroupData returns what is known of a group that is only listed.
func newGroupData(external bool, g access.Group) groupData {
	return groupData{external: external, ID: types.StringValue(g.ID), Name: types.StringValue(g.Name),
		PermissionSetName: types.StringValue(access.PermissionSetName(g.Name)), Drift: stringSet(nil), NotLookedAt: stringSet(nil)}
}
