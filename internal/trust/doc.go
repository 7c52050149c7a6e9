// Package trust decides what a config may be trusted with: it may come from a
// stranger's pull request, and it runs where secrets are.
//
// It promises that a secret goes to a host of its vendor only, or to one that
// the machine's environment allows, over https; that no variable of AWS's own or
// of another well-known program is taken for a token; that no file outside the
// config's folder is read as a key unless the environment allows it; and that an
// address is shown without user, password, query and fragment. Its refusals
// never show what was written: it may be the secret itself.
//
// It reads no config, sends nothing, and knows nothing of what an answer means.
package trust
