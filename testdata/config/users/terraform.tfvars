users = [
  { display_name = "Jane", email = "jane@company.com", given_name = "Jane", family_name = "Smith" },
  { display_name = "Jane", email = "Jane@company.com", given_name = "Jane", family_name = "Smith" },
  { display_name = "Jane", email = "jane@company.com", given_name = "Jane", family_name = "Smith" },
  { display_name = "Jane", email = "jane@company.com", username = "jane2", given_name = "Jane", family_name = "Smith" },
  { display_name = "Joe", username = "joe", given_name = "Joe", family_name = "Smith" },
  { display_name = "Ann", email = "ann", given_name = "Ann", family_name = "Smith" },
  { display_name = "Bob", email = "bob@company.com", given_name = "Bob", previously = "robert@company.com" },
]
removed_users = ["JANE@company.com", "old@company.com", "old@company.com", "robert@company.com"]
access_groups = [
  { name = "Dev", description = "d", accounts_names = ["a"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"], members = ["old@company.com"] },
]
