package tfprovider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// ImportState takes the group's name or id; "GROUP::SET" names a permission set
// that is not called as the group.
func (r *groupResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	client, err := r.session.connect(ctx)
	if err != nil {
		resp.Diagnostics.Append(failed(err)...)
		return
	}
	live, _, err := client.ReadIdentities(ctx, access.State{})
	if err != nil {
		resp.Diagnostics.Append(failed(err)...)
		return
	}
	name, set, _ := strings.Cut(req.ID, "::")
	if req.ID == "" && req.Identity != nil {
		var identity groupIdentity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		name, set = identity.GroupID.ValueString(), identity.PermissionSetName.ValueString()
	}
	found := -1
	for i, g := range live.Groups {
		if g.Name == name || g.ID == name {
			found = i
		}
	}
	if found < 0 {
		resp.Diagnostics.AddError(fmt.Sprintf("There is no group %q", name), "Give the group's exact name, or its id in the identity store; GROUP::SET where the permission set is not called as the group.")
		return
	}
	group := live.Groups[found]
	if owner := group.Owner; owner != "" && r.session.owner != "" && owner != r.session.owner && !r.external {
		resp.Diagnostics.AddError(fmt.Sprintf("Group %q belongs to owner %q", group.Name, owner), "What another owner has is managed there.")
		return
	}
	if set == "" {
		set = access.PermissionSetName(group.Name)
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), group.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), group.Name)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("permission_set_name"), set)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, groupIdentity{types.StringValue(group.ID), types.StringValue(set)})...)
}
