access_groups = [
  {
    name = "A", description = "d", accounts_names = ["a"]
    aws_managed_policies = [
      "arn:aws:iam::aws:policy/PowerUserAccess",
      "arn:aws:iam::aws:policy/job-function/Billing",
      "PowerUserAccess",
      "arn:aws:iam::123456789012:policy/mine",
      "arn:aws:iam::aws:role/x",
      "arn:aws-cn:iam::aws:policy/ReadOnlyAccess",
      "arn:aws-moon:iam::aws:policy/ReadOnlyAccess",
      "arn:aws:iam::aws:policy/PowerUserAccess",
    ]
    customer_managed_policies = ["mine", "/team/mine", "team/mine", "arn:aws:iam::123456789012:policy/team/mine", "arn:aws:iam::aws:policy/ReadOnlyAccess", "not a name", "arn:aws:iam::12:policy/x", ""]
    permissions_boundary = "arn:aws:iam::aws:policy"
  },
  { name = "B", description = "d", accounts_names = ["a"], aws_managed_policies = ["arn:aws:iam::aws:policy/P0", "arn:aws:iam::aws:policy/P1", "arn:aws:iam::aws:policy/P2", "arn:aws:iam::aws:policy/P3", "arn:aws:iam::aws:policy/P4", "arn:aws:iam::aws:policy/P5", "arn:aws:iam::aws:policy/P6", "arn:aws:iam::aws:policy/P7", "arn:aws:iam::aws:policy/P8", "arn:aws:iam::aws:policy/P9", "arn:aws:iam::aws:policy/P10"], permissions_boundary = "team/boundary" },
  { name = "C", description = "d", accounts_names = ["a"], aws_managed_policies = ["arn:aws:iam::aws:policy/P0", "arn:aws:iam::aws:policy/P1", "arn:aws:iam::aws:policy/P2", "arn:aws:iam::aws:policy/P3", "arn:aws:iam::aws:policy/P4", "arn:aws:iam::aws:policy/P5", "arn:aws:iam::aws:policy/P6", "arn:aws:iam::aws:policy/P7", "arn:aws:iam::aws:policy/P8", "arn:aws:iam::aws:policy/P9", "arn:aws:iam::aws:policy/P10", "arn:aws:iam::aws:policy/P11", "arn:aws:iam::aws:policy/P12", "arn:aws:iam::aws:policy/P13", "arn:aws:iam::aws:policy/P14", "arn:aws:iam::aws:policy/P15", "arn:aws:iam::aws:policy/P16", "arn:aws:iam::aws:policy/P17", "arn:aws:iam::aws:policy/P18", "arn:aws:iam::aws:policy/P19", "arn:aws:iam::aws:policy/P20"], permissions_boundary = "arn:aws:iam::aws:policy/PowerUserAccess" },
  { name = "D", description = "d", accounts_names = ["a"], customer_managed_policies = ["nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"] },
]
