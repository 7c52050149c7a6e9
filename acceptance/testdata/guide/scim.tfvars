users = [
  # No users defined - managed externally via SCIM
]

management_mode      = "external"
scim_identity_source = "Okta" # For tagging/reference only

external_groups = [
  {
    name = "AWS-Development-Team"  # Must match external group name
    description = "Synchronized from external IdP"
    aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
    accounts_names = ["development"]
  }
]
