// Package config reads the files of an access config and of the tool's
// settings: *.tfvars, *.tfvars.json, the locals of a Terragrunt inputs.hcl,
// the inputs of a terragrunt.hcl, and rolecall.hcl beside them. It is the only
// package that knows HCL.
//
// It promises that every element of the resulting access.Config carries its own
// place in the source, that an unknown key is never dropped in silence, that
// all findings are reported at once, that nothing outside the config's folder
// is read and no program is run, and that no input makes it panic.
//
// It only parses. Which keys belong to which set-up, and what AWS takes, is
// access.Check.
package config
