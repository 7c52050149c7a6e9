locals {
  common = read_terragrunt_config("../common.hcl")
  gone   = read_terragrunt_config("gone.hcl")
  spare  = read_terragrunt_config("gone.hcl", { locals = { accounts = ["a"] } })
  found  = read_terragrunt_config(find_in_parent_folders("shared.hcl"))
}
inputs = {
  users         = local.common.locals.users
  removed_users = local.gone.locals.users
  access_groups = [{ name = local.found.locals.name, description = local.found.locals.nme, accounts_names = local.spare.locals.accounts, aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"] }]
}
