locals {
  vars = read_terragrunt_config("inputs.hcl")
  all  = { for k, v in local.vars.locals : k => v }
}
inputs = {
  access_groups = [
    { name = local.all.fine, description = local.all.team, accounts_names = [local.vars.locals.broken], aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] },
  ]
}
