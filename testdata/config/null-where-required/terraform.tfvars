users = [
  { display_name = null, email = null, given_name = "Jane" },
]
access_groups = [
  { name = null, description = null, accounts_names = null, tags = { a = null } },
  { name = "", description = "", accounts_names = [] },
]
