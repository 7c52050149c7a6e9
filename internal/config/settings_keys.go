package config

import "github.com/rolecall-dev/rolecall/internal/access"

// SettingsSchema returns every key of rolecall.hcl.
func SettingsSchema() []KeyDoc {
	out := settingsKind().Docs()
	out = append(out, under("guards", guardsKind().Docs())...)
	out = append(out, under("scim", scimKind().Docs())...)
	out = append(out, lintKeys()...)
	return append(out, under(`connector "<kind>"`, connectorKind().Docs())...)
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

func settingsKind() *access.Kind {
	return access.KindOf[Settings]("rolecall.hcl",
		access.Key{KeyDoc: KeyDoc{Path: "owner", Meaning: "Who owns what rolecall makes: 1 to 18 letters, digits and dashes. Whatever plans or writes needs it, here or as `--owner`."}},
		access.Key{KeyDoc: KeyDoc{Path: "region", Meaning: "The AWS Region of IAM Identity Center, where the AWS profile does not say it."}},
		access.Key{KeyDoc: KeyDoc{Path: "instance_arn", Meaning: "The instance of IAM Identity Center, where there are several."}},
		access.Key{KeyDoc: KeyDoc{Path: "protected", Default: "[]", Meaning: "Exact names of users, groups, permission sets and accounts that lose nothing, also not for a while, without `--allow-lockout`: a group is followed to its permission sets, a user to their groups and those groups' sets."}},
		access.Key{KeyDoc: KeyDoc{Path: "ignore", Default: "[]", Meaning: "Patterns of permission sets, groups, users and accounts that are neither written nor removed; every plan counts what they hid."}},
		access.Key{KeyDoc: KeyDoc{Path: "adopt", Default: "[]", Meaning: "Patterns of groups and permission sets of the config that may be taken over where they exist already and nobody owns them, as with `--adopt`; only as long as this owner has nothing in AWS. Later, name them with the flag."}},
		access.Key{KeyDoc: KeyDoc{Path: "other_keys", Default: "[]", Meaning: "Top-level keys of the config that another tool needs and rolecall passes over."}},
	)
}

func guardsKind() *access.Kind {
	return access.KindOf[Guards]("guards",
		access.Key{KeyDoc: KeyDoc{Path: "removal_percent", Default: "25", Meaning: "Removals of a kind above this share are refused without `--allow-removals`."}},
		access.Key{KeyDoc: KeyDoc{Path: "removal_min", Default: "5", Meaning: "Up to this many removals of a kind, the share does not matter."}},
		access.Key{KeyDoc: KeyDoc{Path: "removal_max", Default: "100", Meaning: "More removals than this are refused without `--allow-removals`."}},
	)
}

func scimKind() *access.Kind {
	return access.KindOf[SCIM]("scim",
		access.Key{KeyDoc: KeyDoc{Path: "endpoint", Meaning: "AWS's SCIM endpoint, as the console shows it: `https://scim.<region>.amazonaws.com/<tenant>/scim/v2/`."}},
		access.Key{KeyDoc: KeyDoc{Path: "token_env", Meaning: "The name of the environment variable that has the SCIM token, such as `SCIM_TOKEN`."}},
		access.Key{KeyDoc: KeyDoc{Path: "token_created", Meaning: "The day on which the token was made, `YYYY-MM-DD`; tokens expire after a year."}},
	)
}

func connectorKind() *access.Kind {
	return access.KindOf[Connector]("a connector",
		access.Key{KeyDoc: KeyDoc{Path: "organization", Meaning: "Okta: the organization's URL; a domain of its own needs `ROLECALL_ALLOWED_HOSTS`. Entra: the tenant. Google: the customer."}},
		access.Key{KeyDoc: KeyDoc{Path: "application", Meaning: "The name or id of the AWS application at the identity provider."}},
		access.Key{KeyDoc: KeyDoc{Path: "cloud", Meaning: "Entra: the cloud of the tenant where it is not the global one: `us-government`, `us-dod` or `china`; a tenant named by an `onmicrosoft.us` or `onmicrosoft.cn` domain needs none."}},
		access.Key{KeyDoc: KeyDoc{Path: "client_id", Meaning: "Okta, Entra: the client that reads."}},
		access.Key{KeyDoc: KeyDoc{Path: "key_id", Meaning: "Okta: the id of the client's key."}},
		access.Key{KeyDoc: KeyDoc{Path: "subject", Meaning: "Google: the administrator to act as."}},
		access.Key{KeyDoc: KeyDoc{Path: "path", Meaning: "`file`: the file to read, in the config's folder."}},
		access.Key{KeyDoc: KeyDoc{Path: "token_env", Meaning: "The environment variable that has the API token."}},
		access.Key{KeyDoc: KeyDoc{Path: "client_secret_env", Meaning: "The environment variable that has the client's secret."}},
		access.Key{KeyDoc: KeyDoc{Path: "private_key_env", Meaning: "The environment variable that has the private key."}},
		access.Key{KeyDoc: KeyDoc{Path: "private_key_file", Meaning: "The file that has the private key, in the config's folder."}},
		access.Key{KeyDoc: KeyDoc{Path: "credentials_env", Meaning: "Google: the environment variable that has the service account's credentials."}},
		access.Key{KeyDoc: KeyDoc{Path: "credentials_file", Meaning: "Google: the file that has the service account's credentials, in the config's folder."}},
	)
}
