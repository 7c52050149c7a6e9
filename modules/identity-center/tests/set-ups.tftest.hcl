# The guide's set-ups, for real, against an instance of IAM Identity Center such
# as the emulator's: AWS_ENDPOINT_URL and keys come from the environment.
provider "rolecall" {
  region = "us-east-1"
}

variables {
  owner = "module-test"
}

run "external" {
  variables {
    management_mode      = "external"
    scim_identity_source = "Okta"
    external_groups = [
      {
        name                 = "AWS-Development-Team"
        description          = "Development team access"
        aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
        accounts_names       = ["development", "staging"]
        session_duration     = "PT8H"
      },
    ]
  }
  assert {
    condition     = length(output.assignments) == 2 && startswith(output.permission_set_arns["AWS-Development-Team"], "arn:aws:sso:::permissionSet/")
    error_message = "Not both accounts are assigned."
  }
  assert {
    condition     = strcontains(output.follow_up[0], "Okta")
    error_message = "What to do in Okta is not said."
  }
}

run "built_in" {
  variables {
    users = [
      {
        display_name = "Module Test"
        email        = "module.test@company.com"
        given_name   = "Module"
        family_name  = "Test"
        groups       = ["ModuleTeam"]
      },
    ]
    access_groups = [
      {
        name                 = "ModuleTeam"
        description          = "Test of the module"
        aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
        accounts_names       = ["development"]
      },
    ]
  }
  assert {
    condition     = rolecall_access_group.this["ModuleTeam"].members == toset(["module.test@company.com"]) && length(output.user_ids) == 1
    error_message = "The user is not in the group."
  }
}
