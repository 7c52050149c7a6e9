package tfprovider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// arguments are the keys of the table that a resource has for arguments.
type arguments struct {
	kind    *access.Kind
	without string                 // a key that is no argument of the resource
	unlike  map[string]unlikeTable // by path
}

// unlikeTable is how an argument differs from its key of the table.
type unlikeTable struct {
	text     string // what it says instead of the key's meaning
	computed bool   // the provider fills it in where it is not given
	fallback bool   // with the table's default
}

func (a arguments) keys() []access.Key {
	return slices.DeleteFunc(slices.Clone(a.kind.Keys), func(k access.Key) bool { return k.Path == a.without })
}

// schema adds the arguments to the attributes that only a resource has.
func (a arguments) schema(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	for _, k := range a.keys() {
		attributes[k.Path] = attributeOf(k, k.Path, a.unlike)
	}
	return attributes
}

// attributeOf makes the argument of a key; path leads to it.
func attributeOf(k access.Key, path string, unlike map[string]unlikeTable) schema.Attribute {
	own, text := unlike[path], k.Meaning
	if own.text != "" {
		text = own.text
	}
	switch {
	case k.Of != nil:
		inner := map[string]schema.Attribute{}
		for _, i := range k.Of.Keys {
			inner[i.Path] = attributeOf(i, path+"[]."+i.Path, unlike)
		}
		return schema.ListNestedAttribute{Required: k.Required, Optional: !k.Required, MarkdownDescription: text, NestedObject: schema.NestedAttributeObject{Attributes: inner}}
	case k.Type == "list(string)":
		return schema.SetAttribute{Required: k.Required, Optional: !k.Required, ElementType: types.StringType, MarkdownDescription: text}
	case k.Type == "map(string)":
		return schema.MapAttribute{Required: k.Required, Optional: !k.Required, ElementType: types.StringType, MarkdownDescription: text}
	}
	out := schema.StringAttribute{Required: k.Required, Optional: !k.Required, Computed: own.computed, MarkdownDescription: text}
	if own.fallback {
		out.Default = stringdefault.StaticString(k.Default)
	}
	return out
}

func optionalString(text string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: text}
}

func optionalStrings(text string) schema.SetAttribute {
	return schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: text}
}

// groupKeys are the arguments of either kind of group.
func groupKeys(external bool) arguments {
	a := arguments{kind: access.Keys().In("access_groups"), unlike: map[string]unlikeTable{
		"name":                                  {text: "The group's name. Of an external group, exactly the name in the identity provider. Changing it renames the group."},
		"accounts_names":                        {text: "Names of the AWS accounts in which the group has its permission set. Each is one account assignment. One that does not exist is an error at plan; an account that the same apply creates is written by its id, such as `aws_organizations_account.sandbox.id`."},
		"session_duration":                      {text: "How long a session lasts, ISO 8601, `PT1H` (the default) to `PT12H`.", computed: true, fallback: true},
		"permission_set_name":                   {text: "The permission set's name, at most 32 of `[A-Za-z0-9_+=,.@-]`. Default: the group's name made legal for AWS (the function `permission_set_name` returns it). AWS renames no set, so a new name means a new set, with new role ARNs: `allow = [\"replace\"]` agrees to that.", computed: true},
		"previously":                            {text: "The group's former name, to rename it in place. If the resource's address contains the name, as in the module, add a `moved` block from the old address; without it the plan is refused."},
		"members":                               {text: "User names of all members. Not set means none."},
		"inline_policies[].statements[].sid":    {text: "The statement's id, `[A-Za-z0-9]`. AWS gets one only if it is set."},
		"inline_policies[].statements[].effect": {text: "`Allow` (the default) or `Deny`."},
		"inline_policies[].statements[].conditions":          {text: "Conditions, all of which must be met."},
		"inline_policies[].statements[].conditions[].values": {text: "The values."},
	}}
	if external {
		a.kind, a.without = access.Keys().In("external_groups"), "members"
	}
	return a
}

// userKeys are the arguments of a user. Which groups the user is in is not among
// them: it is decided by the groups' members.
func userKeys() arguments {
	return arguments{kind: access.Keys().In("users"), without: "groups", unlike: map[string]unlikeTable{
		"username":   {text: "The name to sign in with. Default: the e-mail address. With an identity provider it must be the same there. Changing it renames the user.", computed: true},
		"previously": {text: "The user's former user name, to rename the user in place. If the resource's address contains the name, as in the module, add a `moved` block from the old address; without it the plan is refused, unless `adopt = true`."},
	}}
}
