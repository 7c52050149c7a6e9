package okta

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// The types of events (Okta's event types catalog, okta-event-types.csv).
const (
	provision   = "application.provision."
	pushOfGroup = "application.provision.group_push."
	refusal     = "application.integration.authentication_failure"
)

// refusedToken says that AWS refused the SCIM token in what the event is about.
// Okta writes an event of its own for that. A person's or group's own event is one
// where it failed and its reason ends with the name of HTTP's status 401 (RFC 9110,
// 15.5.2): Okta puts the application's answer there as it came, behind a colon, and
// its article on exactly that one says that the access token is invalid
// ("Error while verifying if user ... exists: Unauthorized", support.okta.com, AWS
// IAM Identity Center provisioning error). The words before it, which are for
// people, are not read: an endpoint that was not reached, and an answer that has
// more to say than its status, are no refusal of the token.
func (e event) refusedToken() bool {
	if e.outcome() == directory.Succeeded {
		return false
	}
	if e.Type == refusal {
		return true
	}
	last := strings.LastIndex(e.Outcome.Reason, ": ")
	return strings.HasPrefix(e.Type, provision) && e.outcome() == directory.Failed && last >= 0 && e.Outcome.Reason[last+2:] == http.StatusText(http.StatusUnauthorized)
}

// arrived says that something was pushed to AWS with success. That a mapping was
// made or changed is Okta's own affair, with which AWS has not to do yet.
func (e event) arrived() bool {
	mapped := strings.HasPrefix(e.Type, pushOfGroup) && (strings.Contains(e.Type, "mapping") || strings.Contains(e.Type, "appgroup"))
	return strings.HasPrefix(e.Type, provision) && e.outcome() == directory.Succeeded && !mapped
}

// ProvisioningEvents reads what was pushed, and refusals of the SCIM token. About
// one person or group, the application's refusals count too: whose push met the
// refused token is chance.
func (d *Directory) ProvisioningEvents(ctx context.Context, since time.Time, subject string) (directory.EventsFound, error) {
	var found directory.EventsFound
	app, err := d.application(ctx)
	if err != nil {
		return found, err
	}
	ofApp := "target.id eq " + quote(app.ID)
	queries := [][]string{{`eventType sw "application.provision"`, ofApp}, {`eventType sw "application.integration"`, ofApp}}
	if subject != "" {
		queries = [][]string{{`eventType sw "application.provision"`, ofApp, "target.id eq " + quote(subject)}, {"eventType eq " + quote(refusal), ofApp}}
	}
	var events []event
	for _, tests := range queries {
		more, r, partial, err := d.log(ctx, whole(), since, tests...)
		if err != nil {
			return found, err
		}
		events = append(events, more...)
		found.Partial = found.Partial || partial
		found.Evidence = slices.Concat(found.Evidence, r.Evidence("%d events%s", len(more), directory.More(partial)))
	}
	slices.SortStableFunc(events, func(x, y event) int { return y.Published.Compare(x.Published) })
	last, err := d.lastArrival(ctx, ofApp, events, subject != "", &found)
	if err != nil {
		return found, err
	}
	for _, e := range events {
		out := e.event()
		out.Token = out.Token && !last.After(out.Time) // what was refused before a later success is over
		found.Events = append(found.Events, out)
	}
	return found, nil
}

// lastArrival says when something was last pushed to AWS with success; zero where
// nothing was. It asks, once more, only where the token was refused and the events
// are not all of the application's.
func (d *Directory) lastArrival(ctx context.Context, ofApp string, events []event, some bool, found *directory.EventsFound) (time.Time, error) {
	refused := slices.IndexFunc(events, event.refusedToken)
	arrived := slices.IndexFunc(events, event.arrived)
	var last time.Time
	if arrived >= 0 {
		last = events[arrived].Published
	}
	if refused < 0 || !some || last.After(events[refused].Published) {
		return last, nil
	}
	later, r, _, err := d.log(ctx, newest(100), events[refused].Published, `eventType sw "application.provision"`, `outcome.result eq "SUCCESS"`, ofApp)
	if err != nil {
		return last, err
	}
	if at := slices.IndexFunc(later, event.arrived); at >= 0 && later[at].Published.After(last) {
		last = later[at].Published
	}
	found.Evidence = slices.Concat(found.Evidence, r.Evidence("%d pushes that worked since", len(later)))
	return last, nil
}
