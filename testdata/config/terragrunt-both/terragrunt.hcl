inputs = {
  access_groups = []
}
