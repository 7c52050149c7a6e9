owner = "platform"
guards {
  removal_percent = 101
}
