lints {
  group_name_prefix  = "off"
  description        = { severity = "off" }
  production_session = { severity = "off", accounts = ["*"] }
  administrator      = { severity = "off", groups = [] }
  management_account = "off"
  wildcard_action    = { allow = ["s3:*", "lo?s:*"] }
  wildcard_resource  = { actions = ["ecs:Update*"], except = ["Ops"] }
}
