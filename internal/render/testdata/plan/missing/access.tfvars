management_mode      = "external"
scim_identity_source = "Okta"

external_groups = [
  {
    name                 = "AWS-Development-Team"
    description          = "Builds the services"
    aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
    accounts_names       = ["development", "stagging"]
  },
]
