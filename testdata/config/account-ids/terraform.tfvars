management_mode = "external"
external_groups = [
  { name = "Dev", description = "d", aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"], accounts_names = ["222233334444", "3333-4444-5555", "4444 5555 6666", "55-55-66-66-77-77", "7777-8888", "workload 12"] },
  { name = "Ends", description = "d", aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"], accounts_names = ["222233334444 "] },
]
