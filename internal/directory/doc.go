// Package directory says what an identity provider looks like to rolecall:
// people, groups, assignments to the AWS application, provisioning, sign-ins and
// SAML, as small interfaces, one for each thing that a provider may or may not
// let others see. Beneath it is one connector a provider.
//
// It promises that connectors only read, that each answer carries the evidence
// it rests on, and that "not there" and "cannot be seen" are never confused: what
// a provider does not show is an interface that its connector does not have, with
// the reason in [About]; what the credentials may not see is an [*Error] that
// says what it needs. It also has what all connectors share: the client that
// keeps to the host, the pace and the size, and never prints a secret.
//
// It leaves out what the answers mean; that is internal/doctor.
package directory
