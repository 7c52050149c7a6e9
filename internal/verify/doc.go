// Package verify compares the names that a config expects with the names that
// AWS has: Compare and Explain say why two names that look alike are not the
// same, Index finds the names that a missing one was probably meant to be, and
// Check answers, for every group, user and account of a config, whether it is
// there, whether it can still come, and what stands in its way.
//
// It promises that only equal names ever pass: every other rung of the ladder
// is diagnosis. It is pure: it reads no clock, waits for nothing and calls
// nobody. What a live state did not observe is "cannot tell", never "absent".
// The table of look-alike characters is generated from Unicode's data; see
// LICENSE-unicode.
package verify
