package directory

import (
	"fmt"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// NotAsked is the answer about an external id that no question could be put for;
// why says so. It is not known then whether it names somebody.
func NotAsked(system, externalID, why string) PeopleFound {
	return PeopleFound{Unclear: why, Evidence: []diag.Evidence{{
		System: system, What: fmt.Sprintf("external id %q", externalID), Saw: "nobody was looked for: " + why, When: time.Now().UTC().Format(time.RFC3339),
	}}}
}
