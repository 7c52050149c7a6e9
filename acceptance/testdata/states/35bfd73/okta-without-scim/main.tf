# Okta authenticates and synchronizes nothing: each user must exist in both
# systems, under the same user name.
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

  identity_provider = "Okta"

  users = [
    {
      display_name = "Jane Smith"
      email        = "jane@company.com"
      given_name   = "Jane"
      family_name  = "Smith"
      groups       = ["DevelopmentTeam"]
    },
  ]

  access_groups = [
    {
      name                 = "DevelopmentTeam"
      description          = "Development team access"
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
