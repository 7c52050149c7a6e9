package emulator

import (
	_ "embed"
	"strings"
)

// Grade says how well a behavior is known.
type Grade string

// The grades of what AWS does not define in its models.
const (
	Documented Grade = "documented" // AWS's documentation says so, though not its API reference for the operation
	Reported   Grade = "reported"   // people or their code saw it
	Assumed    Grade = "assumed"    // nobody says; this is the likeliest, or the safest for those who test against it
)

// Decision is a behavior that AWS's models do not define.
type Decision struct {
	Subject  string
	Decision string
	Grade    Grade
	Source   string
}

// decisions is a table in Markdown, which README.md shows as it is.
//
//go:embed decisions.md
var decisions string

// Decisions lists what was decided where AWS's models end. A test reads them, and puts
// their table into README.md; no program calls it.
func Decisions() (all []Decision) {
	rows := strings.Split(strings.TrimSpace(decisions), "\n")
	for _, row := range rows[2:] { // after the head
		cells := strings.SplitN(strings.TrimSuffix(strings.TrimPrefix(row, "| "), " |"), " | ", 4)
		all = append(all, Decision{cells[0], cells[1], Grade(cells[2]), cells[3]})
	}
	return all
}
