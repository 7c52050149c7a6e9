access_groups = [
  {
    name = "A", description = "d", accounts_names = ["a"]
    inline_policies = [
      {
        name = "read"
        statements = [
          { sid = "Read-1", effect = "allow", actions = ["s3:Get*", "s3", "*"], resources = ["*", "arn:aws:s3:::bucket/*", "bucket"] },
          { actions = ["s3:*"], not_actions = ["iam:*"], not_resources = ["*"] },
          { resources = ["*"] },
          { effect = "Permit", actions = [], resources = [] },
          {
            actions = ["s3:*"], resources = ["arn:aws:s3:::caf\u00e9", "arn:aws:s3:::\u2014"]
            conditions = {
              StringEquals               = { "aws:RequestedRegion" = ["eu-west-1"], "aws:PrincipalTag/a" = "b" }
              StringEqual                = { "aws:RequestedRegion" = "eu-west-1" }
              "ForAnyValue:StringLike"   = { "aws:TagKeys" = [] }
              BoolIfExists               = { "aws:MultiFactorAuthPresent" = true }
            }
          },
          {
            actions = ["s3:*"], resources = ["*"]
            conditions = [
              { test = "StringEquals", variable = "aws:RequestedRegion", values = "eu-west-1" },
              { test = "StringEquals", variable = "aws:requestedregion", values = ["eu-west-2"] },
              { test = "ForAllValue:StringLike", variable = "aws:TagKeys", values = ["x"] },
              { variable = "aws:TagKeys" },
            ]
          },
        ]
      },
      { name = "read", statements = [] },
      { statements = null },
    ]
  },
]
