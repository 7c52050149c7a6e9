locals {
  granted = merge(rolecall_access_group.this, rolecall_external_group.this)
}

output "group_ids" {
  description = "The id of each group in the identity store, by name."
  value       = { for name, g in merge(local.granted, rolecall_group_members.this) : name => g.id }
}

output "permission_set_arns" {
  description = "The ARN of each group's permission set, by the group's name."
  value       = { for name, g in local.granted : name => g.permission_set_arn }
}

output "assignments" {
  description = "Who has what: one element for each account assignment."
  value = flatten([
    for name, g in local.granted : [
      for account, id in g.account_ids : {
        group          = name
        permission_set = g.permission_set_name
        account        = account
        account_id     = id
      }
    ]
  ])
}

output "user_ids" {
  description = "The id of each user in the identity store, by user name."
  value       = { for name, u in rolecall_user.this : name => u.id }
}

output "follow_up" {
  description = "What a person must do after the first apply, because no API can."
  value = (
    var.management_mode == "external" ? [
      "Who is in a group is decided in ${coalesce(var.scim_identity_source, "the identity provider")}${var.scim_scope == "users" ? " as far as users go" : ": change memberships there, not in AWS"}.",
    ] :
    length(var.users) == 0 ? [] :
    var.identity_provider != null ? [
      "The same user name must exist in ${coalesce(var.identity_provider, "the identity provider")}, letter for letter: it is the SAML NameID.",
      "Assign each user to the AWS application in ${coalesce(var.identity_provider, "the identity provider")}.",
      ] : [
      "Once for the instance, in the IAM Identity Center console: Settings > Authentication > Standard authentication > Configure: tick \"Send email OTP\", so that a new user gets a code by e-mail at the first sign-in and sets a password.",
      "Where that is off: Users > the user > Reset password.",
      "Users > the user > Send email verification link, where the address is shown as not verified.",
      "Tell each user to register an MFA device at the first sign-in.",
    ]
  )
}
