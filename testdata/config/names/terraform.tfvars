users = [
  { display_name = " Jane", email = "jane@company.com", given_name = "Jane\u200b", family_name = "Smith", groups = ["Dev ", "dev-ops", "Gone", "Former", "Dev", "Dev"] },
  { display_name = "Joe", email = "joe@company.com", username = "joe smith", given_name = "Joe", family_name = "Smith", groups = ["Gone"] },
  { display_name = "Ann", email = "ann@company.com", username = "administrator", given_name = "Ann", family_name = "Smith" },
]
access_groups = [
  { name = "Dev", description = "d", accounts_names = ["a", "a", "b\u00a0", ""], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"], members = ["Jane@company.com", "nobody@company.com", "joe smith"] },
  { name = "DevOps", description = "d [rolecall:other]", accounts_names = ["123456789012"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"], previously = "Former" },
  { name = "AWSAdministrators", description = "soft\u00adhyphen", accounts_names = ["a"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"], previously = "Dev" },
  { name = "Tab\u0007", description = "\u201cquoted\u201d", accounts_names = ["a"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"], previously = "Former" },
  { name = "Same", description = "d", accounts_names = ["a"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"], previously = "Same" },
]
