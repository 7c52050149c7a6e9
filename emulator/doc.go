// Package emulator is AWS as an access tool sees it, in one process and on one
// port: IAM Identity Center (sso-admin), its identity store, Organizations, STS,
// two operations of IAM, and the SCIM endpoint, in AWS's own wire protocols over
// one store.
//
// It is an oracle for tests: it promises AWS's answers, errors, limits, delays
// and failures as far as they are documented or were seen, and says where they
// are not (README.md lists each decision with its grade). Every client of AWS
// works against it; with [Emulator.Transport] a Go client needs no port, and
// everything that takes time is exact inside testing/synctest.
//
// It leaves out signatures (any secret key is right; the access key chooses the
// caller), IAM policies (a caller may or may not do an action), sign-in, and
// every operation of these services that is not about who has access.
package emulator
