lints {
  group-name-prefix  = "off"
  descriptoin        = "off"
  no_such_lint       = "warning"
  group_name_prefix  = "error"
  description        = "warn"
  production_session = { accounts = "production", longest = "PT13H", longst = "PT1H" }
  administrator      = ["Admins"]
  management_account = { accounts = [] }
  wildcard_action    = { severity = "loud", allow = [null] }
  wildcard_resource {
    severity = "off"
  }
}
