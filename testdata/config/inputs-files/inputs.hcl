locals {
  inside        = jsondecode(file("data/groups.json"))
  access_groups = local.inside
  users         = csvdecode(file("../users.csv"))
  removed_users = [try(file("/etc/passwd"), "x"), fileexists("data/none.json") ? "a" : "b@company.com"]
}
