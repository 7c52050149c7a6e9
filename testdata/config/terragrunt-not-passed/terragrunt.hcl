inputs = {
  users = read_terragrunt_config("inputs.hcl").locals.users
}
