resource "rolecall_removed_user" "john" {
  username = "john@company.com"
}
