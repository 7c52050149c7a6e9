management_mode      = "external"
scim_identity_source = "Okta"

external_groups = [
  {
    name = "aws-Development", description = "Builds the services", accounts_names = ["development"]
    aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
  },
  { name = "Break-Glass", description = "", accounts_names = ["development"], aws_managed_policies = ["arn:aws:iam::aws:policy/AdministratorAccess"] },
  { name = "AWS-Todo", description = "<description>", accounts_names = ["development"], aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] },
  { name = "AWS-Again", description = "aws again", accounts_names = ["development"], aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] },
  { name = "AWS-Platform-Admins", description = "Keeps the platform", accounts_names = ["MANAGEMENT"], aws_managed_policies = ["arn:aws:iam::aws:policy/AdministratorAccess"] },
  { name = "AWS-Platform-Team", description = "Keeps the platform", accounts_names = ["development", "staging"], aws_managed_policies = ["arn:aws:iam::aws:policy/AdministratorAccess"], permission_set_name = "AWS-Platform-Admins" },
  {
    name = "AWS-Operations", description = "Keeps the services running", session_duration = "PT150M"
    accounts_names = ["development", "Production", "payments-prod", "prod-3", "prod-4"]
    aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
  },
  {
    name = "AWS-Inline", description = "Has policies of its own", accounts_names = ["development"]
    inline_policies = [
      {
        name = "wide"
        statements = [
          { actions = ["*"], resources = ["arn:aws:s3:::*"] },
          { actions = ["*:*"], resources = ["arn:aws:*:*:*:*"] },
          { actions = ["S3:*", "iam:*", "s3:Get*", "*:List*"], resources = ["*"] },
          { actions = ["s3:*"], resources = ["*"], conditions = { StringEquals = { "aws:ResourceAccount" = "111111111111" } } },
          { effect = "Deny", actions = ["*"], resources = ["*"] },
          { not_actions = ["s3:*"], resources = ["*"] },
          { not_actions = ["iam:*", "organizations:*"], resources = ["*"] },
        ]
      },
      {
        name = "roles"
        statements = [
          { actions = ["iam:PassRole", "ec2:DescribeInstances"], resources = ["arn:aws:iam::*:role/*"] },
          { actions = ["iam:PassRole"], resources = ["arn:aws:iam::*:role/deploy-*"] },
          { actions = ["sts:Assume*"], not_resources = ["arn:aws:iam::*:role/admin"] },
          { actions = ["iam:CreatePolicyVersion"], resources = ["*"] },
          { actions = ["ecs:UpdateService"], resources = ["*"] },
        ]
      },
    ]
  },
]
