users = [
  { display_name = "Jane Smith", email = "jane.smith@company.com", given_name = "Jane", family_name = "Smith", groups = ["AWS-Developers"] },
  { display_name = "John Miller", email = "john.miller@company.com", given_name = "John", family_name = "Miller", groups = ["AWS-Developers"] },
]

access_groups = [
  {
    name                 = "AWS-Developers"
    description          = "Builds the services"
    aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    session_duration     = "PT2H"
    accounts_names       = ["development", "staging"]
  },
]
