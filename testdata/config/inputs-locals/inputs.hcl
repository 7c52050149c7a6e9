locals {
  elsewhere = find_in_parent_folders("account.hcl") # nothing of access depends on it
  never     = run_cmd("whoami")

  admins = concat(local.base, ["joe"])
  base   = ["jane"]
  domain = lower("COMPANY.COM")

  users = [for name in local.admins : {
    display_name = title(name)
    email        = "${name}@${local.domain}"
    given_name   = title(name)
    family_name  = "Smith"
    groups       = ["Admins"]
  }]

  power = "arn:aws:iam::aws:policy/PowerUserAccess"
  accounts = { dev = ["Development"], prod = ["Production "] }

  access_groups = concat(
    [{ name = "Admins", description = "Administrators", accounts_names = local.accounts.dev, aws_managed_policies = [local.power] }],
    [{ name = "Readers", description = "Readers", accounts_names = local.accounts["prod"], aws_managed_policies = [local.power, local.power] }],
  )
}
