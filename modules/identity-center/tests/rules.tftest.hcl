# Every rule of the set-ups fails at plan, with the rule's own words. No AWS is
# asked: the provider is a mock, its functions are real.
mock_provider "rolecall" {}

variables {
  owner = "platform"
}

run "data" {
  module {
    source = "./tests/data"
  }
}

run "external" {
  command = plan
  variables {
    management_mode      = "external"
    scim_identity_source = "Okta"
    external_groups      = [run.data.group]
  }
  assert {
    condition     = length(rolecall_external_group.this) == 1 && length(rolecall_access_group.this) == 0
    error_message = "The group is not an external group."
  }
}

run "users_only" {
  command = plan
  variables {
    management_mode      = "external"
    scim_identity_source = "Google Workspace"
    scim_scope           = "users"
    access_groups        = [merge(run.data.group, { members = ["jane@company.com"] })]
  }
  assert {
    condition     = rolecall_access_group.this["AWS-Development-Team"].members == toset(["jane@company.com"])
    error_message = "The group lacks its member."
  }
}

run "members_and_groups_are_united" {
  command = plan
  variables {
    users         = [merge(run.data.user, { groups = ["AWS-Development-Team"] })]
    access_groups = [merge(run.data.group, { members = ["wei@company.com"] })]
  }
  assert {
    condition     = rolecall_access_group.this["AWS-Development-Team"].members == toset(["jane@company.com", "wei@company.com"])
    error_message = "users[].groups and members are not united."
  }
}

run "all_forms_of_conditions" {
  command = plan
  variables {
    access_groups = [
      merge(run.data.group, { inline_policies = [{ name = "a", statements = [
        {
          actions    = ["s3:*"], resources = ["*"]
          conditions = { StringEquals = { "aws:RequestedRegion" = ["eu-west-1"], "aws:PrincipalTag/team" = "a" } }
        },
        {
          actions    = ["ec2:*"], resources = ["*"]
          conditions = [{ test = "Bool", variable = "aws:MultiFactorAuthPresent", values = true }, { test = "StringLike", variable = "aws:userid", values = ["*:jane", "*:joe"] }]
        },
        { not_actions = ["iam:*"], resources = ["*"] },
      ] }] }),
      merge(run.data.group, { name = "Others", tags = { team = "others" } }),
    ]
  }
  assert {
    condition = jsonencode([for s in rolecall_access_group.this["AWS-Development-Team"].inline_policies[0].statements : s.conditions]) == jsonencode([
      [
        { test = "StringEquals", variable = "aws:PrincipalTag/team", values = ["a"] },
        { test = "StringEquals", variable = "aws:RequestedRegion", values = ["eu-west-1"] },
      ],
      [
        { test = "Bool", variable = "aws:MultiFactorAuthPresent", values = ["true"] },
        { test = "StringLike", variable = "aws:userid", values = ["*:jane", "*:joe"] },
      ],
      null,
    ])
    error_message = "The conditions are not those that were written."
  }
}

run "members_of_a_group_that_somebody_else_made" {
  command = plan
  variables {
    users = [merge(run.data.user, { groups = ["DevelopmentTeam", "Responders"] }), merge(run.data.user, { email = "wei@company.com", groups = ["Responders"] })]
  }
  assert {
    condition     = jsonencode({ for name, m in rolecall_group_members.this : name => m.members }) == jsonencode({ DevelopmentTeam = ["jane@company.com"], Responders = ["jane@company.com", "wei@company.com"] })
    error_message = "The users are not added to their groups."
  }
  assert {
    condition     = length(rolecall_access_group.this) == 0
    error_message = "A group is made."
  }
}

run "misspelt_keys" {
  command = plan
  variables {
    users         = [merge(run.data.user, { group = ["DevelopmentTeam"] })]
    access_groups = [merge(run.data.group, { inline_policies = [{ name = "a", statements = [{ actions = ["*"], resources = ["*"], condition = {} }] }] })]
  }
  expect_failures = [var.users, var.access_groups]
}

run "misspelt_keys_of_an_external_group" {
  command = plan
  variables {
    management_mode = "external"
    external_groups = [merge(run.data.group, { account_names = ["staging"] })]
  }
  expect_failures = [var.external_groups]
}

run "lacking_keys" {
  command = plan
  variables {
    users         = [{ email = "jane@company.com" }]
    access_groups = [{ name = "AWS-Development-Team" }]
  }
  expect_failures = [var.users, var.access_groups]
}

run "no_lists" {
  command = plan
  variables {
    users         = "jane@company.com"
    access_groups = run.data.group
  }
  expect_failures = [var.users, var.access_groups]
}

run "a_group_in_both_lists" {
  command = plan
  variables {
    management_mode = "external"
    scim_scope      = "users"
    access_groups   = [run.data.group]
    external_groups = [merge(run.data.group, { permission_set_name = "other" })]
  }
  expect_failures = [var.external_groups]
}

run "unknown_mode" {
  command = plan
  variables {
    management_mode = "extern"
  }
  expect_failures = [var.management_mode]
}

run "bad_owner" {
  command = plan
  variables {
    owner = "no blanks"
  }
  expect_failures = [var.owner]
}

run "users_in_external_mode" {
  command = plan
  variables {
    management_mode = "external"
    users           = [run.data.user]
  }
  expect_failures = [var.users]
}

run "removed_users_in_external_mode" {
  command = plan
  variables {
    management_mode = "external"
    removed_users   = ["jane@company.com"]
  }
  expect_failures = [var.removed_users]
}

run "access_groups_in_external_mode" {
  command = plan
  variables {
    management_mode = "external"
    access_groups   = [run.data.group]
  }
  expect_failures = [var.access_groups]
}

run "external_groups_in_internal_mode" {
  command = plan
  variables {
    external_groups = [run.data.group]
  }
  expect_failures = [var.external_groups]
}

run "members_of_an_external_group" {
  command = plan
  variables {
    management_mode = "external"
    external_groups = [merge(run.data.group, { members = ["jane@company.com"] })]
  }
  expect_failures = [var.external_groups]
}

run "identity_provider_in_external_mode" {
  command = plan
  variables {
    management_mode   = "external"
    identity_provider = "Okta"
  }
  expect_failures = [var.identity_provider]
}

run "scim_keys_in_internal_mode" {
  command = plan
  variables {
    scim_identity_source = "Okta"
    scim_scope           = "users"
  }
  expect_failures = [var.scim_identity_source, var.scim_scope]
}

run "unknown_scope" {
  command = plan
  variables {
    management_mode = "external"
    scim_scope      = "groups"
  }
  expect_failures = [var.scim_scope]
}

run "names_that_differ_in_case" {
  command = plan
  variables {
    access_groups = [run.data.group, merge(run.data.group, { name = "aws-development-team", permission_set_name = "other" })]
  }
  expect_failures = [var.access_groups]
}

run "a_shared_permission_set" {
  command = plan
  variables {
    access_groups = [run.data.group, merge(run.data.group, { name = "Others", permission_set_name = "AWS-Development-Team" })]
  }
  expect_failures = [var.access_groups]
}

run "a_user_twice" {
  command = plan
  variables {
    users = [run.data.user, merge(run.data.user, { email = "JANE@company.com" })]
  }
  expect_failures = [var.users]
}

run "kept_and_removed" {
  command = plan
  variables {
    users         = [run.data.user]
    removed_users = ["jane@company.com"]
  }
  expect_failures = [var.removed_users]
}
