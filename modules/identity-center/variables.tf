variable "owner" {
  description = "The owner of what is created here: 1 to 18 letters, digits and dashes. Default: the provider's owner."
  type        = string
  default     = null

  validation {
    condition     = var.owner == null || can(regex("^[A-Za-z0-9-]{1,18}$", var.owner))
    error_message = "The owner is not 1 to 18 letters, digits and dashes. Choose a short name of the team, such as \"platform\"."
  }
}

variable "management_mode" {
  description = "Who manages users and groups: `external` (an identity provider, by SCIM) or `internal` (this config)."
  type        = string
  default     = "internal"
  nullable    = false

  validation {
    condition     = contains(["external", "internal"], var.management_mode)
    error_message = "management_mode cannot be \"${var.management_mode}\". Write \"external\" or \"internal\"."
  }
}

variable "scim_identity_source" {
  description = "External mode: the identity provider's name, such as `Okta`; for tags and messages only."
  type        = string
  default     = null

  validation {
    condition     = var.management_mode == "external" || var.scim_identity_source == null
    error_message = "scim_identity_source is for external mode, and management_mode is internal. If SCIM is on, set management_mode = \"external\"; otherwise remove the key, and name the identity provider in identity_provider."
  }
}

variable "scim_scope" {
  description = "External mode: what SCIM brings: `users_and_groups` (the default), or `users` if the identity provider pushes no groups (Google Workspace)."
  type        = string
  default     = null

  validation {
    condition     = var.scim_scope == null || contains(["users_and_groups", "users"], coalesce(var.scim_scope, "users"))
    error_message = "scim_scope cannot be \"${coalesce(var.scim_scope, "null")}\". Write \"users_and_groups\" or \"users\"."
  }

  validation {
    condition     = var.management_mode == "external" || var.scim_scope == null
    error_message = "scim_scope is for external mode, and management_mode is internal. If SCIM is on, set management_mode = \"external\"; else remove the key."
  }
}

variable "identity_provider" {
  description = "Internal mode: who authenticates users, such as `Okta`, if they are not synchronized; if not set, AWS's built-in directory."
  type        = string
  default     = null

  validation {
    condition     = var.management_mode == "internal" || var.identity_provider == null
    error_message = "identity_provider is for an identity provider without SCIM, and management_mode is external. With SCIM, write scim_identity_source instead; without SCIM, set management_mode = \"internal\"."
  }
}

variable "users" {
  description = "Internal mode: users that are created and managed, `[{ display_name, email, given_name, family_name, groups?, username?, previously? }]`. A user who leaves the list is deleted, as Terraform's plan shows."
  type        = any # one type for all elements would drop a misspelled key silently
  default     = []
  nullable    = false

  validation {
    condition     = length(provider::rolecall::config_problems("users", var.users)) == 0
    error_message = join("\n", provider::rolecall::config_problems("users", var.users))
  }

  validation {
    condition     = var.management_mode == "internal" || length(var.users) == 0
    error_message = "users cannot be defined in external mode: SCIM brings them from ${coalesce(var.scim_identity_source, var.identity_provider, "the identity provider")}. Create them there, assign them to its AWS application, and remove `users` here."
  }

  validation {
    condition     = try(length(distinct([for u in var.users : lower(coalesce(try(u.username, null), u.email))])) == length(var.users), true)
    error_message = "Two users have the same user name, or user names that differ only in case. Merge the two, or rename one of them."
  }
}

variable "removed_users" {
  description = "Internal mode: user names to delete that Terraform does not know. One that no longer exists is fine."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = var.management_mode == "internal" || length(var.removed_users) == 0
    error_message = "users cannot be removed in external mode: they belong to ${coalesce(var.scim_identity_source, var.identity_provider, "the identity provider")}. Remove them there, or unassign them from its AWS application; SCIM then takes them out of AWS."
  }

  validation {
    condition     = try(length(setintersection(var.removed_users, [for u in var.users : coalesce(try(u.username, null), u.email)])) == 0, true)
    error_message = "A user is both in users and in removed_users. Take the name out of one of them."
  }
}

