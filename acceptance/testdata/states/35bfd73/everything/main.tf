# Every resource, with every argument that AWS keeps something of.
terraform {
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

resource "rolecall_user" "ann" {
  display_name = "Ann Lee"
  email        = "ann.lee@company.com"
  given_name   = "Ann"
  family_name  = "Lee"
  username     = "ann"
}

resource "rolecall_removed_user" "gone" {
  username = "gone@company.com"
}

resource "rolecall_access_group" "full" {
  name                 = "Platform Team"
  description          = "The platform team"
  accounts_names       = ["development", "staging"]
  session_duration     = "PT8H"
  relay_state          = "https://console.aws.amazon.com/ec2"
  aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"]
  permission_set_name  = "Platform"
  tags                 = { team = "platform" }
  members              = [rolecall_user.ann.username, "wei.chen@company.com"]

  customer_managed_policies = ["/team/Billing"]
  permissions_boundary      = "Boundary"

  inline_policies = [
    {
      name = "region"
      statements = [
        {
          sid         = "Region"
          effect      = "Deny"
          not_actions = ["iam:*", "sts:*"]
          resources   = ["*"]
          conditions  = [{ test = "StringNotEquals", variable = "aws:RequestedRegion", values = ["eu-west-1"] }]
        },
      ]
    },
    {
      name       = "list"
      statements = [{ effect = "Allow", actions = ["s3:ListBucket"], resources = ["*"] }]
    },
  ]
}

resource "rolecall_access_group" "bare" {
  for_each = toset(["Auditors", "Support: 24/7"])

  name           = each.value
  description    = "Nothing but accounts"
  accounts_names = ["production"]
}

resource "rolecall_external_group" "team" {
  name                 = "AWS-Development-Team"
  description          = "Development team access"
  scim_identity_source = "Okta"
  aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
  accounts_names       = ["development", "staging"]
  wait_for_sync        = true

  timeouts = {
    create = "45m"
  }
}

resource "rolecall_group_members" "responders" {
  group   = "Incident-Response"
  members = [rolecall_user.ann.username]
}
