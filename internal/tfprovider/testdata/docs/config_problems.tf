variable "groups" {
  type = any

  validation {
    condition     = length(provider::rolecall::config_problems("external_groups", var.groups)) == 0
    error_message = join("\n", provider::rolecall::config_problems("external_groups", var.groups))
  }
}
