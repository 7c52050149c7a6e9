package okta

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// refusedSignIn is an event that says that a sign-in was refused. A policy's own event
// is that of the Classic Engine; the Identity Engine evaluates every sign-in, and
// writes its own event for an application of its own, which may not be the one that
// was signed in to (help.okta.com, "Application Policy Sign On Access Denied"). Who
// is refused is the actor, or where Okta itself is that, a target.
type refusedSignIn struct {
	event    string
	tests    []string
	cause    directory.SignInCause
	asTarget bool
}

func refusedSignIns() []refusedSignIn {
	return []refusedSignIn{
		{"app.generic.unauth_app_access_attempt", nil, directory.SignInNotAssigned, false},
		{"application.policy.sign_on.deny_access", nil, directory.SignInDenied, true},
		{"policy.evaluate_sign_on", []string{`outcome.result eq "DENY"`}, directory.SignInDenied, true},
	}
}

// SignInFailures reads attempts of people who are not assigned, and refusals by a
// policy.
func (d *Directory) SignInFailures(ctx context.Context, since time.Time, personID string) (directory.SignInsFound, error) {
	var found directory.SignInsFound
	app, err := d.application(ctx)
	if err != nil {
		return found, err
	}
	for _, what := range refusedSignIns() {
		tests := append([]string{"eventType eq " + quote(what.event), "target.id eq " + quote(app.ID)}, what.tests...)
		ways := [][]string{tests}
		if personID != "" {
			ways = [][]string{append(slices.Clone(tests), "actor.id eq "+quote(personID))}
			if what.asTarget {
				ways = append(ways, append(slices.Clone(tests), "target.id eq "+quote(personID)))
			}
		}
		if err := d.refusals(ctx, since, what, ways, &found); err != nil {
			return found, err
		}
	}
	slices.SortStableFunc(found.SignIns, func(x, y directory.SignIn) int { return y.Time.Compare(x.Time) })
	if personID == "" || len(found.SignIns) == 0 {
		return found, nil
	}
	return found, d.lastSignIn(ctx, since, app.ID, personID, &found)
}

// refusals reads the events of one kind, in one way after another until one has some.
func (d *Directory) refusals(ctx context.Context, since time.Time, what refusedSignIn, ways [][]string, found *directory.SignInsFound) error {
	for _, tests := range ways {
		events, r, partial, err := d.log(ctx, whole(), since, tests...)
		if err != nil {
			return err
		}
		for _, e := range events {
			reason := cmp.Or(e.Outcome.Reason, e.Message)
			found.SignIns = append(found.SignIns, directory.SignIn{ID: e.ID, Time: e.Published, UserName: e.who(), Code: e.Type, Reason: reason, Cause: what.cause, Policy: e.policy()})
		}
		found.Partial = found.Partial || partial
		found.Evidence = slices.Concat(found.Evidence, r.Evidence("%d attempts%s", len(events), directory.More(partial)))
		if len(events) > 0 {
			return nil
		}
	}
	return nil
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
	found.Evidence = slices.Concat(found.Evidence, r.Evidence("the newest %d of the sign-ins that worked", len(events)))
	return nil
}

// who is the login of the person who signed in.
func (e event) who() string {
	if e.Actor.Type != "" && e.Actor.Type != "User" {
		for _, t := range e.Target {
			if t.Type == "User" {
				return t.Alternate
			}
		}
	}
	return e.Actor.Alternate
}

// policy names the policy, or its rule, that an event is about.
func (e event) policy() string {
	for _, t := range e.Target {
		if strings.HasPrefix(t.Type, "Policy") && t.Name != "" {
			return t.Name
		}
	}
	return ""
}
