output "set" {
  value = provider::rolecall::permission_set_name("Platform Admins (EU)") # "Platform-Admins-EU-1f575f"
}
