resource "rolecall_external_group" "development" {
  name                 = "AWS-Development-Team" # exactly as in the identity provider
  description          = "Development team access"
  scim_identity_source = "Okta"
  aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
  accounts_names       = ["development", "staging"]
  wait_for_sync        = true

  timeouts = {
    create = "45m"
  }
}
