identity_provider = "Okta"
users = [{ display_name = "Joe", username = "joe", given_name = "Joe", family_name = "Smith" }]
