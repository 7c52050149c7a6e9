users {
  display_name = "Jane"
}
locals {
  access_groups = []
}
access_groups = []
