package tfprovider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// ImportState takes the group's name or id; "GROUP::SET" names a permission set
// that is not called as the group.
func (r *groupResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	name, set, _ := strings.Cut(req.ID, "::")
	if req.ID == "" && req.Identity != nil {
		var identity groupIdentity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		name, set = identity.GroupID.ValueString(), identity.PermissionSetName.ValueString()
	}
	group, found := r.session.findGroup(ctx, name)
	resp.Diagnostics.Append(found...)
	if group == nil {
		return
	}
	if owner := group.Owner; owner != "" && r.session.owner != "" && owner != r.session.owner && !r.external {
		resp.Diagnostics.AddError(fmt.Sprintf("Group %q belongs to owner %q", group.Name, owner), "What another owner has is managed there.")
		return
	}
	if set == "" {
		set = access.PermissionSetName(group.Name)
	}
	resp.Diagnostics.Append(setTexts(ctx, &resp.State, "id", group.ID, "name", group.Name, "permission_set_name", set)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, groupIdentity{types.StringValue(group.ID), types.StringValue(set)})...)
}

// findGroup finds a group by its name or its id; nil where there is none, which
// is an error.
func (s *session) findGroup(ctx context.Context, nameOrID string) (*access.Group, diag.Diagnostics) {
	live, err := s.identities(ctx, access.State{})
	if err != nil {
		return nil, failed(err)
	}
	for i, g := range live.Groups {
		if g.Name == nameOrID || g.ID == nameOrID {
			return &live.Groups[i], nil
		}
	}
	called := make([]string, len(live.Groups))
	for i, g := range live.Groups {
		called[i] = g.Name
	}
	var found diag.Diagnostics
	found.AddError(fmt.Sprintf("There is no group %q", nameOrID), names.DidYouMean(names.Meant(nameOrID, called), "")+" Pass the group's exact name, or its id in the identity store; GROUP::SET if the permission set does not have the group's name.")
	return nil, found
}

// ImportState takes the group's name or id.
func (r *membersResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	name, found := importedID(ctx, req, "group_id")
	resp.Diagnostics.Append(found...)
	group, found := r.session.findGroup(ctx, name)
	resp.Diagnostics.Append(found...)
	if group == nil {
		return
	}
	resp.Diagnostics.Append(setTexts(ctx, &resp.State, "id", group.ID, "group", group.Name)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, groupOnlyIdentity{types.StringValue(group.ID)})...)
}
