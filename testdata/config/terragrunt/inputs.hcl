locals {
  account = find_in_parent_folders("account.hcl")
  team    = "Dev"
  users   = [{ display_name = "Jane", email = "jane@company.com", given_name = "Jane", family_name = "Smith", groups = ["Dev"], nick = "j" }]
}
