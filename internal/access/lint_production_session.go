package access

import (
	"fmt"
	"slices"

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

func (l SessionLint) look(g GroupSpec) diag.List {
	longest := l.Longest.Or(DefaultLongestSession)
	most, _ := DurationSeconds(longest) // the settings were checked
	seconds, ok := DurationSeconds(g.SessionDuration.Or(DefaultSessionDuration))
	if !ok || seconds <= most || seconds > MaxSession { // no session: an error of Check
		return nil
	}
	production := slices.DeleteFunc(slices.Clone(g.AccountsNames.Items), func(a Text) bool { return !matchesAny(l.Accounts, a.Value) })
	if len(production) == 0 {
		return nil
	}
	hint := fmt.Sprintf("Write session_duration = %q.", longest)
	if len(production) < len(g.AccountsNames.Items) {
		hint = fmt.Sprintf("Write session_duration = %q, or give production a group of its own with shorter sessions.", longest)
	}
	return diag.List{{Range: g.SessionDuration.Range, Related: rangesOf(production),
		Summary: fmt.Sprintf("sessions of %s last %s in production: %s", groupCalled(g), g.SessionDuration.Value, some(production)),
		Detail:  fmt.Sprintf("Removing access does not end a running session: it continues until it expires, and so do leaked credentials. In production, %s is the longest.", longest),
		Hint:    hint}}
}
