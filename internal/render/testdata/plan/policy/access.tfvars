users = [
  { display_name = "Jane Smith", email = "jane.smith@company.com", given_name = "Jane", family_name = "Smith", groups = ["AWS-Developers"] },
  { display_name = "John Miller", email = "john.miller@company.com", given_name = "John", family_name = "Miller", groups = ["AWS-Developers"] },
]

access_groups = [
  {
    name                 = "AWS-Developers"
    description          = "Builds the services"
    aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws:iam::aws:policy/IAMReadOnlyAccess"]
    session_duration     = "PT8H"
    accounts_names       = ["development", "security"]
    tags                 = { team = "development", note = "new" }
    inline_policies = [{
      name       = "sessions"
      statements = [{ actions = ["ssm:StartSession", "ssm:TerminateSession"], resources = ["*"] }]
    }]
  },
  {
    name                      = "AWS-Audit"
    description               = "Looks, and changes nothing"
    aws_managed_policies      = ["arn:aws:iam::aws:policy/SecurityAudit"]
    customer_managed_policies = ["audit/read-logs"]
    permissions_boundary      = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    accounts_names            = ["production"]
  },
]
