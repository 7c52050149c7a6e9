# Who may do what. `rolecall plan` reads this folder as it is; Terragrunt passes
# the same values to the module.
locals {
  management_mode      = "external"
  scim_identity_source = "Okta"

  external_groups = [
    {
      name                 = "AWS-Development-Team"
      description          = "Builds and deploys the services"
      session_duration     = "PT8H"
      aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
      accounts_names       = ["development", "staging"]
      inline_policies = [
        {
          name = "region"
          statements = [
            {
              effect      = "Deny"
              not_actions = ["iam:*", "sts:*"]
              resources   = ["*"]
              conditions = [
                { test = "StringNotEquals", variable = "aws:RequestedRegion", values = ["eu-west-1", "eu-central-1"] },
              ]
            },
          ]
        },
      ]
    },
    {
      name                 = "AWS-Production-ReadOnly"
      description          = "Looks, and changes nothing"
      aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
      accounts_names       = ["production"]
    },
  ]
}
