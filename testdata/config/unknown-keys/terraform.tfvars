managment_mode = "internal"
region         = "eu-west-1"
users = [
  {
    display_name = "Jane", email = "jane@company.com", given_name = "Jane", family_name = "Smith"
    usernam      = "jane"
    frobnicate   = true
  },
]
access_groups = [
  {
    name                = "Dev"
    description         = "d"
    account_names       = ["a"]
    aws_manged_policies = []
    inline_policies = [{
      name       = "p"
      statments  = []
      statements = [{
        actions   = ["s3:*"]
        ressource = ["*"]
        condition = {}
        conditions = [{ test = "Bool", variable = "aws:SecureTransport", value = "true" }]
      }]
    }]
  },
]
acess_groups = []
owner = "platform"
