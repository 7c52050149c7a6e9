locals {
  path = find_in_parent_folders("common.hcl")
  vars = read_terragrunt_config(local.path)
}
inputs = {
  users         = local.vars.locals.users
  access_groups = []
}
