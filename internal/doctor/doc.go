// Package doctor says why somebody has no access: it looks at the chain from
// the config and the identity provider to AWS and names the broken link, with
// what was seen and what to do, in which system.
//
// Each cause is one [Check], in the file of its link. Its rules are pure functions
// from facts to verdicts, with what they need as data: a part of the chain, set-ups.
// The engine stops each path at its first broken part, so no rule repeats what has to
// hold before it: whatever it hides, the problem that hides it is told.
//
// It promises that a check says "cannot tell", and what it would need, where a fact
// could not be had. Only evidence decides: what was not seen is never taken for absent.
//
// It leaves out asking: Gather asks through the interfaces AWS and
// directory.Directory, which the command brings.
package doctor
