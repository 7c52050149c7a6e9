locals {
  a             = range(1000)
  b             = [for x in local.a : local.a]
  c             = flatten([for x in local.b : local.b])
  access_groups = [for x in local.c : x]
}
