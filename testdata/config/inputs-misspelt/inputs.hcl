locals {
  user_names   = ["jane"]
  acces_groups = []
  user         = { display_name = "Jane", email = "jane@company.com", given_name = "Jane", family_name = "Smith" }
  users        = [local.user]
}
