# What is an error already is not also a lint.
lints {
  group_name_prefix  = { prefix = "AWS-" }
  production_session = { accounts = ["a"] }
  administrator      = { groups = [] }
}
