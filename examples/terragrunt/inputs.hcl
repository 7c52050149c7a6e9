# Access of the platform's teams. Terragrunt passes it to the module through
# terragrunt.hcl; rolecall reads the same two files.
locals {
  workloads  = ["development", "staging", "production"]
  power_user = "arn:aws:iam::aws:policy/PowerUserAccess"
  read_only  = "arn:aws:iam::aws:policy/ReadOnlyAccess"
  boundary   = "platform/workload-boundary" # a customer managed policy in every workload account

  management_mode      = "external"
  scim_identity_source = "Okta"

  external_groups = concat(local.development, local.operations)

  development = [
    {
      name                      = "AWS-Development-Team"
      description               = "Builds and deploys the services"
      aws_managed_policies      = [local.power_user]
      customer_managed_policies = ["deploy-services"] # must exist in each account
      permissions_boundary      = local.boundary
      session_duration          = "PT8H"
      accounts_names            = ["development", "staging"]
      tags                      = { team = "development" }
    },
    {
      name                 = "AWS-Data-Analysts"
      description          = "Queries the data lake"
      session_duration     = "PT4H"
      relay_state          = "https://eu-west-1.console.aws.amazon.com/athena/home?region=eu-west-1"
      aws_managed_policies = ["arn:aws:iam::aws:policy/AmazonAthenaFullAccess"]
      accounts_names       = ["production"]
      inline_policies = [
        {
          name = "data-lake"
          statements = [
            {
              actions   = ["s3:GetObject", "s3:ListBucket"]
              resources = ["arn:aws:s3:::company-data-lake", "arn:aws:s3:::company-data-lake/*"]
            },
            {
              sid         = "OnlyInEurope"
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
  ]

  operations = [
    {
      name                 = "AWS-Operations"
      description          = "Keeps the services running"
      session_duration     = "PT12H"
      aws_managed_policies = [local.read_only]
      accounts_names       = local.workloads
      inline_policies = [
        {
          name = "sessions"
          statements = [
            {
              actions   = ["ssm:StartSession", "ssm:ResumeSession", "ssm:TerminateSession"]
              resources = ["*"]
              conditions = [
                { test = "Bool", variable = "aws:MultiFactorAuthPresent", values = ["true"] },
              ]
            },
          ]
        },
        {
          name = "restart"
          statements = [
            { actions = ["ecs:UpdateService", "autoscaling:StartInstanceRefresh"], resources = ["*"] },
          ]
        },
      ]
    },
    {
      name                 = "AWS-Security-Audit"
      description          = "Looks, and changes nothing"
      permission_set_name  = "SecurityAudit"
      aws_managed_policies = ["arn:aws:iam::aws:policy/SecurityAudit"]
      accounts_names       = local.workloads
    },
  ]
}
