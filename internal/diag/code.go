package diag

// Code names a kind of finding. It is a contract: scripts match on it, so a
// code is never given another meaning. Each package that reports findings
// declares its codes as a list of CodeDoc, from which docs/diagnostics.md is
// generated.
type Code string

// CodeDoc says what a code means.
type CodeDoc struct {
	Code    Code   `json:"code"`
	Meaning string `json:"meaning"`
	// Do says what to do about it, in which system.
	Do string `json:"do"`
}
