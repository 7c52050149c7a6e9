// Package presence answers, for every group, user and account that a config names,
// whether it is in AWS, whether it can still come, and what stands in its way. Every
// front door asks it, so that all of them say the same of a name: Check for a whole
// config, Ask for one name at a time.
//
// It promises that only equal names ever pass; what is near is a suggestion. It is
// pure: it reads no clock, waits for nothing and calls nobody. What a live state did
// not observe is "cannot tell", never "absent".
package presence
