package config

import "github.com/rolecall-dev/rolecall/internal/access"

func settingsKind() *access.Kind {
	return access.KindOf[Settings]("rolecall.hcl",
		key("owner", "", "Team that owns what rolecall creates (used as the owner tag): 1 to 18 letters, digits and dashes. Every command that plans or writes needs it, here or as `--owner`."),
		key("region", "", "The AWS Region of IAM Identity Center, if the AWS profile does not set it."),
		key("instance_arn", "", "The instance of IAM Identity Center, if there are several."),
		key("protected", "[]", "Exact names of users, groups, permission sets and accounts that lose nothing, not even temporarily, without `--allow-lockout`: a group is followed to its permission sets, a user to their groups and those groups' sets."),
		key("ignore", "[]", "Patterns of permission sets, groups, users and accounts that are neither written nor removed; every plan counts what they hid."),
		key("adopt", "[]", "Patterns of groups and permission sets of the config that may be taken over if they already exist and nobody owns them, as with `--adopt`; only as long as this owner has nothing in AWS. Later, name them with the flag."),
		key("other_keys", "[]", "Top-level keys of the config that another tool needs and rolecall ignores."),
	)
}

func guardsKind() *access.Kind {
	return access.KindOf[Guards]("guards",
		key("removal_percent", "25", "Removals of a kind above this share are refused without `--allow-removals`."),
		key("removal_min", "5", "Up to this many removals of a kind, the share does not matter."),
		key("removal_max", "100", "More removals than this are refused without `--allow-removals`."),
	)
}

func scimKind() *access.Kind {
	return access.KindOf[SCIM]("scim",
		key("endpoint", "", "AWS's SCIM endpoint, as the console shows it: `https://scim.<region>.amazonaws.com/<tenant>/scim/v2/`."),
		key("token_env", "", "The name of the environment variable that has the SCIM token, such as `SCIM_TOKEN`."),
		key("token_created", "", "The day on which the token was created, `YYYY-MM-DD`; tokens expire after a year."),
	)
}

func connectorKind() *access.Kind {
	return access.KindOf[Connector]("a connector",
		key("organization", "", "Okta: the organization's URL; a custom domain needs `ROLECALL_ALLOWED_HOSTS`. Entra: the tenant. Google: the customer."),
		key("application", "", "The name or id of the AWS application at the identity provider."),
		key("cloud", "", "Entra: the cloud of the tenant if it is not the global one: `us-government`, `us-dod` or `china`; a tenant named by an `onmicrosoft.us` or `onmicrosoft.cn` domain needs none."),
		key("client_id", "", "Okta, Entra: the client that reads."),
		key("key_id", "", "Okta: the id of the client's key."),
		key("subject", "", "Google: the administrator to act as."),
		key("path", "", "`file`: the file to read, in the config's folder."),
		key("token_env", "", "The environment variable that has the API token."),
		key("client_secret_env", "", "The environment variable that has the client's secret."),
		key("private_key_env", "", "The environment variable that has the private key."),
		key("private_key_file", "", "The file that has the private key, in the config's folder."),
		key("credentials_env", "", "Google: the environment variable that has the service account's credentials."),
		key("credentials_file", "", "Google: the file that has the service account's credentials, in the config's folder."),
	)
}

// key is a row of a table of settings.
func key(path, byDefault, meaning string) access.Key {
	return access.Key{KeyDoc: access.KeyDoc{Path: path, Default: byDefault, Meaning: meaning}}
}
