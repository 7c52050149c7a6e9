package google

import "github.com/rolecall-dev/rolecall/internal/diag"

// Calls returns every call that the connector makes, for docs/idp/calls.md.
func Calls() []diag.CallDoc {
	return nil
}
