locals {
  access = read_terragrunt_config("inputs.hcl").locals
}

inputs = {
  management_mode      = local.access.management_mode
  scim_identity_source = local.access.scim_identity_source
  external_groups      = local.access.external_groups
}
