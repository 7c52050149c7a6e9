# The group is somebody else's: its other members stay as they are.
resource "rolecall_group_members" "example" {
  group   = "Incident-Response"
  members = [rolecall_user.jane.username, "wei@company.com"]
}

resource "rolecall_user" "jane" {
  display_name = "Jane Smith"
  email        = "jane@company.com"
  given_name   = "Jane"
  family_name  = "Smith"
}
