management_mode      = "external"
scim_identity_source = "Okta"

external_groups = [
  {
    name                 = "AWS-Development-Team"
    description          = "Builds and deploys the services"
    aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
    accounts_names       = ["development", "staging"]
  },
  {
    name                 = "AWS-Production-ReadOnly"
    description          = "Looks at production"
    session_duration     = "PT4H"
    aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    accounts_names       = ["production"]
  },
]
