locals {
  name = "Dev"
  bad  = run_cmd("x")
}
