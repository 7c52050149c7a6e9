# Okta brings users and groups to AWS by SCIM; here is what the groups may do.
terraform {
  required_version = ">= 1.9.0"

  required_providers {
    rolecall = {
      source = "rolecall-dev/rolecall"
    }
  }
}

provider "rolecall" {
  owner  = "platform"
  region = "us-east-1"
}

module "identity_center" {
  source = "../../../modules/identity-center"

  management_mode      = "external"
  scim_identity_source = "Okta" # for tagging and messages only

  users = [
    # No users: SCIM brings them.
  ]

  external_groups = [
    {
      name                 = "AWS-Development-Team"
      description          = "Synchronized from Okta"
      aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
      accounts_names       = ["development"]
    },
  ]
}

output "assignments" {
  value = module.identity_center.assignments
}

output "follow_up" {
  value = module.identity_center.follow_up
}
