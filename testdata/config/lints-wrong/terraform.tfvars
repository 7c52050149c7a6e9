access_groups = []
