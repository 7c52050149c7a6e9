access_groups = [
  {
    name                 = "Operators"
    permission_set_name  = "Nights"
    description          = "Runs the services at night"
    aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    accounts_names       = ["staging"]
  },
  {
    name                 = "Night-Shift"
    permission_set_name  = "Operations"
    description          = "Runs the services"
    aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AmazonS3FullAccess"]
    session_duration     = "PT8H"
    accounts_names       = ["production"]
  },
]
