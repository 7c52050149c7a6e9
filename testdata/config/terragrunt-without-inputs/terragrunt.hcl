locals {
  users = []
}
