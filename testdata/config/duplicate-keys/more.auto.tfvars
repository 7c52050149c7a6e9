management_mode = "external"
access_groups = []
