package okta

import (
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
	switch e.Outcome.Result {
	case success, "ALLOW":
		return directory.Succeeded
	case "FAILURE", "DENY":
		return directory.Failed
	case "SKIPPED":
		return directory.Skipped
	}
	return directory.Undecided
}

func (e event) event() directory.Event {
	out := directory.Event{ID: e.ID, Time: e.Published, Action: e.Type, Reason: e.Outcome.Reason, Outcome: e.outcome(), Token: e.refusedToken()}
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

// SignInFailures reads attempts of people who are not assigned, and refusals by
// a policy.
func (d *Directory) SignInFailures(ctx context.Context, since time.Time, personID string) (directory.SignInsFound, error) {
	var found directory.SignInsFound
	app, err := d.application(ctx)
	if err != nil {
		return found, err
	}
	causes := []struct {
		event string
		cause directory.SignInCause
	}{
		{"app.generic.unauth_app_access_attempt", directory.SignInNotAssigned},
		{"application.policy.sign_on.deny_access", directory.SignInDenied},
	}
	for _, c := range causes {
		tests := []string{"eventType eq " + quote(c.event), "target.id eq " + quote(app.ID)}
		if personID != "" {
			tests = append(tests, "actor.id eq "+quote(personID))
		}
		events, r, partial, err := d.log(ctx, whole(), since, tests...)
		if err != nil {
			return found, err
		}
		for _, e := range events {
			reason := e.Outcome.Reason
			if reason == "" {
				reason = e.Message
			}
			found.SignIns = append(found.SignIns, directory.SignIn{ID: e.ID, Time: e.Published, UserName: e.Actor.Alternate, Code: e.Type, Reason: reason, Cause: c.cause, Policy: e.policy()})
		}
		found.Partial = found.Partial || partial
		found.Evidence = evidence(found.Evidence, r.Evidence("%d attempts", len(events)))
	}
	slices.SortStableFunc(found.SignIns, func(x, y directory.SignIn) int { return y.Time.Compare(x.Time) })
	if personID == "" || len(found.SignIns) == 0 {
		return found, nil
	}
	return found, d.lastSignIn(ctx, since, app.ID, personID, &found)
}

// lastSignIn finds out when the person signed in to the application last.
func (d *Directory) lastSignIn(ctx context.Context, since time.Time, app, person string, found *directory.SignInsFound) error {
	events, r, _, err := d.log(ctx, newest(1), since, `eventType eq "user.authentication.sso"`, `outcome.result eq "SUCCESS"`, "target.id eq "+quote(app), "actor.id eq "+quote(person))
	if err != nil {
		return err
	}
	if len(events) > 0 {
		found.LastSuccess = events[0].Published
	}
	found.Evidence = evidence(found.Evidence, r.Evidence("the newest %d of the sign-ins that worked", len(events)))
	return nil
}

// policy names the policy, or its rule, that an event is about.
func (e event) policy() string {
	for _, t := range e.Target {
		if strings.HasPrefix(t.Type, "Policy") {
			return t.Name
		}
	}
	return ""
}
