access_groups = [
  { name = "A", description = "d", accounts_names = ["a"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"], permission_set_name = "Shared" },
  { name = "B", description = "d", accounts_names = ["b"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"], permission_set_name = "Shared", session_duration = "PT60M" },
  { name = "C", description = "d", accounts_names = ["c"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"], permission_set_name = "Shared", session_duration = "PT2H", tags = { a = "b" } },
  { name = "D", description = "d", accounts_names = ["c"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"], permission_set_name = "shared" },
  { name = "E", description = "d", accounts_names = ["c"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"], permission_set_name = "with blank" },
  { name = "F", description = "d", accounts_names = ["c"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"], permission_set_name = "a-name-of-more-than-thirty-two-characters" },
  { name = "rolecall-lock-me", description = "d", accounts_names = ["c"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"] },
  { name = "G", description = "d", accounts_names = ["c"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"], permission_set_name = "A2" },
  { name = "A2", description = "other", accounts_names = ["c"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"] },
]
