users = [
  { display_name = "Jane Smith-Meyer", email = "jane.smith@company.com", given_name = "Jane", family_name = "Smith-Meyer", groups = ["AWS-Builders"] },
]

removed_users = ["john.miller@company.com"]

access_groups = [
  {
    name                 = "AWS-Builders"
    previously           = "AWS-Developers"
    description          = "Builds the services"
    aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
    session_duration     = "PT4H"
    relay_state          = "https://eu-west-1.console.aws.amazon.com/"
    accounts_names       = ["development", "production"]
    tags                 = { team = "builders" }
    inline_policies = [{
      name       = "sessions"
      statements = [{ actions = ["ssm:StartSession", "ssm:ResumeSession"], resources = ["*"] }]
    }]
  },
  {
    name                 = "AWS-Audit"
    description          = "Looks, and changes nothing"
    aws_managed_policies = ["arn:aws:iam::aws:policy/SecurityAudit"]
    session_duration     = "PT2H"
    accounts_names       = ["production", "security"]
    tags                 = { team = "audit" }
    inline_policies = [{
      name       = "logs"
      statements = [{ actions = ["logs:Get*"], resources = ["*"] }]
    }]
  },
]
