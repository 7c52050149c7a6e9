// Package directorytest holds no code but a key for tests: its own tests are what
// every connector must do, over HTTP, against the simulated identity provider of
// emulator/idp.
//
// They promise that each capability that a connector has yields the same answers
// for the same directory, whichever the vendor, that paging, rate limits, failing
// servers and expired tokens do not show, and that no secret does either. A
// connector that lacks a capability must say why.
package directorytest
