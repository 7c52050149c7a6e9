package config

import "github.com/rolecall-dev/rolecall/internal/access"

// SettingsSchema gives every key of rolecall.hcl.
func SettingsSchema() []KeyDoc {
	out := docsOf(settingsKeys())
	out = append(out, under("guards", docsOf(guardsKeys()))...)
	out = append(out, under("scim", docsOf(scimKeys()))...)
	out = append(out, lintKeys()...)
	return append(out, under(`connector "<kind>"`, docsOf(connectorKeys()))...)
}

// lintKeys has each lint, and what can be set of it.
func lintKeys() []KeyDoc {
	var out []KeyDoc
	for _, lint := range LintDocs() {
		path := "lints." + lint.Key
		out = append(out, KeyDoc{Path: path, Type: "string or object", Default: lint.Default,
			Meaning: "The lint `" + string(lint.Code) + "`, see [lints](lints.md): its severity alone, or an object of these:"})
		out = append(out, under(path, lint.Keys)...)
	}
	return out
}

func under(block string, docs []KeyDoc) []KeyDoc {
	for i := range docs {
		docs[i].Path = block + "." + docs[i].Path
	}
	return docs
}

func settingsKeys() []key[Settings] {
	return []key[Settings]{
		textKey(KeyDoc{Path: "owner", Meaning: "Who owns what rolecall makes: 1 to 18 letters, digits and dashes. Whatever plans or writes needs it, here or as `--owner`."}, func(s *Settings) *text { return &s.Owner }),
		textKey(KeyDoc{Path: "region", Meaning: "The AWS Region of IAM Identity Center, where the AWS profile does not say it."}, func(s *Settings) *text { return &s.Region }),
		textKey(KeyDoc{Path: "instance_arn", Meaning: "The instance of IAM Identity Center, where there are several."}, func(s *Settings) *text { return &s.InstanceARN }),
		listKey(KeyDoc{Path: "protected", Default: "[]", Meaning: "Exact names of users, groups, permission sets and accounts that lose nothing, also not for a while, without `--allow-lockout`: a group is followed to its permission sets, a user to their groups and those groups' sets."}, func(s *Settings) *texts { return &s.Protected }),
		listKey(KeyDoc{Path: "ignore", Default: "[]", Meaning: "Patterns of permission sets, groups, users and accounts that are neither written nor removed; every plan counts what they hid."}, func(s *Settings) *texts { return &s.Ignore }),
		listKey(KeyDoc{Path: "adopt", Default: "[]", Meaning: "Patterns of groups and permission sets of the config that may be taken over where they exist already and nobody owns them, as with `--adopt`; only as long as this owner has nothing in AWS. Later, name them with the flag."}, func(s *Settings) *texts { return &s.Adopt }),
		listKey(KeyDoc{Path: "other_keys", Default: "[]", Meaning: "Top-level keys of the config that another tool needs and rolecall passes over."}, func(s *Settings) *texts { return &s.OtherKeys }),
	}
}

func numberKey[T any](doc KeyDoc, at func(*T) *Number) key[T] {
	doc.Type = "number"
	return key[T]{doc: doc, read: func(l *loader, out *T, n node, name string) { *at(out) = l.readNumber(n, name) }}
}

func guardsKeys() []key[Guards] {
	return []key[Guards]{
		numberKey(KeyDoc{Path: "removal_percent", Default: "25", Meaning: "Removals of a kind above this share are refused without `--allow-removals`."}, func(g *Guards) *Number { return &g.RemovalPercent }),
		numberKey(KeyDoc{Path: "removal_min", Default: "5", Meaning: "Up to this many removals of a kind, the share does not matter."}, func(g *Guards) *Number { return &g.RemovalMin }),
		numberKey(KeyDoc{Path: "removal_max", Default: "100", Meaning: "More removals than this are refused without `--allow-removals`."}, func(g *Guards) *Number { return &g.RemovalMax }),
	}
}

func scimKeys() []key[SCIM] {
	return []key[SCIM]{
		textKey(KeyDoc{Path: "endpoint", Meaning: "AWS's SCIM endpoint, as the console shows it: `https://scim.<region>.amazonaws.com/<tenant>/scim/v2/`."}, func(s *SCIM) *text { return &s.Endpoint }),
		textKey(KeyDoc{Path: "token_env", Meaning: "The name of the environment variable that has the SCIM token, such as `SCIM_TOKEN`."}, func(s *SCIM) *text { return &s.TokenEnv }),
		textKey(KeyDoc{Path: "token_created", Meaning: "The day on which the token was made, `YYYY-MM-DD`; tokens expire after a year."}, func(s *SCIM) *text { return &s.TokenCreated }),
	}
}

func connectorKeys() []key[Connector] {
	at := func(path, meaning string, field func(*Connector) *access.Text) key[Connector] {
		return textKey(KeyDoc{Path: path, Meaning: meaning}, field)
	}
	return []key[Connector]{
		at("organization", "Okta: the organization's URL; a domain of its own needs `ROLECALL_ALLOWED_HOSTS`. Entra: the tenant. Google: the customer.", func(c *Connector) *text { return &c.Organization }),
		at("application", "The name or id of the AWS application at the identity provider.", func(c *Connector) *text { return &c.Application }),
		at("client_id", "Okta, Entra: the client that reads.", func(c *Connector) *text { return &c.ClientID }),
		at("key_id", "Okta: the id of the client's key.", func(c *Connector) *text { return &c.KeyID }),
		at("subject", "Google: the administrator to act as.", func(c *Connector) *text { return &c.Subject }),
		at("path", "`file`: the file to read, in the config's folder.", func(c *Connector) *text { return &c.Path }),
		at("token_env", "The environment variable that has the API token.", func(c *Connector) *text { return &c.TokenEnv }),
		at("client_secret_env", "The environment variable that has the client's secret.", func(c *Connector) *text { return &c.ClientSecretEnv }),
		at("private_key_env", "The environment variable that has the private key.", func(c *Connector) *text { return &c.PrivateKeyEnv }),
		at("private_key_file", "The file that has the private key, in the config's folder.", func(c *Connector) *text { return &c.PrivateKeyFile }),
		at("credentials_env", "Google: the environment variable that has the service account's credentials.", func(c *Connector) *text { return &c.CredentialsEnv }),
		at("credentials_file", "Google: the file that has the service account's credentials, in the config's folder.", func(c *Connector) *text { return &c.CredentialsFile }),
	}
}