variable "access_groups" {
  description = "Groups that are created in AWS, and their access: internal mode, or external mode with scim_scope = `users`. `[{ name, description, accounts_names, members?, aws_managed_policies?, ... }]`, with the [keys of the config](../../docs/config.md)."
  type        = any # one type for all elements would take conditions in one form only, and drop a misspelled key silently
  default     = []
  nullable    = false

  validation {
    condition     = length(provider::rolecall::config_problems("access_groups", var.access_groups)) == 0
    error_message = join("\n", provider::rolecall::config_problems("access_groups", var.access_groups))
  }

  validation {
    condition     = var.management_mode == "internal" || var.scim_scope == "users" || length(var.access_groups) == 0
    error_message = "access_groups cannot be defined in external mode: SCIM brings the groups from ${coalesce(var.scim_identity_source, var.identity_provider, "the identity provider")}. Create the groups there and list them under external_groups; if it pushes no groups, set scim_scope = \"users\"."
  }

  validation {
    condition     = try(length(distinct([for g in var.access_groups : lower(g.name)])) == length(var.access_groups), true)
    error_message = "Two groups of access_groups have the same name, or names that differ only in case. Merge the two, or rename one of them."
  }

  validation {
    condition     = try(length(distinct([for g in var.access_groups : coalesce(try(g.permission_set_name, null), provider::rolecall::permission_set_name(g.name))])) == length(var.access_groups), true)
    error_message = "Two groups of access_groups share a permission set. In Terraform a permission set belongs to one group: give one of them another permission_set_name."
  }
}

variable "external_groups" {
  description = "External mode: groups that SCIM brings, and their access. The name must match exactly. The keys are those of `access_groups`, without `members`."
  type        = any
  default     = []
  nullable    = false

  validation {
    condition     = length(provider::rolecall::config_problems("external_groups", var.external_groups)) == 0
    error_message = join("\n", provider::rolecall::config_problems("external_groups", var.external_groups))
  }

  validation {
    condition     = var.management_mode == "external" || length(var.external_groups) == 0
    error_message = "external_groups cannot be used in internal mode: nothing brings groups into AWS. Move them to access_groups; if an identity provider brings them by SCIM, set management_mode = \"external\"."
  }

  validation {
    condition     = try(alltrue([for g in var.external_groups : length(try(g.members, [])[*]) == 0]), true)
    error_message = "The members of an external group cannot be set here: ${coalesce(var.scim_identity_source, var.identity_provider, "the identity provider")} manages them. Change the membership there, and remove `members` here."
  }

  validation {
    condition     = try(length(setintersection([for g in var.external_groups : lower(g.name)], [for g in var.access_groups : lower(g.name)])) == 0, true)
    error_message = "A group is in external_groups and in access_groups. Take it out of one of them: names are unique in AWS."
  }

  validation {
    condition     = try(length(distinct([for g in var.external_groups : lower(g.name)])) == length(var.external_groups), true)
    error_message = "Two groups of external_groups have the same name, or names that differ only in case. Merge the two, or rename one of them."
  }

  validation {
    condition     = try(length(distinct([for g in var.external_groups : coalesce(try(g.permission_set_name, null), provider::rolecall::permission_set_name(g.name))])) == length(var.external_groups), true)
    error_message = "Two groups of external_groups share a permission set. In Terraform a permission set belongs to one group: give one of them another permission_set_name."
  }
}

variable "wait_for_sync" {
  description = "External mode: wait at apply until SCIM has brought a group. Otherwise a group that does not exist is an error at plan."
  type        = bool
  default     = false
  nullable    = false
}

variable "allow" {
  description = "Refused changes to allow, for every group: `lockout`, `replace`, `rebind`, `strangers`."
  type        = set(string)
  default     = null
}

variable "adopt" {
  description = "Names of groups and users to take over that exist and carry no owner's mark."
  type        = set(string)
  default     = []
  nullable    = false
}
