data "rolecall_group" "development" {
  name = "AWS-Development-Team"
}

check "the_group_has_members" {
  assert {
    condition     = length(data.rolecall_group.development.members) > 0
    error_message = "Nobody is in ${data.rolecall_group.development.name}."
  }
}
