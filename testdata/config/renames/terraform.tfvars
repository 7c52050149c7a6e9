users = [
  { username = "z", previously = "y", display_name = "Y Y", email = "y@company.com", given_name = "Y", family_name = "Y" },
  { username = "y", previously = "z", display_name = "Z Z", email = "z@company.com", given_name = "Z", family_name = "Z" },
  { email = "b@company.com", previously = "a@company.com", display_name = "A A", given_name = "A", family_name = "A" },
  { email = "c@company.com", previously = "b@company.com", display_name = "B B", given_name = "B", family_name = "B" },
  { username = "one", previously = "taro", display_name = "One", email = "one@company.com", given_name = "O", family_name = "O" },
  { username = "two", previously = "Taro", display_name = "Two", email = "two@company.com", given_name = "T", family_name = "T" },
]
access_groups = [
  { name = "Dev", description = "d", previously = "Ops", accounts_names = ["a"], aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] },
  { name = "Ops", description = "d", previously = "Dev", accounts_names = ["a"], aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] },
]
