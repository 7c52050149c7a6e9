package directorytest

import (
	"errors"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

func googleWorlds() map[string]func(*testing.T, outcome) {
	return map[string]func(*testing.T, outcome){
		"google-01-api-not-enabled": func(t *testing.T, o outcome) {
			var e *directory.Error
			if !errors.As(o.err, &e) || e.Kind != directory.Forbidden || e.Code != "accessNotConfigured" || !strings.Contains(e.Needs, "Enable Admin SDK API") || !strings.Contains(e.Needs, "step 1") {
				t.Fatalf("%v", o.err)
			}
			if strings.Contains(e.Needs, "role") || strings.Contains(e.Needs, "elegat") || len(o.asked) != 2 {
				t.Errorf("needs %q after %q", e.Needs, o.asked)
			}
		},
		"google-02-foreign-domain": func(t *testing.T, o outcome) {
			found := answered[directory.PeopleFound](t, o)
			if len(found.People) > 0 || len(found.Evidence) != 2 || !strings.Contains(found.Evidence[0].Saw, "outside the organization's domains") || !strings.Contains(found.Evidence[1].What, "customer=my_customer") {
				t.Errorf("%+v", found)
			}
		},
		"google-03-customer-member": func(t *testing.T, o outcome) {
			found := answered[directory.MembersFound](t, o)
			if !found.Everybody || len(found.Members) != 1 || !strings.Contains(found.Evidence[0].Saw, "everybody in the organization") {
				t.Fatalf("%+v", found)
			}
			if m := found.Members[0]; m.Kind != directory.OtherMember || m.ID != "C01234567" || m.Name != "everybody in the organization" || m.Provider != "CUSTOMER" || !m.Direct || m.Status != "" {
				t.Errorf("%+v", m)
			}
		},
		"google-04-deleted-and-suspended": func(t *testing.T, o outcome) {
			found := answered[directory.PeopleFound](t, o)
			if len(found.People) != 1 {
				t.Fatalf("%+v", found)
			}
			if p := found.People[0]; p.Status != directory.Deleted || p.Said != "deleted 2026-11-20" || p.UserName != "gone@company.com" || p.Match != directory.ByUserName || len(p.Unfit) > 0 {
				t.Errorf("%+v", p)
			}
		},
	}
}

// answered returns the answer of a world in which there is one.
func answered[T any](t *testing.T, o outcome) T {
	t.Helper()
	answer, ok := o.answer.(T)
	if o.err != nil || !ok {
		t.Fatalf("%T, %v", o.answer, o.err)
	}
	return answer
}
