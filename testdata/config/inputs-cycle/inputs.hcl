locals {
  a             = local.b
  b             = concat(local.c, ["x"])
  c             = [local.a[0]]
  d             = upper(local.e)
  e             = lower(local.d)
  fine          = "ok"
  access_groups = [{ name = local.d, description = "d", accounts_names = local.a, aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"] }]
}
