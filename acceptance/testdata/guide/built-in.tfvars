users = [
  {
    display_name = "Jane Smith"
    email        = "jane@company.com"
    given_name   = "Jane"
    family_name  = "Smith"
    groups       = ["DevelopmentTeam"]
  }
]

access_groups = [
  {
    name = "DevelopmentTeam"
    description = "Development team access"
    aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
    accounts_names = ["development"]
  }
]
