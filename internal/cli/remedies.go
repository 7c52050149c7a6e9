package cli

import (
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// sayBlocked says of what is missing how the command goes on without it. What else
// there is to do about a finding is its hint, diag.Remedy in the command's words.
func sayBlocked(list diag.List) diag.List {
	for i, f := range list {
		if f.Blocks {
			list[i].Detail = strings.TrimSpace(f.Detail + " Whatever depends on it is blocked; `--allow-missing` applies the rest.")
		}
	}
	return list
}
