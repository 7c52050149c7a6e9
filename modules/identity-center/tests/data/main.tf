# What the tests of the rules begin with: a group and a user without fault.
terraform {
  required_providers {
    rolecall = {
      source = "rolecall-dev/rolecall" # OpenTofu gives every module of a test the mock
    }
  }
}

output "group" {
  value = {
    name                 = "AWS-Development-Team"
    description          = "Development team access"
    aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
    accounts_names       = ["development"]
  }
}

output "user" {
  value = {
    display_name = "Jane Smith"
    email        = "jane@company.com"
    given_name   = "Jane"
    family_name  = "Smith"
  }
}
