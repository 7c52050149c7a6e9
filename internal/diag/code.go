package diag

import "slices"

// Code names a kind of finding. It is a contract: scripts match on it, so a
// code is never given another meaning.
type Code string

// CodeDoc says what a code means, and what to do about it in which system.
type CodeDoc struct {
	Code    Code
	Meaning string
	Do      string
}

// Docs explains the codes of a package. Each package that reports findings returns
// its own from Codes; docs/diagnostics.md and the rules of SARIF are made of them.
type Docs []CodeDoc

// Of returns what is said of a code, and whether anything is.
func (d Docs) Of(code Code) (CodeDoc, bool) {
	i := slices.IndexFunc(d, func(c CodeDoc) bool { return c.Code == code })
	if i < 0 {
		return CodeDoc{}, false
	}
	return d[i], true
}
