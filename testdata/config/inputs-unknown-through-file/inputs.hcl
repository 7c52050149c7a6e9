locals {
  team   = upper(local.broken)
  broken = jsondecode("{")
  fine   = "Fine"
}
