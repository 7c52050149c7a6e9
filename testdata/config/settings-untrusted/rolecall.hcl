owner        = "platform"
okta_api_key = "pasted-secret"
scim {
  endpoint  = "https://scim.eu-west-1.amazonaws.com@evil.example/pasted-secret/scim/v2/"
  token_env = "AWS_SECRET_ACCESS_KEY"
}
connector "okta" {
  organization     = "https://company.okta.com.evil.example"
  token_env        = "00pasted-secret"
  private_key_env  = "GITHUB_TOKEN"
  private_key_file = "../../.ssh/id_rsa"
}
connector "entra" {
  organization      = "company.onmicrosoft.com"
  client_secret_env = "AZURE_CLIENT_SECRET"
  token_env         = "pastedSecret123456"
}
connector "google" {
  credentials_env  = "GOOGLE_APPLICATION_CREDENTIALS"
  credentials_file = "/etc/google.json"
}
connector "file" {
  path = "/etc/passwd.csv"
}
