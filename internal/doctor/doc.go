// Package doctor says why somebody has no access: it looks at the chain from
// the config and the identity provider to AWS and names the broken link, with
// what was seen and what to do, in which system.
//
// It promises that each cause is one check, a pure function from facts to a
// verdict, listed in Checks; that a check says "cannot tell", and what it would
// need, where a fact could not be had; and that a link which an earlier one
// breaks is not blamed. Only evidence decides: what was not seen is never taken
// for absent.
//
// It leaves out asking: Gather asks through the interfaces AWS and
// directory.Directory, which the command brings.
package doctor
