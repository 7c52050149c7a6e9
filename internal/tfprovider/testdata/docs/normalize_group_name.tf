output "name" {
  value = provider::rolecall::normalize_group_name(" AWS\u2013Development\u00a0Team ") # "AWS-Development Team"
}
