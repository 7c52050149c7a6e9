# Google Workspace brings users to AWS by SCIM, and no groups: those are made
# in AWS, with the user names that Google brought as their members.
management_mode      = "external"
scim_identity_source = "Google Workspace"
scim_scope           = "users"

access_groups = [
  {
    name                 = "AWS-Development-Team"
    description          = "Development team access"
    aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
    accounts_names       = ["development"]
    members              = ["jane@company.com", "wei@company.com"]
  },
  {
    name                 = "AWS-Production-ReadOnly"
    description          = "Read-only access to production"
    aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    accounts_names       = ["staging", "production"]
    members              = ["jane@company.com"]
  }
]
