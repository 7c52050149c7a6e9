access_groups = []
api_token     = "pasted-secret"
