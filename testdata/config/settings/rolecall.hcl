owner      = "platform"
protected  = ["Break-Glass"]
ignore     = ["AWSControlTower*", "set:Break-Glass", "group:Legacy [[]2019]", "user:*@partner.com", "account:555566667777"]
adopt      = ["set:AWS-*", "group:AWS-Audit"]
other_keys = ["region"]
region     = "eu-west-1"

guards {
  removal_percent = 50
  removal_max     = 1000
}
lints {
  description       = "off"
  group_name_prefix = { prefix = "AWS-", except = ["Break-Glass"] }
}
scim {
  endpoint      = "https://scim.eu-west-1.amazonaws.com/abc/scim/v2/"
  token_env     = "SCIM_TOKEN"
  token_created = "2026-01-31"
}
connector "okta" {
  organization = "https://company.okta.com"
  application  = "AWS IAM Identity Center"
  token_env    = "OKTA_TOKEN"
}
