package plan_test

import (
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// A former name with a slip in it is told: without, what it has would be made anew.
func TestAFormerNameWithASlip(t *testing.T) {
	for _, c := range []struct {
		name, group, user string
		severity          diag.Severity
		code              diag.Code
		made              bool
	}{
		{"case", "cloud-builders", "Jane.Smith@company.com", diag.Error, NameDiffersInCase, false},
		{"look-alike", "Cl\u043Eud-Builders", "j\u0430ne.smith@company.com", diag.Error, RenameUnclear, false},
		{"blank", "Cloud Builders", "jane smith@company.com", diag.Error, RenameUnclear, false},
		{"typo", "Cloud-Biulders", "jane.smiht@company.com", diag.Warning, RenameUnclear, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var live, want access.Builder
			live.AddGroup(access.Group{Name: "Cloud-Builders", ID: "g-1", Owner: "me"})
			live.AddUser(access.User{Username: "jane.smith@company.com", ID: "u-1"})
			if c.name == "blank" {
				live.AddUser(access.User{Username: "jane-smith@company.com", ID: "u-2"})
			}
			want.AddGroup(access.Group{Name: "Engineering", Owner: "me", Previously: c.group})
			want.AddUser(access.User{Username: "jdoe@company.com", Previously: c.user, Email: "jdoe@company.com", DisplayName: "J", GivenName: "J", FamilyName: "D"})
			l, w := live.State(), want.State()
			o := allowAll()
			o.Guards.AllowMissing = false
			p := Diff(&w, &l, o)
			told := 0
			for _, f := range p.Findings {
				if f.Code == c.code && f.Severity == c.severity && (strings.Contains(f.Summary, `"Cloud-Builders"`) || strings.Contains(f.Summary, `smith@company.com"`)) {
					told++
				}
			}
			made := 0
			for _, change := range p.Changes {
				if change.Action == Create {
					made++
				}
			}
			if told != 2 || (made == 2) != c.made {
				t.Errorf("told %d, made %d: %+v", told, made, p.Findings)
			}
			if !c.made {
				for _, change := range p.Changes {
					if change.Action == Delete {
						t.Errorf("%s", change.ID)
					}
				}
			}
		})
	}
}

// A slip under `protected` is told with what was meant.
func TestAProtectedNameWithASlip(t *testing.T) {
	var live, want access.Builder
	live.AddAccount(access.Account{Name: "production", ID: "444455556666"})
	l, w := live.State(), want.State()
	o := allowAll()
	o.Guards.Protected = []string{"prodcution", "Nothing-Like-It", "444455556667"}
	var hints []string
	for _, f := range Diff(&w, &l, o).Findings {
		if f.Code == ProtectedUnknown {
			hints = append(hints, f.Hint)
		}
	}
	if len(hints) != 3 || !strings.Contains(hints[0], `Did you mean "production"?`) || strings.Contains(hints[1]+hints[2], "Did you mean") {
		t.Errorf("%q", hints)
	}
}
