resource "rolecall_access_group" "development" {
  name                 = "DevelopmentTeam"
  description          = "Development team access"
  aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
  accounts_names       = ["development", "staging"]
  session_duration     = "PT8H"
  members              = ["jane@company.com"]

  inline_policies = [
    {
      name = "region"
      statements = [
        {
          effect      = "Deny"
          not_actions = ["iam:*", "sts:*"]
          resources   = ["*"]
          conditions  = [{ test = "StringNotEquals", variable = "aws:RequestedRegion", values = ["eu-west-1"] }]
        },
      ]
    },
  ]
}
