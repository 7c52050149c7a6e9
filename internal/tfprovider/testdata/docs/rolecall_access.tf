data "rolecall_access" "production" {
  account = "production"
}

output "who_is_in_production" {
  value = distinct(data.rolecall_access.production.assignments[*].principal)
}
