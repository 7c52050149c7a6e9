// Package tfprovider is the Terraform provider: resources for groups with
// their access and for users, data sources and functions, on
// terraform-plugin-framework (protocol 6).
//
// It promises the same behavior as the command: what a resource means becomes
// the same access.State, plan.Diff decides what changes (with one group as its
// scope), and apply.Engine carries it out. All resources of a provider block
// share one connection, one quota, one memory of what was read and one run of
// the engine at a time. What was done before a failure is saved to Terraform's
// state before the error is returned.
//
// It leaves out what Terraform has itself: approval of removals, the lock, and
// saved plans. A permission set belongs to one resource, so two groups cannot
// share one here, as they can for the command.
package tfprovider
