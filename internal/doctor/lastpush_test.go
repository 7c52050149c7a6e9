package doctor

import (
	"testing"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// TestLastPush has logs in which something is newer than what counts.
func TestLastPush(t *testing.T) {
	about := func(id string, o directory.Outcome) directory.Event {
		return directory.Event{Outcome: o, Reason: id, Subjects: []directory.Subject{{ID: id, Kind: directory.PersonMember}}}
	}
	for _, c := range []struct {
		name   string
		events []directory.Event
		want   directory.Outcome // "" for none
	}{
		{"none", nil, ""},
		{"put off alone", []directory.Event{about("jane", directory.Undecided)}, ""},
		{"put off since it worked", []directory.Event{about("jane", directory.Undecided), about("jane", directory.Succeeded)}, directory.Succeeded},
		{"put off since it failed", []directory.Event{about("jane", directory.Undecided), about("jane", directory.Failed)}, directory.Failed},
		{"somebody else failed since", []directory.Event{about("mary", directory.Failed), about("jane", directory.Succeeded)}, directory.Succeeded},
		{"somebody else alone", []directory.Event{about("mary", directory.Failed)}, ""},
		{"without a subject", []directory.Event{{Outcome: directory.Failed}}, directory.Failed},
	} {
		f := Facts{Person: Known(&directory.Person{ID: "jane"}), Events: Known(directory.EventsFound{Events: c.events})}
		var got directory.Outcome
		if e := f.lastPush(); e != nil {
			got = e.Outcome
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
