terraform {
  source = "../../../../../../../modules//identity-center"
}

generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite"
  contents  = <<-EOT
    provider "rolecall" {
      owner  = "platform"
      region = "us-east-1"
    }
  EOT
}

locals {
  access = read_terragrunt_config("inputs.hcl").locals
}

inputs = {
  owner                = "platform"
  management_mode      = local.access.management_mode
  scim_identity_source = local.access.scim_identity_source
  external_groups      = local.access.external_groups
}
