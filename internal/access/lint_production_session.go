package access

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// DefaultLongestSession is how long a session in production may last where the
// settings do not say it: half a working day.
const DefaultLongestSession = "PT4H"

// SessionLint wants short sessions in production accounts.
type SessionLint struct {
	LintRule
	Accounts List[Text] `key:"accounts"` // names or ids of production accounts, or patterns
	Longest  Text       `key:"longest"`  // ISO 8601; DefaultLongestSession
}

func (l SessionLint) look(groups []GroupSpec) diag.List {
	longest, _ := DurationSeconds(l.Longest.Or(DefaultLongestSession)) // the settings were checked
	var found diag.List
	for _, g := range groups {
		seconds, ok := DurationSeconds(g.SessionDuration.Or(DefaultSessionDuration))
		if !ok || seconds <= longest || seconds > MaxSession { // no session: an error of Check
			continue
		}
		if production := l.production(g); len(production) > 0 {
			found = append(found, l.finding(g, production))
		}
	}
	return found
}

func (l SessionLint) production(g GroupSpec) []Text {
	var out []Text
	for _, a := range g.AccountsNames.Items {
		if matchesAny(l.Accounts, a.Value) {
			out = append(out, a)
		}
	}
	return out
}

func (l SessionLint) finding(g GroupSpec, production []Text) diag.Diagnostic {
	longest := l.Longest.Or(DefaultLongestSession)
	hint := fmt.Sprintf("Write session_duration = %q.", longest)
	if len(production) < len(g.AccountsNames.Items) {
		hint = fmt.Sprintf("Write session_duration = %q, or give production a group of its own with shorter sessions.", longest)
	}
	return diag.Diagnostic{Range: g.SessionDuration.Range, Related: rangesOf(production),
		Summary: fmt.Sprintf("sessions of %s last %s in production: %s", groupCalled(g), g.SessionDuration.Value, some(production)),
		Detail:  fmt.Sprintf("Taking access away does not end a session that is running: it goes on until its time is over, and so do credentials that leak. In production, %s is the longest.", longest),
		Hint:    hint}
}
