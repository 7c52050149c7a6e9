lints {
  group_name_prefix  = { prefix = "AWS-", except = ["Break-Glass"] }
  production_session = { accounts = ["*prod*", "333333333333"], longest = "PT2H" }
  administrator      = { groups = ["AWS-Platform-*"] }
  management_account = { accounts = ["Management", "111111111111"], severity = "error" }
}
