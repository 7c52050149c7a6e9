locals {
  users         = []
  access_groups = []
}
