// Package access holds the nouns of rolecall: Config, which is what the files
// of an access config mean, and State, which is who can do what in which
// account, desired or live. Check applies every rule of the four set-ups to a
// Config, Lint the best practices that AWS does not ask for; Desired turns a
// checked Config into a State.
//
// It promises that desired and live states are one type with one normal form,
// so that comparing them is comparing tables. It reads no files, calls no AWS
// and decides no change; that is internal/config, internal/identitycenter and
// internal/plan.
package access
