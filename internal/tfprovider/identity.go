package tfprovider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// groupIdentity is what tells a group's resource from every other, for import
// blocks with an identity and for `terraform query`. A group that was deleted
// and made again has another.
type groupIdentity struct {
	GroupID           types.String `tfsdk:"group_id"`
	PermissionSetName types.String `tfsdk:"permission_set_name"`
}

// groupOnlyIdentity is that of members of a group.
type groupOnlyIdentity struct {
	GroupID types.String `tfsdk:"group_id"`
}

type userIdentity struct {
	UserID types.String `tfsdk:"user_id"`
}

func (r *groupResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"group_id":            storeID("group"),
		"permission_set_name": identityschema.StringAttribute{OptionalForImport: true, Description: "The permission set's name, if it is not the group's made legal for AWS."},
	}}
}

func (r *membersResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{"group_id": storeID("group")}}
}

func (r *userResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{"user_id": storeID("user")}}
}

func storeID(of string) identityschema.Attribute {
	return identityschema.StringAttribute{RequiredForImport: true, Description: "The " + of + "'s id in the identity store."}
}

// identify puts the identity beside a state; Terraform before 1.12 has none.
func identify(ctx context.Context, to *tfsdk.ResourceIdentity, identity any) diag.Diagnostics {
	if to == nil {
		return nil
	}
	return to.Set(ctx, identity)
}

func (g groupData) identity() groupIdentity { return groupIdentity{g.ID, g.PermissionSetName} }

// row is one thing to list, with what shows it.
type row struct {
	name string
	fill func(context.Context, *list.ListResult) diag.Diagnostics
}

// stream returns the rows one by one, as many as Terraform asks for.
func stream(ctx context.Context, req list.ListRequest, rows []row) func(func(list.ListResult) bool) {
	return func(push func(list.ListResult) bool) {
		for i, r := range rows {
			if req.Limit > 0 && int64(i) >= req.Limit {
				return
			}
			result := req.NewListResult(ctx)
			result.DisplayName = r.name
			result.Diagnostics.Append(r.fill(ctx, &result)...)
			if !push(result) {
				return
			}
		}
	}
}

// groupList lists groups for `terraform query`.
type groupList struct{ groupResource }

func (l *groupList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	text := "Groups that carry no other owner's mark and that SCIM has not brought, as far as AWS shows it."
	if l.external {
		text = "Groups that carry no owner's mark: those that an identity provider brings, as far as AWS shows it."
	}
	resp.Schema = listschema.Schema{MarkdownDescription: text, Attributes: map[string]listschema.Attribute{}}
}

// List lists the groups that could be such a resource.
func (l *groupList) List(ctx context.Context, req list.ListRequest, results *list.ListResultsStream) {
	live, err := l.session.identities(ctx, access.State{})
	if err != nil {
		results.Results = list.ListResultsStreamDiagnostics(failed(err))
		return
	}
	var rows []row
	for _, g := range live.Groups {
		if l.fits(g) {
			rows = append(rows, row{g.Name, func(ctx context.Context, result *list.ListResult) diag.Diagnostics {
				return l.show(ctx, req, g, result)
			}})
		}
	}
	results.Results = stream(ctx, req, rows)
}

func (l *groupList) fits(g access.Group) bool {
	if l.external {
		return g.Owner == ""
	}
	return !g.SCIM && (g.Owner == "" || g.Owner == l.session.owner)
}

// show fills in one result; the whole resource only where it is asked for.
func (l *groupList) show(ctx context.Context, req list.ListRequest, g access.Group, result *list.ListResult) diag.Diagnostics {
	data := newGroupData(l.external, g)
	found := identify(ctx, result.Identity, data.identity())
	if !req.IncludeResource || found.HasError() {
		return found
	}
	w := l.wantOfState(data)
	live, err := l.session.group(ctx, w)
	if err != nil {
		return append(found, failed(err)...)
	}
	if !data.observe(live, w) {
		found.AddError(fmt.Sprintf("Group %q is gone", g.Name), "It was deleted while the groups were listed.")
		return found
	}
	return append(found, l.set(ctx, result.Resource, data)...)
}

// userList lists users for `terraform query`.
type userList struct{ userResource }

func (l *userList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = listschema.Schema{MarkdownDescription: "Users that SCIM has not brought, as far as AWS shows it.", Attributes: map[string]listschema.Attribute{}}
}

// List lists the users that could be such a resource.
func (l *userList) List(ctx context.Context, req list.ListRequest, results *list.ListResultsStream) {
	all, err := l.session.allNames(ctx, false, true)
	if err != nil {
		results.Results = list.ListResultsStreamDiagnostics(failed(err))
		return
	}
	var rows []row
	for _, u := range all.Users {
		if u.SCIM {
			continue
		}
		rows = append(rows, row{u.Username, func(ctx context.Context, result *list.ListResult) diag.Diagnostics {
			found := identify(ctx, result.Identity, userIdentity{types.StringValue(u.ID)})
			if req.IncludeResource {
				found.Append(l.set(ctx, result.Resource, userModel{}.observe(u, nil))...)
			}
			return found
		}})
	}
	results.Results = stream(ctx, req, rows)
}
