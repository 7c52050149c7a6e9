inputs = ["x"]
