// Package scim asks AWS's SCIM endpoint what an identity provider would ask,
// with the same token, and explains the answers.
//
// It promises to send GET and nothing else, to keep the token out of every
// value, error and log, and to follow no redirect, which would carry the token
// elsewhere. It leaves out writing, and listing a directory.
//
// What the endpoint answers is from AWS's SCIM developer guide
// (docs.aws.amazon.com/singlesignon/latest/developerguide).
package scim
