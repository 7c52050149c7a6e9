locals {
  # What is not written is null.
  no_user  = { for key in ["display_name", "email", "given_name", "family_name", "groups", "username", "previously"] : key => null }
  no_group = { for key in ["session_duration", "relay_state", "aws_managed_policies", "customer_managed_policies", "inline_policies", "permissions_boundary", "permission_set_name", "previously", "tags", "members"] : key => null }

  users           = { for u in var.users : coalesce(try(u.username, null), u.email) => merge(local.no_user, u) }
  access_groups   = { for g in var.access_groups : g.name => merge(local.no_group, g) }
  external_groups = { for g in var.external_groups : g.name => merge(local.no_group, g) }

  # The same group may not stand in both lists: names are unique in AWS.
  groups = merge(local.external_groups, local.access_groups)

  # members and users[].groups are united. (A splat makes null an empty list.)
  members = {
    for name, g in local.access_groups : name => distinct(concat(
      g.members[*],
      [for username, u in local.users : username if contains(u.groups[*], name)],
    ))
  }

  # Groups that access_groups does not define must exist in AWS: members are
  # added, and nobody is taken out.
  members_of_others = {
    for name in setsubtract(flatten([for u in local.users : u.groups[*]]), keys(local.access_groups)) :
    name => [for username, u in local.users : username if contains(u.groups[*], name)]
  }

  # Conditions are written as IAM writes them, { test = { variable = values } },
  # or as [{ test, variable, values }]; a single value may stand for a list.
  inline_policies = {
    for name, g in local.groups : name => g.inline_policies == null ? null : [
      for p in g.inline_policies : {
        name = p.name
        statements = [
          for s in p.statements : {
            sid           = try(s.sid, null)
            effect        = try(s.effect, null)
            actions       = try(s.actions, null)
            not_actions   = try(s.not_actions, null)
            resources     = try(s.resources, null)
            not_resources = try(s.not_resources, null)
            conditions = try(s.conditions, null) == null ? null : concat(
              [for c in flatten([s.conditions]) : { test = c.test, variable = c.variable, values = try(tolist(c.values), [c.values]) } if !can(keys(s.conditions))],
              flatten([
                for test, variables in s.conditions : [
                  for variable, values in variables : { test = test, variable = variable, values = try(tolist(values), [values]) }
                ] if can(keys(s.conditions))
              ]),
            )
          }
        ]
      }
    ]
  }
}

resource "rolecall_user" "this" {
  for_each = local.users

  display_name = each.value.display_name
  email        = each.value.email
  given_name   = each.value.given_name
  family_name  = each.value.family_name
  username     = each.value.username
  previously   = each.value.previously
  adopt        = contains(var.adopt, each.key) ? true : null
  allow        = var.allow

  # Whoever is removed frees the e-mail address first.
  depends_on = [rolecall_removed_user.this]
}

resource "rolecall_removed_user" "this" {
  for_each = toset(var.removed_users)

  username = each.value
}

resource "rolecall_access_group" "this" {
  for_each = local.access_groups

  name                      = each.value.name
  description               = each.value.description
  accounts_names            = each.value.accounts_names
  session_duration          = each.value.session_duration
  relay_state               = each.value.relay_state
  aws_managed_policies      = each.value.aws_managed_policies
  customer_managed_policies = each.value.customer_managed_policies
  inline_policies           = local.inline_policies[each.key]
  permissions_boundary      = each.value.permissions_boundary
  permission_set_name       = each.value.permission_set_name
  previously                = each.value.previously
  tags                      = each.value.tags
  scim_identity_source      = var.scim_identity_source
  owner                     = var.owner
  adopt                     = contains(var.adopt, each.key) ? true : null
  allow                     = var.allow
  members                   = local.members[each.key]

  depends_on = [rolecall_user.this]
}

resource "rolecall_group_members" "this" {
  for_each = local.members_of_others

  group   = each.key
  members = each.value
  allow   = var.allow

  depends_on = [rolecall_user.this]
}

resource "rolecall_external_group" "this" {
  for_each = local.external_groups

  name                      = each.value.name
  description               = each.value.description
  accounts_names            = each.value.accounts_names
  session_duration          = each.value.session_duration
  relay_state               = each.value.relay_state
  aws_managed_policies      = each.value.aws_managed_policies
  customer_managed_policies = each.value.customer_managed_policies
  inline_policies           = local.inline_policies[each.key]
  permissions_boundary      = each.value.permissions_boundary
  permission_set_name       = each.value.permission_set_name
  previously                = each.value.previously
  tags                      = each.value.tags
  scim_identity_source      = var.scim_identity_source
  owner                     = var.owner
  adopt                     = contains(var.adopt, each.key) ? true : null
  allow                     = var.allow
  wait_for_sync             = var.wait_for_sync ? true : null
}
