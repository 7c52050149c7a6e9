# Google Workspace brings users to AWS by SCIM, and no groups: those are made
# in AWS, with the user names that Google brought as their members.
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
  scim_identity_source = "Google Workspace"
  scim_scope           = "users"

  access_groups = [
    {
      name                 = "GoogleDevelopers"
      description          = "Development team access"
      aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
      accounts_names       = ["development"]
      members              = ["jane.smith@company.com", "wei.chen@company.com"]
    },
  ]
}

output "assignments" {
  value = module.identity_center.assignments
}

output "follow_up" {
  value = module.identity_center.follow_up
}
