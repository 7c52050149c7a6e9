// Package report makes tables of who has what through what from a State: each
// row is one way of one person, through a group or directly, to a permission
// set in an account.
//
// It promises that every such way in the State is a row and that there is no
// other, that an assignment which lets nobody in is a row too and says why, and
// that the same state yields the same rows in the same order. What was not read
// is never taken for absent: a group whose members were not all read has a row
// that says so.
//
// It leaves out what a State does not have: applications, and ways into an
// account beside IAM Identity Center. Reading is internal/identitycenter's,
// text and CSV are internal/render's.
package report
