access_groups = []
owner = "platform"
region = "eu-west-1"
