# Groups in accounts, as many as asked for, that exist already: the import and
# every plan after it read everything and change nothing.
terraform {
  required_version = ">= 1.9.0"

  required_providers {
    rolecall = {
      source = "rolecall-dev/rolecall"
    }
  }
}

variable "groups" {
  type = number
}

variable "accounts" {
  type = number
}

provider "rolecall" {
  owner  = "platform"
  region = "us-east-1"
}

locals {
  names    = toset([for i in range(var.groups) : format("group-%03d", i)])
  accounts = [for i in range(var.accounts) : format("account-%03d", i)]
}

import {
  for_each = local.names
  to       = rolecall_access_group.this[each.key]
  id       = each.key
}

resource "rolecall_access_group" "this" {
  for_each = local.names

  name                 = each.key
  description          = "one of many"
  aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
  accounts_names       = local.accounts
}
