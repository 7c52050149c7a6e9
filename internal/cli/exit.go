package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// ExitCode is a contract with scripts: docs/exit-codes.md. A code never gets
// another meaning.
type ExitCode int

// The exit codes.
const (
	Done           ExitCode = 0   // or nothing to change
	Failed         ExitCode = 1   // an error, a bad config included
	ChangesPending ExitCode = 2   // plan with --detailed-exitcode
	PartlyApplied  ExitCode = 3   // something failed, was stopped or left out
	NoCredentials  ExitCode = 4   // none, expired, or not allowed
	Refused        ExitCode = 5   // by a guard; nothing was written
	NotProven      ExitCode = 5   // doctor: what the config names could not be seen
	NotYet         ExitCode = 6   // verify: something is not there
	WillNotCome    ExitCode = 7   // verify: and waiting does not bring it
	Interrupted    ExitCode = 130 // Ctrl-C or SIGTERM
)

// exitOf returns the exit code of an error that ended a command.
func exitOf(err error) ExitCode {
	found := diag.FromError(err)
	switch {
	case errors.Is(err, context.Canceled):
		return Interrupted
	case identitycenter.CredentialError(err) || slices.ContainsFunc(found, aboutCredentials):
		return NoCredentials
	case slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code == CodePlanChanged }):
		return PartlyApplied
	default:
		return Failed
	}
}

// aboutCredentials says that a finding is one that other credentials, or more
// permissions, would mend.
func aboutCredentials(d diag.Diagnostic) bool {
	return slices.Contains([]diag.Code{
		identitycenter.CodeNoCredentials, identitycenter.CodeCredentialsExpired, identitycenter.CodeCredentialsRefused,
		identitycenter.CodeConfig, identitycenter.CodeAccessDenied, identitycenter.CodeManagementOnly,
	}, d.Code)
}
