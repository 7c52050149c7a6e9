// Package idp simulates an identity provider: a directory of users and groups
// that provisions them over SCIM to AWS IAM Identity Center, or to anything that
// speaks AWS's SCIM, with the habits of Okta, Microsoft Entra ID or Google
// Workspace (see [Kind]). With it a test stages what goes wrong between a
// directory and AWS: delays, users out of scope, nested groups, failed pushes,
// expired tokens, groups deleted and made again.
//
// It promises that what it sends is what that IdP would send, that nothing is
// sent but by the methods that say so ([Directory.SyncNow], [Directory.Run], and
// each change where the kind pushes on change), all in the caller's goroutine,
// and that time comes from package time alone, so that a 40-minute cycle takes no
// time at all inside testing/synctest. The same calls make the same ids.
//
// A push that fails does not fail the change that caused it; it is in the
// provisioning log ([Directory.Log]), as in an IdP. The token is never part of
// an error or of the log.
//
// The command's demo makes users and groups and pushes them. All else is for tests,
// here and in other modules: what stages trouble (README.md has the table), what
// keeps time ([Directory.Run], [Directory.SyncNow]), and [Directory.Snapshot].
//
// It leaves out sign-in itself (SAML), the vendors' own APIs (package vendorapi has
// those that read), and every attribute that access does not hang on.
package idp
