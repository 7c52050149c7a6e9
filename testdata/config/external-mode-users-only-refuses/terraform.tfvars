management_mode = "external"
scim_scope      = "users"

users = [{ display_name = "Jane" }]
access_groups = []
external_groups = [{ name = "Dev", description = "d", accounts_names = ["a"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"] }]
