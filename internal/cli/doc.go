// Package cli is the command rolecall: its commands and flags, what they ask
// and print, and the exit codes. It is the one place where all parts meet.
//
// It promises that the result goes to stdout and everything else to stderr,
// that the exit codes and the JSON are contracts, that nothing is written to
// AWS but by apply and unlock, and that credentials, Region and endpoints come
// from the AWS SDK's standard chain. It decides nothing about access: that is
// internal/access, internal/plan and internal/presence.
package cli
