package tfprovider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// removedUserResource is rolecall_removed_user: a user who is not to be there.
type removedUserResource struct{ user userResource }

var (
	_ resource.ResourceWithValidateConfig = (*removedUserResource)(nil)
	_ resource.ResourceWithConfigure      = (*removedUserResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*removedUserResource)(nil)
	_ resource.ResourceWithImportState    = (*removedUserResource)(nil)
)

type removedUserModel struct {
	Username types.String `tfsdk:"username"`
	Allow    types.Set    `tfsdk:"allow"`
	Present  types.Bool   `tfsdk:"present"`
}

func (r *removedUserResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "rolecall_removed_user"
}

func (r *removedUserResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A user who should not be in AWS IAM Identity Center and whom Terraform does not manage. Creating it deletes the user; one who no longer exists is fine, and " +
			"one who comes back is deleted again. Destroying it does nothing.",
		Attributes: map[string]schema.Attribute{
			"username": schema.StringAttribute{Required: true, MarkdownDescription: "The exact user name.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}},
			"allow":   optionalStrings("Refused changes to allow: `lockout` (it removes access that you are using)."),
			"present": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the user exists nevertheless. Planned to be false."},
		},
	}
}

func (r *removedUserResource) Configure(ctx context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.user.Configure(ctx, req, resp)
}

// ValidateConfig refuses a name that is none.
func (r *removedUserResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m removedUserModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if !resp.Diagnostics.HasError() && !m.Username.IsUnknown() && strings.TrimSpace(m.Username.ValueString()) == "" {
		resp.Diagnostics.AddAttributeError(path.Root("username"), "The user name is empty", "Write the exact name of the user to delete, or remove the entry.")
	}
}

func (m removedUserModel) user() userModel {
	return userModel{Username: m.Username, Allow: m.Allow}
}

// ModifyPlan plans that the user is gone, and refuses what a guard refuses.
func (r *removedUserResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.user.session == nil || req.Plan.Raw.IsNull() {
		return
	}
	var m, before removedUserModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	m.Present = types.BoolValue(false)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, m)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &before)...)
	}
	if before.Username.Equal(m.Username) && before.Present.Equal(m.Present) && before.Allow.Equal(m.Allow) && !r.user.session.refreshed.recall("removed_user", m.Username.ValueString()) {
		return // without a refresh, who is gone is not looked for
	}
	if !resp.Diagnostics.HasError() && !m.Username.IsUnknown() && !r.user.session.unknown {
		_, user, found := r.user.planDelete(ctx, m.user())
		resp.Diagnostics.Append(r.user.session.warnings.plan(found, "removed_user", m.Username.ValueString())...)
		resp.Diagnostics.Append(report(r.user.session.deletes(user, userPlan{}))...)
	}
}

// remove deletes the user of a plan, and keeps the state.
func (r *removedUserResource) remove(ctx context.Context, planned getter, state *tfsdk.State) diag.Diagnostics {
	var m removedUserModel
	if found := planned.Get(ctx, &m); found.HasError() {
		return found
	}
	p, _, found := r.user.planDelete(ctx, m.user())
	if found.HasError() {
		return found
	}
	found = r.user.session.warnings.apply(found, "removed_user", m.Username.ValueString())
	result, done := r.user.session.carryOut(ctx, r.user.session.owner, nil, p.Changes)
	found = append(found, done...)
	if result == nil || found.HasError() {
		return found
	}
	return append(found, state.Set(ctx, m)...)
}

func (r *removedUserResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.Append(r.remove(ctx, req.Plan, &resp.State)...)
}

// Update deletes the user who came back.
func (r *removedUserResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(r.remove(ctx, req.Plan, &resp.State)...)
}

// Read says whether the user is there.
func (r *removedUserResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m removedUserModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || r.user.session == nil || r.user.session.unknown {
		return
	}
	r.user.session.refreshed.note(true, "removed_user", m.Username.ValueString())
	live, err := r.user.read(ctx, m.user().desired(""))
	if err != nil {
		resp.Diagnostics.Append(failed(err)...)
		return
	}
	m.Present = types.BoolValue(live.UserIndex(m.Username.ValueString()) >= 0)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// Delete does nothing: who is gone stays gone.
func (r *removedUserResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// ImportState takes the user name of whoever is not to be there, or the id of a
// user who is.
func (r *removedUserResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	name := req.ID
	user, err := r.user.session.findUser(ctx, name)
	if err != nil {
		resp.Diagnostics.Append(failed(err)...)
		return
	}
	if user != nil {
		name = user.Username
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("username"), name)...)
}
