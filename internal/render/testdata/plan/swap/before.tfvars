access_groups = [
  {
    name                 = "Red"
    permission_set_name  = "Early"
    description          = "Runs the services"
    aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AmazonEC2FullAccess"]
    accounts_names       = ["production"]
  },
  {
    name                 = "Blue"
    permission_set_name  = "Late"
    description          = "Runs the services"
    aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AmazonSQSFullAccess"]
    accounts_names       = ["production"]
  },
]
