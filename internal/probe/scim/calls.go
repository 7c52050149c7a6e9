package scim

import "github.com/rolecall-dev/rolecall/internal/diag"

// Calls returns every call that the probe makes, for docs/idp/calls.md.
func Calls() []diag.CallDoc {
	return nil
}
