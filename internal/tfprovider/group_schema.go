package tfprovider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (r *groupResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	withIdentity(resp, "rolecall_"+r.kind())
}

func (r *groupResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.schema(ctx)
}

func (r *groupResource) schema(ctx context.Context) schema.Schema {
	attributes := groupKeys(r.external).schema(groupExtras())
	text := "A group that rolecall creates in AWS IAM Identity Center, with its members, its permission set and all its account assignments. " +
		"`members` is authoritative: whoever is in the group and not in the list is drift, and removed."
	if !r.external {
		attributes["permission_set_description"] = schema.StringAttribute{Optional: true, Computed: true,
			MarkdownDescription: "The permission set's description, where it is not the group's. Unless given, it is the group's; one that an import found apart stays as it is."}
	}
	if r.external {
		text = "A group that an identity provider brings by SCIM, with its permission set and all its account assignments. " +
			"The group itself and its members belong to the identity provider and are never written."
		attributes["wait_for_sync"] = schema.BoolAttribute{Optional: true,
			MarkdownDescription: "Wait at apply until SCIM has brought the group, for as long as `timeouts` says (60 minutes unless given). Else a group that is not there is an error at plan; one that the state has, and that was deleted or renamed since, is a warning there, and the apply stops."}
		attributes["timeouts"] = timeouts.Attributes(ctx, timeouts.Opts{Create: true, Update: true})
	}
	return schema.Schema{MarkdownDescription: text, Attributes: attributes}
}

// groupExtras are the attributes that only a resource has: its own arguments, and
// what comes out.
func groupExtras() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"scim_identity_source": optionalString("The identity provider's name, such as `Okta`, where it brings users or groups by SCIM; for tags and messages."),
		"owner": schema.StringAttribute{Optional: true, Computed: true,
			MarkdownDescription: "Who owns the group and the permission set; the provider's `owner` unless given. Another owner takes over in place."},
		"adopt": schema.BoolAttribute{Optional: true,
			MarkdownDescription: "Take over a group or permission set of this name that carries no owner's mark, where nobody loses anything by it; else `import` shows what goes. Without it the creation is refused. What another owner has is never taken over."},
		"allow": optionalStrings("Refusals to let through: `lockout` (it takes away access that you are using), `replace` (the permission set is replaced, and role ARNs change), `rebind` (a name leads to another group or account than before, by its id), `strangers` (taking over by an import takes access away from others)."),

		"id":                 schema.StringAttribute{Computed: true, MarkdownDescription: "The group's id in the identity store."},
		"permission_set_arn": schema.StringAttribute{Computed: true, MarkdownDescription: "The permission set's ARN."},
		"account_ids": schema.MapAttribute{Computed: true, ElementType: types.StringType,
			MarkdownDescription: "The ids of the accounts, by name."},
		"not_looked_at": schema.SetAttribute{Computed: true, ElementType: types.StringType,
			MarkdownDescription: "What `drift` says nothing about, because it was not looked at as of the last refresh: whether others than the group have the permission set in an account where the group has it, where to look at that is not cheap. The provider's argument `complete` looks at it."},
		"drift": schema.SetAttribute{Computed: true, ElementType: types.StringType,
			MarkdownDescription: "What differs in AWS from what was last applied: strangers on the permission set or in the group, what is missing, accounts where the set is not up to date. Planned to be empty, so that any drift is a change."},
	}
}
