management_mode      = "external"
scim_scope           = "users"
scim_identity_source = "Google Workspace"

access_groups = [
  {
    name                 = "Developers"
    description          = "Development team"
    aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
    accounts_names       = ["Development"]
    members              = ["jane@company.com"]
  }
]
