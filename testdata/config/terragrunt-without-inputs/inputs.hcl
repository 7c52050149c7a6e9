locals {
  access_groups = []
}
