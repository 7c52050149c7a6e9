data "rolecall_accounts" "all" {}

output "account_ids" {
  value = data.rolecall_accounts.all.ids
}
