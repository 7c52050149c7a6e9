management_mode = "internal"
access_groups = [
  { name = "Dev" description = "d" },
]
users = [
