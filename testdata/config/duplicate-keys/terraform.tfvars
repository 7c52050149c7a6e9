access_groups = [
  { name = "Dev", description = "d", accounts_names = ["a"], name = "Other", aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"], tags = { a = "b", a = "c" } },
]
management_mode = "internal"
