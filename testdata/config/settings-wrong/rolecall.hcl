owner        = "platform_team"
protcted     = []
region       = "Ireland"
instance_arn = "ssoins-1"
token        = "abc"
scim         = {}
ignore       = ["AWS-[a-z", "set:", "group:a\\", "sett:foo"]
adopt        = ["user:jane", "set:[]", "AWS-*"]
guards {
  removal_percent = "many"
  removal_min     = -1
  inner {
  }
}
guards {
}
lints {
  a = "loud"
}
scim {
  endpoint      = "scim.amazonaws.com"
  token         = "abc"
  token_env     = "the token"
  tokn_env      = "OKTA_TOKEN"
  token_created = "yesterday"
}
connector {
}
connector "octa" {
  organisation = "x"
  token_env    = lower("X")
}
conector "okta" {
}
owner {
}
