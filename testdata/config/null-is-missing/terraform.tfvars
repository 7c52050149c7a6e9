management_mode   = null
identity_provider = null
removed_users     = null
users = [
  { display_name = "Jane", email = "jane@company.com", given_name = "Jane", family_name = "Smith", username = null, groups = null, previously = null },
]
access_groups = [
  {
    name                      = "Dev"
    description               = "d"
    accounts_names            = ["a"]
    session_duration          = null
    relay_state               = null
    aws_managed_policies      = ["arn:aws:iam::aws:policy/PowerUserAccess"]
    customer_managed_policies = null
    inline_policies           = null
    permissions_boundary      = null
    permission_set_name       = null
    tags                      = null
    previously                = null
    members                   = null
  },
]
