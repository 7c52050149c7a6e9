users = [
    {
        display_name = "Jane Smith"
        email        = "jane@company.com"
        given_name   = "Jane"
        family_name  = "Smith"
        groups       = ["DevelopmentTeam"]
    }
]
