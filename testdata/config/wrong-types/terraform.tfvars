management_mode = ["internal"]
users           = { name = "x" }
removed_users   = "jane@company.com"
access_groups = [
  "Dev",
  {
    name                 = { a = "b" }
    description          = true
    accounts_names       = "Development"
    session_duration     = 8
    aws_managed_policies = [["arn:aws:iam::aws:policy/PowerUserAccess"], null, 1e999]
    inline_policies      = {}
    tags                 = ["a"]
    members              = [{}]
  },
]
