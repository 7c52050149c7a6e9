access_groups = [
  { name = "AWS-A", accounts_names = ["a"], session_duration = "PT13H", aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws-moon:iam::aws:policy/AdministratorAccess"] },
  { name = "", description = "d", accounts_names = ["a"], session_duration = "12h", aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] },
  {
    name = "AWS-B", description = "d", accounts_names = ["a"]
    inline_policies = [{ name = "p", statements = [
      { effect = "allow", actions = ["*"], resources = ["*"] },
      { actions = ["*"], not_actions = ["s3:*"], resources = ["*"] },
      { actions = ["**:x:y", "s3"], resources = ["*"] },
    ] }]
  },
]
