package scim

import "net/http"

// serviceProviderConfig answers as captured (slashdevops/idp-scim-sync,
// pkg/aws/testdata/ServiceProviderConfig.json). The 50 is AWS's; pages have 100.
func (c *call) serviceProviderConfig() (int, any, error) {
	type supported struct {
		Supported bool `json:"supported"`
	}
	return http.StatusOK, map[string]any{
		"schemas":          []string{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"},
		"documentationUri": "https://docs.aws.amazon.com/singlesignon/latest/developerguide/what-is-scim.html",
		"authenticationSchemes": []map[string]any{{
			"type": "oauthbearertoken", "name": "OAuth Bearer Token", "primary": true,
			"description":      "Authentication scheme using the OAuth Bearer Token Standard",
			"specUri":          "https://www.rfc-editor.org/info/rfc6750",
			"documentationUri": "https://docs.aws.amazon.com/singlesignon/latest/developerguide/provision-automatically.html",
		}},
		"patch":          supported{true},
		"bulk":           map[string]any{"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
		"filter":         map[string]any{"supported": true, "maxResults": 50},
		"changePassword": supported{}, "sort": supported{}, "etag": supported{},
	}, nil
}

func (c *call) listResourceTypes() (int, any, error) {
	resource := func(name, endpoint, schema string, extensions ...map[string]any) any {
		return map[string]any{
			"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:ResourceType"},
			"id":      name, "name": name, "endpoint": endpoint, "schema": schema,
			"schemaExtensions": append([]map[string]any{}, extensions...),
			"meta":             map[string]any{"resourceType": "ResourceType", "location": "/ResourceTypes/" + name},
		}
	}
	return http.StatusOK, discovered(
		resource("User", "/Users", userSchema, map[string]any{"schema": enterpriseSchema, "required": false}),
		resource("Group", "/Groups", groupSchema),
	), nil
}

func (c *call) listSchemas() (int, any, error) {
	var all []any
	for _, s := range schemas() {
		all = append(all, s)
	}
	return http.StatusOK, discovered(all...), nil
}

func (c *call) getSchema() (int, any, error) {
	for _, s := range schemas() {
		if s.ID == c.id {
			return http.StatusOK, s, nil
		}
	}
	return 0, nil, notFound("Specified schema does not exist.")
}

func discovered(resources ...any) plainList {
	return plainList{len(resources), len(resources), 1, []string{listSchema}, resources}
}

// schema and attribute describe a resource (RFC 7643 section 7). They state what
// AWS supports (its developer guide's table of attributes), not the whole RFC.
type schema struct {
	Schemas     []string    `json:"schemas"`
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Attributes  []attribute `json:"attributes"`
}

type attribute struct {
	Name          string      `json:"name"`
	Type          string      `json:"type"`
	MultiValued   bool        `json:"multiValued"`
	Required      bool        `json:"required"`
	CaseExact     bool        `json:"caseExact"`
	Mutability    string      `json:"mutability"`
	Returned      string      `json:"returned"`
	Uniqueness    string      `json:"uniqueness"`
	SubAttributes []attribute `json:"subAttributes,omitempty"`
}

func schemas() []schema {
	define := func(id, name, description string, attributes []attribute) schema {
		return schema{[]string{"urn:ietf:params:scim:schemas:core:2.0:Schema"}, id, name, description, attributes}
	}
	return []schema{
		define(userSchema, "User", "User Account", userAttributes()),
		define(enterpriseSchema, "EnterpriseUser", "Enterprise User", append(texts("employeeNumber", "costCenter", "organization", "division", "department"),
			complexAttribute("manager", false, texts("value"))...)),
		define(groupSchema, "Group", "Group", append(
			[]attribute{required(text("displayName"), "server"), text("externalId")},
			complexAttribute("members", true, texts("value"))...)),
	}
}

func userAttributes() []attribute {
	active := text("active")
	active.Type = "boolean"
	name := complexAttribute("name", false, texts("formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"))
	name[0].Required = true
	all := []attribute{required(text("userName"), "server"), required(text("displayName"), "none"), active}
	all = append(all, name...)
	all = append(all, texts("externalId", "nickName", "profileUrl", "title", "userType", "preferredLanguage", "locale", "timezone")...)
	for _, many := range []string{"emails", "phoneNumbers", "roles"} {
		all = append(all, complexAttribute(many, true, valueAttributes())...)
	}
	address := append(texts("formatted", "streetAddress", "locality", "region", "postalCode", "country"), valueAttributes()[1:]...)
	return append(all, complexAttribute("addresses", true, address)...)
}

func valueAttributes() []attribute {
	primary := text("primary")
	primary.Type = "boolean"
	return append(texts("value", "type"), primary)
}

func text(name string) attribute {
	return attribute{Name: name, Type: "string", Mutability: "readWrite", Returned: "default", Uniqueness: "none"}
}

func texts(names ...string) []attribute {
	var all []attribute
	for _, n := range names {
		all = append(all, text(n))
	}
	return all
}

func required(a attribute, uniqueness string) attribute {
	a.Required, a.Uniqueness = true, uniqueness
	return a
}

func complexAttribute(name string, multi bool, subs []attribute) []attribute {
	a := text(name)
	a.Type, a.MultiValued, a.SubAttributes = "complex", multi, subs
	return []attribute{a}
}
