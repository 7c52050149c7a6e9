package plan_test

import (
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// Who is to be removed is not left in AWS because of letter case, nor silently
// because the entry is an e-mail address.
func TestRemovedUserWrittenOtherwise(t *testing.T) {
	for entry, want := range map[string]struct {
		severity diag.Severity
		code     diag.Code
		deletes  bool
	}{
		"bob": {deletes: true}, "BOB": {severity: diag.Error, code: NameDiffersInCase}, "Bob@x.com": {severity: diag.Warning, code: UserMissing}, "carl": {},
	} {
		var wanted, have access.Builder
		wanted.AddUser(access.User{Username: entry, Remove: true})
		have.AddUser(access.User{ID: "u1", Username: "bob", Email: "bob@x.com", DisplayName: "B", GivenName: "B", FamilyName: "B"})
		desired, live := wanted.State(), have.State()
		p := Diff(&desired, &live, Options{Owner: "me", SetUp: access.BuiltIn, Guards: Guards{RemovalsOff: true}})
		deletes, found := false, false
		for _, c := range p.Changes {
			deletes = deletes || c.Kind == User && c.Action == Delete
		}
		for _, f := range p.Findings {
			found = found || f.Code == want.code && f.Severity == want.severity && strings.Contains(f.Summary+f.Hint, `"bob"`)
		}
		if deletes != want.deletes || found != (want.code != "") {
			t.Errorf("%q: deletes %t, findings %v", entry, deletes, p.Findings)
		}
	}
}
