locals {
  legacy = 012345678901

  management_mode      = "external"
  scim_identity_source = "Okta"

  external_groups = [
    {
      name           = "Numbers"
      description    = 42 # becomes what is written
      accounts_names = [123456789012, 123, -5, 1.2345678901e10, 1.5, 1e400, 1e999999999]
      tags           = { cost-center = 0042, version = 1.10, floor = 3, power = 1e3 }
    },
    {
      name           = 007
      description    = "Through a local and a function, the number is a number still"
      accounts_names = concat(["production"], [local.legacy], [for id in [local.legacy] : id])
    },
    {
      name           = "Texts"
      description    = "Ids that lost their zeros on the way, or have dashes"
      accounts_names = ["${local.legacy}.", "12345678901", "0123-4567-8901", "123", "222233334444", "000000000123"]
    },
  ]
}
