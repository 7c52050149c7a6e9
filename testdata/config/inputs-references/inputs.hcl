locals {
  users = [
    { display_name = local.nmae, email = dependency.idp.outputs.email, given_name = "Jane", family_name = var.family },
  ]
  name = "Jane"
  bad_function = loewr("X")
  failing      = jsondecode("{")
  access_groups = [
    {
      name                 = local.bad_function
      description          = local.failing
      accounts_names       = [get_env("ACCOUNT", "Development"), try(get_env("X"), "y"), timestamp()]
      aws_managed_policies = ["arn:aws:iam::aws:policy/${try(local.missing, "PowerUserAccess")}"]
      session_duration     = frobnicate("x")
      relay_state          = local.name.first
      permission_set_name  = element([], 0)
    },
  ]
}
