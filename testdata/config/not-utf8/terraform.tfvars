management_mode = "internal"
users = ["José"]
