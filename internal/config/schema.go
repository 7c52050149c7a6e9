package config

import (
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// KeyDoc documents one key.
type KeyDoc struct {
	// Path leads to the key: "access_groups[].tags"; [] is any element of a list.
	Path     string `json:"path"`
	Type     string `json:"type"`
	Required bool   `json:"required,omitempty"`
	Default  string `json:"default,omitempty"`
	Meaning  string `json:"meaning"`
	// SetUps says where the key may be used; empty means in all four set-ups.
	SetUps string `json:"set_ups,omitempty"`
}

// Schema gives every key of an access config.
func Schema() []KeyDoc { return newSchema().top.docs() }

// ModuleKeys are keys that stand beside the config in a Terraform module's
// variables, with the same meaning as in rolecall.hcl.
func ModuleKeys() []KeyDoc {
	return []KeyDoc{{Path: "owner", Type: "string", Meaning: "The owner, as in `rolecall.hcl`; written in both, they must be equal."}}
}

const (
	inExternal = "external"
	inInternal = "internal"
	inGroupsUs = "internal; external with scim_scope = \"users\""
)

// schema holds the kinds of objects of a config.
type schema struct {
	top           *object[access.Config]
	user          *object[access.UserSpec]
	accessGroup   *object[access.GroupSpec]
	externalGroup *object[access.GroupSpec]
	inlinePolicy  *object[access.InlinePolicySpec]
	statement     *object[access.StatementSpec]
	condition     *object[access.ConditionSpec]
}

func newSchema() *schema {
	s := &schema{}
	s.condition = newCondition()
	s.statement = newObject("a statement", statementKeys(), func(s *access.StatementSpec) *diag.Range { return &s.Range })
	s.inlinePolicy = newObject("an inline policy", inlinePolicyKeys(s), func(p *access.InlinePolicySpec) *diag.Range { return &p.Range })
	s.user = newObject("a user", userKeys(), func(u *user) *diag.Range { return &u.Range })
	s.accessGroup = newObject("an access group", append(groupKeys(s), membersKey()), groupPlace)
	s.externalGroup = newObject("an external group", append(groupKeys(s), membersKey()), groupPlace)
	s.top = newObject("the config", topKeys(s), nil)
	return s
}

func groupPlace(g *group) *diag.Range { return &g.Range }

// textKey is a key of type string.
func textKey[T any](doc KeyDoc, at func(*T) *access.Text) key[T] {
	doc.Type = "string"
	return key[T]{doc: doc, read: func(l *loader, out *T, n node, name string) { *at(out) = l.readText(n, name) }}
}

// listKey is a key of type list(string).
func listKey[T any](doc KeyDoc, at func(*T) *access.List[access.Text]) key[T] {
	doc.Type = "list(string)"
	return key[T]{doc: doc, read: func(l *loader, out *T, n node, name string) { *at(out) = l.readTexts(n, name) }}
}

// objectsKey is a key of type list(object).
func objectsKey[T, E any](doc KeyDoc, inner *object[E], at func(*T) *access.List[E]) key[T] {
	doc.Type = "list(object)"
	return key[T]{doc: doc, inner: inner.docs(),
		read: func(l *loader, out *T, n node, name string) { *at(out) = readObjects(l, n, name, inner) }}
}

type (
	config = access.Config
	user   = access.UserSpec
	group  = access.GroupSpec
	text   = access.Text
	texts  = access.List[access.Text]
)

func topKeys(s *schema) []key[config] {
	return []key[config]{
		textKey(KeyDoc{Path: "management_mode", Default: "internal", Meaning: "Who manages users and groups: `external` (an identity provider, by SCIM) or `internal` (this config)."},
			func(c *config) *text { return &c.ManagementMode }),
		textKey(KeyDoc{Path: "scim_identity_source", SetUps: inExternal, Meaning: "The identity provider's name, such as `Okta`; for tags and messages only."},
			func(c *config) *text { return &c.SCIMIdentitySource }),
		textKey(KeyDoc{Path: "scim_scope", Default: "users_and_groups", SetUps: inExternal, Meaning: "What SCIM brings: `users_and_groups`, or `users` where the identity provider pushes no groups (Google Workspace)."},
			func(c *config) *text { return &c.SCIMScope }),
		textKey(KeyDoc{Path: "identity_provider", SetUps: inInternal, Meaning: "Who authenticates, such as `Okta`, where users are not synchronized; not written, it is AWS's built-in directory."},
			func(c *config) *text { return &c.IdentityProvider }),
		objectsKey(KeyDoc{Path: "users", SetUps: inInternal, Meaning: "Users that rolecall creates and keeps."}, s.user,
			func(c *config) *access.List[user] { return &c.Users }),
		listKey(KeyDoc{Path: "removed_users", SetUps: inInternal, Meaning: "User names to delete; the only way to delete a user. One that is gone already is fine."},
			func(c *config) *texts { return &c.RemovedUsers }),
		objectsKey(KeyDoc{Path: "access_groups", SetUps: inGroupsUs, Meaning: "Groups that rolecall creates in AWS, and their access."}, s.accessGroup,
			func(c *config) *access.List[group] { return &c.AccessGroups }),
		objectsKey(KeyDoc{Path: "external_groups", SetUps: inExternal, Meaning: "Groups that SCIM brings, and their access."}, s.externalGroup,
			func(c *config) *access.List[group] { return &c.ExternalGroups }),
	}
}

func userKeys() []key[user] {
	return []key[user]{
		textKey(KeyDoc{Path: "display_name", Required: true, Meaning: "The name that people see."}, func(u *user) *text { return &u.DisplayName }),
		textKey(KeyDoc{Path: "email", Required: true, Meaning: "The primary e-mail address."}, func(u *user) *text { return &u.Email }),
		textKey(KeyDoc{Path: "given_name", Required: true, Meaning: "The given name."}, func(u *user) *text { return &u.GivenName }),
		textKey(KeyDoc{Path: "family_name", Required: true, Meaning: "The family name."}, func(u *user) *text { return &u.FamilyName }),
		listKey(KeyDoc{Path: "groups", Meaning: "Names of groups that the user is in; united with `access_groups[].members`."}, func(u *user) *texts { return &u.Groups }),
		textKey(KeyDoc{Path: "username", Default: "email", Meaning: "The name to sign in with. With an identity provider it must be the same there."}, func(u *user) *text { return &u.Username }),
		textKey(KeyDoc{Path: "previously", Meaning: "The user's former user name, to rename instead of creating."}, func(u *user) *text { return &u.Previously }),
	}
}
