access_groups = [
  {
    name = "Team", description = "tbd", accounts_names = ["a", "b"], session_duration = "PT12H"
    aws_managed_policies = ["arn:aws:iam::aws:policy/AdministratorAccess"]
    inline_policies = [{ name = "p", statements = [{ actions = ["s3:*", "logs:*", "sts:AssumeRole"], resources = ["*"] }] }]
  },
  {
    name = "Ops", description = "Keeps the services running", accounts_names = ["a"]
    inline_policies = [{ name = "p", statements = [{ actions = ["ecs:UpdateService"], resources = ["*"] }] }]
  },
]
