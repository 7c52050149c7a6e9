// Package names compares names: Compare and Differences say why two names that
// look alike are not the same, an Index finds, among many, those that a missing one
// was probably meant to be, and Nearest the word of a vocabulary that was misspelled.
//
// It promises that only equal names ever pass: every other match is
// diagnosis. It knows nothing of what the names are names of. The table of
// look-alike characters is generated from Unicode's data; see LICENSE-unicode.
package names
