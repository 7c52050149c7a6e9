access_groups = []
locals {
  users = []
  extra {
  }
}
users {
}
