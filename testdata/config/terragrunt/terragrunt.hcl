include "root" {
  path = find_in_parent_folders("root.hcl")
}

terraform {
  source = "../modules//identity-center"
}

locals {
  vars = read_terragrunt_config("${get_terragrunt_dir()}/inputs.hcl")
}

inputs = merge(local.vars.locals, {
  access_groups = [{
    name                 = local.vars.locals.team
    description          = "d"
    accounts_names       = ["a"]
    aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAcces s"]
  }]
  regoin = "eu-west-1"
  owner  = "platform"
})
