access_groups = []
owner = "other"
