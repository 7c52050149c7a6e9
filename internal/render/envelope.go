package render

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

// FormatVersion is the version of the JSON that commands print. It grows when
// a reader of the old form would misread the new one; new keys do not count.
const FormatVersion = 1

// Envelope is what every reading command prints with --json.
type Envelope struct {
	FormatVersion int    `json:"format_version"` // JSON sets it
	Command       string `json:"command"`
	ExitCode      int    `json:"exit_code"`
	// Findings are errors, warnings and notes, in the order of a reader; never
	// absent.
	Findings diag.List `json:"findings"`
	// Calls are those made to AWS, by operation, failed ones among them; never
	// absent.
	Calls []quota.Use `json:"calls"`
	// Data is what the command returns; absent where it failed before.
	Data any `json:"data,omitempty"`
}

// JSON writes an envelope as one indented document; the same envelope makes the
// same bytes.
func JSON(w io.Writer, e Envelope) error {
	e.FormatVersion = FormatVersion
	e.Findings = e.Findings.Sorted()
	if e.Findings == nil {
		e.Findings = diag.List{}
	}
	if e.Calls == nil {
		e.Calls = []quota.Use{}
	}
	return encode(w, e, "  ", fmt.Sprintf("the result of %q", e.Command))
}

// JSONLine writes one value as one line of JSON: an event of an apply, say.
func JSONLine(w io.Writer, v any) error {
	return encode(w, v, "", "a line of JSON")
}

// encode writes JSON; names stay as they are, < and & too. What is for errors.
func encode(w io.Writer, v any, indent, what string) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", indent)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	return nil
}
