management_mode = "externl"
scim_scope      = "everything"
external_groups = [{ name = "Dev", description = "d", accounts_names = ["a"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"] }]
