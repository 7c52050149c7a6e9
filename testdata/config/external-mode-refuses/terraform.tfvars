management_mode      = "external"
scim_identity_source = "Okta"
identity_provider    = "Okta"

users = [
  { display_name = "Jane", email = "jane@company.com", given_name = "Jane", family_name = "Smith" },
  { display_name = "Joe" },
]
removed_users = ["old@company.com"]
access_groups = [
  { name = "Developers", description = "d", accounts_names = ["Development"] },
]
external_groups = [
  {
    name                 = "Admins"
    description          = "d"
    accounts_names       = ["Development"]
    aws_managed_policies = ["arn:aws:iam::aws:policy/AdministratorAccess"]
    members              = ["jane@company.com"]
  },
]
