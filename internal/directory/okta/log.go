package okta

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// event is a line of the System Log.
type event struct {
	ID        string    `json:"uuid"`
	Published time.Time `json:"published"`
	Type      string    `json:"eventType"`
	Message   string    `json:"displayMessage"`
	Outcome   struct {
		Result string `json:"result"`
		Reason string `json:"reason"`
	} `json:"outcome"`
	Actor  actor    `json:"actor"`
	Target []target `json:"target"`
}

type actor struct {
	Type      string `json:"type"`
	Alternate string `json:"alternateId"`
}

type target struct {
	ID        string `json:"id"`
	Type      string `json:"type"`
	Alternate string `json:"alternateId"`
	Name      string `json:"displayName"`
}

// reading says how much of the log is read: pages of so many lines.
type reading struct{ pages, lines int }

// whole is all that a question is worth.
func whole() reading { return reading{pages: 5, lines: 1000} }

// newest is one page of so many lines.
func newest(lines int) reading { return reading{pages: 1, lines: lines} }

// log reads the newest lines that match all tests of the filter.
func (d *Directory) log(ctx context.Context, much reading, since time.Time, tests ...string) ([]event, directory.Reply, bool, error) {
	q := url.Values{
		"since": {since.UTC().Format(time.RFC3339)}, "until": {time.Now().UTC().Add(time.Second).Format(time.RFC3339)},
		"filter": {strings.Join(tests, " and ")}, "sortOrder": {"DESCENDING"}, "limit": {strconv.Itoa(much.lines)},
	}
	return list[event](ctx, d, opLogs, "/api/v1/logs?"+q.Encode(), much.pages)
}

// The outcomes (LogOutcome). What is put off (DEFERRED, SCHEDULED), given up
// (ABANDONED), limited (RATE_LIMIT), asked back (CHALLENGE, UNANSWERED) or UNKNOWN,
// and what a later version adds, decides nothing.
const success = "SUCCESS"

func (e event) outcome() directory.Outcome {
	return cmp.Or(map[string]directory.Outcome{
		success: directory.Succeeded, "ALLOW": directory.Succeeded, "FAILURE": directory.Failed, "DENY": directory.Failed, "SKIPPED": directory.Skipped,
	}[e.Outcome.Result], directory.Undecided)
}

func (e event) event() directory.Event {
	out := directory.Event{ID: e.ID, Time: e.Published, Action: e.Type, Reason: e.Outcome.Reason, Outcome: e.outcome(), Token: e.refusedToken()}
	out.Brought = slices.Contains([]string{provision + "user.push", provision + "user.push_profile", provision + "user.sync", provision + "user.reactivate"}, e.Type)
	if out.Reason == "" && out.Outcome != directory.Succeeded {
		out.Reason = e.Message
	}
	for _, t := range e.Target {
		switch t.Type {
		case "User":
			out.Subjects = append(out.Subjects, directory.Subject{ID: t.ID, Name: t.Alternate, Kind: directory.PersonMember})
		case "UserGroup":
			out.Subjects = append(out.Subjects, directory.Subject{ID: t.ID, Name: t.Name, Kind: directory.GroupMember})
		}
	}
	return out
}
