package cli

import (
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/internal/plan"
)

// A plan file is carried out for a while after it was made, and not before: a
// clock that is far ahead would keep it fresh for longer.
func TestTakesNoPlanOfAnotherTime(t *testing.T) {
	for age, taken := range map[time.Duration]bool{0: true, 23 * time.Hour: true, 25 * time.Hour: false, -time.Minute: true, -time.Hour: false} {
		f := &planFlags{maxAge: 24 * time.Hour}
		err := f.take("access.plan", &plan.File{ID: "0123456789abcdef", Made: time.Now().Add(-age).UTC().Format(time.RFC3339), Plan: &plan.Plan{}})
		if (err == nil) != taken {
			t.Errorf("made %s ago: %v", age, err)
		}
	}
}
