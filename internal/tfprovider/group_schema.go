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
		"`members` is authoritative: anyone who is in the group but not in the list is drift, and is removed."
	if !r.external {
		attributes["permission_set_description"] = schema.StringAttribute{Optional: true, Computed: true,
			MarkdownDescription: "The permission set's description, if it is not the group's. Default: the group's; a different one that an import found stays as it is."}
	}
	if r.external {
		text = "A group that an identity provider brings by SCIM, with its permission set and all its account assignments. " +
			"The group itself and its members belong to the identity provider and are never written."
		attributes["wait_for_sync"] = schema.BoolAttribute{Optional: true,
			MarkdownDescription: "Wait at apply until SCIM has brought the group, for as long as `timeouts` says (default: 60 minutes). Otherwise a group that does not exist is an error at plan; one that the state has, and that was deleted or renamed since, is a warning there, and the apply stops."}
		attributes["timeouts"] = timeouts.Attributes(ctx, timeouts.Opts{Create: true, Update: true})
	}
	return schema.Schema{MarkdownDescription: text, Attributes: attributes}
}

// groupExtras are the attributes that only a resource has: its own arguments, and
// what comes out.
func groupExtras() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"scim_identity_source": optionalString("The identity provider's name, such as `Okta`, if it brings users or groups by SCIM; for tags and messages."),
		"owner": schema.StringAttribute{Optional: true, Computed: true,
			MarkdownDescription: "The owner of the group and the permission set. Default: the provider's `owner`. Another owner takes over in place."},
		"adopt": schema.BoolAttribute{Optional: true,
			MarkdownDescription: "Take over a group or permission set of this name that carries no owner's mark, if nobody loses anything by it; otherwise `import` shows what would be removed. Without it the creation is refused. What another owner has is never taken over."},
		"allow": optionalStrings("Refused changes to allow: `lockout` (it removes access that you are using), `replace` (the permission set is replaced, and role ARNs change), `rebind` (a name refers to a different group or account than before, by its id), `strangers` (taking over by an import removes access from others)."),

		"id":                 schema.StringAttribute{Computed: true, MarkdownDescription: "The group's id in the identity store."},
		"permission_set_arn": schema.StringAttribute{Computed: true, MarkdownDescription: "The permission set's ARN."},
		"account_ids": schema.MapAttribute{Computed: true, ElementType: types.StringType,
			MarkdownDescription: "The ids of the accounts, by name."},
		"not_looked_at": schema.SetAttribute{Computed: true, ElementType: types.StringType,
			MarkdownDescription: "What `drift` does not cover, because it was not looked at as of the last refresh: whether others besides the group have the permission set in an account where the group has it, if looking is not cheap. The provider's argument `complete` looks at it."},
		"drift": schema.SetAttribute{Computed: true, ElementType: types.StringType,
			MarkdownDescription: "What differs in AWS from what was last applied: strangers on the permission set or in the group, what is missing, accounts where the set is not up to date. Planned to be empty, so that any drift is a change."},
	}
}
