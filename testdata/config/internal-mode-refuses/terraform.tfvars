management_mode      = "internal"
scim_identity_source = "Okta"
scim_scope           = "users"
external_groups = [{ name = "Dev", description = "d", accounts_names = ["a"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"] }]
