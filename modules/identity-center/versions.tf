terraform {
  required_version = ">= 1.9.0" # validations that look at other variables

  required_providers {
    rolecall = {
      source  = "rolecall-dev/rolecall"
      version = ">= 0.1.0"
    }
  }
}
