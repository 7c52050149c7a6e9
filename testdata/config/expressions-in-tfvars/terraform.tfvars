access_groups = [
  {
    name                 = lower("DEV")
    description          = "team ${var.team}"
    accounts_names       = [for a in ["x"] : a]
    aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
  },
]
