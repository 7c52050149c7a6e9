terraform {
  required_providers {
    rolecall = {
      source = "rolecall-dev/rolecall"
    }
  }
}

provider "rolecall" {
  owner  = "platform"
  region = "eu-west-1"
}
