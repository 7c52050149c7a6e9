// Package terragrunt says what the expressions of a config are: those of a
// Terragrunt file, which has locals, functions and other files that it reads, and
// the constants of any other.
//
// It promises that what is written out keeps its own place, also through locals,
// merge, concat and other files; that an expression is evaluated only if something
// needs it, and not again where that is asked for again; that nothing outside the
// config's folder is read and no program is run; that no name misspelt is hidden by
// try, can or lookup; and that what would take too much memory or time is refused
// before it does. It does not know what the keys of a config mean.
package terragrunt
