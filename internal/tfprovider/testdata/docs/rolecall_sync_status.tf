data "rolecall_sync_status" "okta" {
  scim_identity_source = "Okta"
  groups               = ["AWS-Development-Team", "AWS-Production-ReadOnly"]
}

check "okta_has_synced" {
  assert {
    condition     = data.rolecall_sync_status.okta.verdict == "there"
    error_message = join("\n", [for item in data.rolecall_sync_status.okta.items : item.explanation if item.explanation != null])
  }
}
