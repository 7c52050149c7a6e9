package tfprovider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
)

func (r *groupResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "rolecall_" + r.kind()
	// A group that is deleted and made again is the same resource with another id.
	resp.ResourceBehavior = resource.ResourceBehavior{MutableIdentity: true}
}

func (r *groupResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := groupArguments()
	for name, a := range policyArguments() {
		attributes[name] = a
	}
	for name, a := range groupResults() {
		attributes[name] = a
	}
	text := "A group that rolecall creates in AWS IAM Identity Center, with its members, its permission set and all its account assignments. " +
		"`members` is authoritative: whoever is in the group and not in the list is drift, and removed."
	if r.external {
		text = "A group that an identity provider brings by SCIM, with its permission set and all its account assignments. " +
			"The group itself and its members belong to the identity provider and are never written."
		attributes["wait_for_sync"] = schema.BoolAttribute{Optional: true,
			MarkdownDescription: "Wait at apply until SCIM has brought the group, for as long as `timeouts` says (60 minutes unless given). Else a group that is not there is an error at plan."}
		attributes["timeouts"] = timeouts.Attributes(ctx, timeouts.Opts{Create: true, Update: true})
	} else {
		attributes["members"] = schema.SetAttribute{Optional: true, ElementType: types.StringType,
			MarkdownDescription: "User names of all members. Not set means none."}
	}
	resp.Schema = schema.Schema{MarkdownDescription: text, Attributes: attributes}
}

func optionalString(text string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: text}
}

func optionalStrings(text string) schema.SetAttribute {
	return schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: text}
}

// groupArguments are the keys of the config, with the same meaning, and what
// only a resource has.
func groupArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{Required: true,
			MarkdownDescription: "The group's name. Of an external group, exactly the name in the identity provider. Another name renames the group."},
		"description": schema.StringAttribute{Required: true,
			MarkdownDescription: "What the group is for; also the permission set's description."},
		"accounts_names": schema.SetAttribute{Required: true, ElementType: types.StringType,
			MarkdownDescription: "Names of the AWS accounts in which the group has its permission set. Each is one account assignment. One that is not there is an error at plan; an account that the same apply makes is written by its id, such as `aws_organizations_account.sandbox.id`."},
		"session_duration": schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString(access.DefaultSessionDuration),
			MarkdownDescription: "How long a session lasts, ISO 8601, `PT1H` (the default) to `PT12H`."},
		"relay_state": optionalString("Where in the AWS console a session begins: a URL."),
		"permission_set_name": schema.StringAttribute{Optional: true, Computed: true,
			MarkdownDescription: "The permission set's name, at most 32 of `[A-Za-z0-9_+=,.@-]`. Unless given, the group's name made legal for AWS (the function `permission_set_name` gives it). AWS renames no set, so another name is another set, with other role ARNs: `allow = [\"replace\"]` agrees to that."},
		"previously":           optionalString("The group's former name, to rename instead of creating, where Terraform's state does not know it."),
		"tags":                 schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Tags of the permission set; none may begin with `rolecall:` or `aws:`."},
		"scim_identity_source": optionalString("The identity provider's name, such as `Okta`, where it brings users or groups by SCIM; for tags and messages."),
		"owner": schema.StringAttribute{Optional: true, Computed: true,
			MarkdownDescription: "Who owns the group and the permission set; the provider's `owner` unless given. Another owner takes over in place."},
		"adopt": schema.BoolAttribute{Optional: true,
			MarkdownDescription: "Take over a group or permission set of this name that carries no owner's mark. Without it the creation is refused. What another owner has is never taken over."},
		"allow": optionalStrings("Refusals to let through: `lockout` (it takes away access that you are using), `replace` (the permission set is replaced, and role ARNs change), `rebind` (a name leads to another group or account than before, by its id), `strangers` (taking over takes access away from others)."),
	}
}

func policyArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"aws_managed_policies":      optionalStrings("ARNs of AWS managed policies."),
		"customer_managed_policies": optionalStrings("Customer managed policies, which must exist in every account: ARN, name, or path/name."),
		"permissions_boundary":      optionalString("The ARN of an AWS managed policy, or a customer managed policy as in `customer_managed_policies`."),
		"inline_policies": schema.ListNestedAttribute{Optional: true,
			MarkdownDescription: "Named policies, merged into the one inline policy that AWS takes.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"name": schema.StringAttribute{Required: true, MarkdownDescription: "The policy's name, unique in the group."},
				"statements": schema.ListNestedAttribute{Required: true, MarkdownDescription: "The policy's statements.",
					NestedObject: schema.NestedAttributeObject{Attributes: statementArguments()}},
			}}},
	}
}

func statementArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"sid":           optionalString("The statement's id, `[A-Za-z0-9]`. AWS gets one only where it is set."),
		"effect":        optionalString("`Allow` (the default) or `Deny`."),
		"actions":       optionalStrings("Actions, or else `not_actions`."),
		"not_actions":   optionalStrings("All actions but these."),
		"resources":     optionalStrings("ARNs or `*`, or else `not_resources`."),
		"not_resources": optionalStrings("All resources but these."),
		"conditions": schema.ListNestedAttribute{Optional: true, MarkdownDescription: "Conditions, all of which must be met.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"test":     schema.StringAttribute{Required: true, MarkdownDescription: "The operator, such as `StringEquals`."},
				"variable": schema.StringAttribute{Required: true, MarkdownDescription: "The context key, such as `aws:RequestedRegion`."},
				"values":   schema.SetAttribute{Required: true, ElementType: types.StringType, MarkdownDescription: "The values."},
			}}},
	}
}

func groupResults() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                 schema.StringAttribute{Computed: true, MarkdownDescription: "The group's id in the identity store."},
		"permission_set_arn": schema.StringAttribute{Computed: true, MarkdownDescription: "The permission set's ARN."},
		"account_ids": schema.MapAttribute{Computed: true, ElementType: types.StringType,
			MarkdownDescription: "The ids of the accounts, by name."},
		"drift": schema.SetAttribute{Computed: true, ElementType: types.StringType,
			MarkdownDescription: "What differs in AWS from what was last applied: strangers on the permission set or in the group, what is missing, accounts where the set is not up to date. Planned to be empty, so that any drift is a change."},
	}
}
