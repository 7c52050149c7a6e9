// Package acceptance drives Terraform, or OpenTofu, with the provider against
// the emulator: the module's own tests, the examples from first apply to
// destroy, and that a config means the same to the module as to the command.
//
// It is a module of its own, so that nobody who builds rolecall fetches what
// drives Terraform. It promises to skip with a line that says why where there
// is no terraform and no tofu; tools/opentofu builds one. All its code is tests.
package acceptance
