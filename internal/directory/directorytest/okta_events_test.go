package directorytest

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// TestOktaOutcomes has every outcome of the System Log.
func TestOktaOutcomes(t *testing.T) {
	for result, want := range map[string]directory.Outcome{
		"SUCCESS": directory.Succeeded, "ALLOW": directory.Succeeded, "FAILURE": directory.Failed, "DENY": directory.Failed, "SKIPPED": directory.Skipped,
		"DEFERRED": directory.Undecided, "ABANDONED": directory.Undecided, "RATE_LIMIT": directory.Undecided, "SCHEDULED": directory.Undecided,
		"UNKNOWN": directory.Undecided, "CHALLENGE": directory.Undecided, "UNANSWERED": directory.Undecided, "LATER": directory.Undecided,
	} {
		r := oktaRig(t)
		ann := r.person("ann@company.com")
		r.api.AddLogEvent(vendorapi.LogEvent{Type: "application.provision.user.push", Result: result, Message: "Push new user", UserID: ann})
		found, err := r.dir.(directory.Eventer).ProvisioningEvents(t.Context(), time.Now().Add(-time.Hour), ann)
		must(t, err)
		if len(found.Events) != 1 || found.Events[0].Outcome != want || found.Events[0].Token || (found.Events[0].Reason == "") != (want == directory.Succeeded) {
			t.Errorf("%s: %+v", result, found.Events)
		}
	}
}

const (
	pushed       = "application.provision.user.push"
	refusedToken = "application.integration.authentication_failure"
	unauthorized = "Error while verifying if user ann@company.com exists: Unauthorized"
)

// TestOktaTokenSigns has what is a sign of a refused SCIM token, about Ann and about
// others, and what ends it.
func TestOktaTokenSigns(t *testing.T) {
	for name, c := range map[string]struct {
		before, after []vendorapi.LogEvent // an hour apart; "ann" and "bob" stand for their ids
		token         bool
		calls         int // of the log
	}{
		"nothing":             {nil, nil, false, 2},
		"the application's":   {[]vendorapi.LogEvent{{Type: refusedToken, Result: "FAILURE", Reason: "Unauthorized"}}, nil, true, 3},
		"about another":       {[]vendorapi.LogEvent{{Type: refusedToken, Result: "FAILURE", Reason: "Unauthorized", UserID: "bob"}}, nil, true, 3},
		"the person's own":    {[]vendorapi.LogEvent{{Type: pushed, Result: "FAILURE", Reason: unauthorized, UserID: "ann"}}, nil, true, 3},
		"own, put off":        {[]vendorapi.LogEvent{{Type: pushed, Result: "DEFERRED", Reason: unauthorized, UserID: "ann"}}, nil, false, 2},
		"another's own":       {[]vendorapi.LogEvent{{Type: pushed, Result: "FAILURE", Reason: unauthorized, UserID: "bob"}}, nil, false, 2},
		"not reached":         {[]vendorapi.LogEvent{{Type: pushed, Result: "FAILURE", Reason: "Error while creating user: Connection timed out", UserID: "ann"}}, nil, false, 2},
		"not for this update": {[]vendorapi.LogEvent{{Type: pushed, Result: "FAILURE", Reason: "Error: Not authorized for this update", UserID: "ann"}}, nil, false, 2},
		"a word in it":        {[]vendorapi.LogEvent{{Type: pushed, Result: "FAILURE", Reason: "Unauthorized: name is not valid", UserID: "ann"}}, nil, false, 2},
		"general failure":     {[]vendorapi.LogEvent{{Type: "application.integration.general_failure", Result: "FAILURE", Reason: "Unauthorized"}}, nil, false, 2},
		"renewed, by herself": {[]vendorapi.LogEvent{{Type: pushed, Result: "FAILURE", Reason: unauthorized, UserID: "ann"}}, []vendorapi.LogEvent{{Type: pushed, UserID: "ann"}}, false, 2},
		"renewed, by another": {[]vendorapi.LogEvent{{Type: refusedToken, Result: "FAILURE"}}, []vendorapi.LogEvent{{Type: pushed, UserID: "bob"}}, false, 3},
		"refused since":       {[]vendorapi.LogEvent{{Type: pushed, UserID: "bob"}}, []vendorapi.LogEvent{{Type: refusedToken, Result: "FAILURE"}}, true, 3},
		"a mapping made":      {[]vendorapi.LogEvent{{Type: refusedToken, Result: "FAILURE"}}, []vendorapi.LogEvent{{Type: "application.provision.group_push.mapping.created"}}, true, 3},
		"put off since":       {[]vendorapi.LogEvent{{Type: refusedToken, Result: "FAILURE"}}, []vendorapi.LogEvent{{Type: pushed, Result: "DEFERRED", UserID: "ann"}}, true, 3},
		"pushed and mapped":   {[]vendorapi.LogEvent{{Type: refusedToken, Result: "FAILURE"}}, []vendorapi.LogEvent{{Type: pushed, UserID: "bob"}, {Type: "application.provision.group_push.activate_mapping"}}, false, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := oktaRig(t)
				ids := map[string]string{"ann": r.person("ann@company.com"), "bob": r.person("bob@company.com")}
				began := time.Now()
				for _, events := range [][]vendorapi.LogEvent{c.before, c.after} {
					for _, e := range events {
						e.UserID = ids[e.UserID]
						r.api.AddLogEvent(e)
						time.Sleep(time.Minute)
					}
					time.Sleep(time.Hour)
				}
				before := len(r.api.Calls())
				found, err := r.dir.(directory.Eventer).ProvisioningEvents(t.Context(), began, ids["ann"])
				must(t, err)
				token := false
				for _, e := range found.Events {
					token = token || e.Token
				}
				if token != c.token || found.Partial {
					t.Errorf("%+v", found)
				}
				if n := len(r.api.Calls()) - before - 1; n != c.calls || len(found.Evidence) != c.calls {
					t.Errorf("%d calls of the log: %q", n, r.api.Calls()[before:])
				}
				all, err := r.dir.(directory.Eventer).ProvisioningEvents(t.Context(), began, "")
				must(t, err)
				token = name == "another's own" // which the whole log has
				for _, e := range all.Events {
					token = token || e.Token
				}
				if token != c.token && name != "another's own" || len(all.Evidence) != 2 {
					t.Errorf("of all: %+v", all)
				}
			})
		})
	}
}

// TestOktaTokenRenewed pushes to AWS itself, with a token that was replaced there.
func TestOktaTokenRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := oktaRig(t)
		ann, began := r.person("ann@company.com"), time.Now()
		must(t, r.aws.Change(emulator.Change{SCIM: &emulator.SCIMChange{Token: "rotated"}}))
		must(t, r.idp.Assign(t.Context(), idp.UserPrincipal, ann))
		tokens := func() int {
			found, err := r.dir.(directory.Eventer).ProvisioningEvents(t.Context(), began, ann)
			must(t, err)
			n := 0
			for _, e := range found.Events {
				if e.Token {
					n++
				}
			}
			return n
		}
		if n := tokens(); n != 2 { // the application's and her own
			t.Errorf("refused: %d signs", n)
		}
		time.Sleep(time.Hour)
		r.idp.SetToken("rotated")
		must(t, r.idp.Assign(t.Context(), idp.UserPrincipal, r.person("bob@company.com")))
		if n := tokens(); n != 0 {
			t.Errorf("renewed: %d signs", n)
		}
	})
}

// TestOktaLogIsLong says so where there is more than is read.
func TestOktaLogIsLong(t *testing.T) {
	for lines, partial := range map[int]bool{4: false, 5: false, 6: true} {
		r := oktaRig(t, func(o *vendorapi.Options) { o.PageSize = 1 })
		ann := r.person("ann@company.com")
		for i := range lines {
			r.api.AddLogEvent(vendorapi.LogEvent{Type: pushed, Reason: fmt.Sprint(i), UserID: ann, Time: time.Now().Add(-time.Duration(i+1) * time.Minute)})
			r.api.FailSignIn(vendorapi.SignInFailure{UserID: ann, Time: time.Now().Add(-time.Duration(i+1) * time.Minute)})
		}
		events, err := r.dir.(directory.Eventer).ProvisioningEvents(t.Context(), time.Now().Add(-time.Hour), ann)
		must(t, err)
		signIns, err := r.dir.(directory.SignIner).SignInFailures(t.Context(), time.Now().Add(-time.Hour), ann)
		must(t, err)
		if events.Partial != partial || signIns.Partial != partial || len(events.Events) != min(lines, 5) || len(signIns.SignIns) != min(lines, 5) {
			t.Errorf("%d lines: %d, %t; %d, %t", lines, len(events.Events), events.Partial, len(signIns.SignIns), signIns.Partial)
		}
	}
}

// TestOktaScopesOfEachCall refuses each call in turn: what it needs is what the
// table says, and nothing else.
func TestOktaScopesOfEachCall(t *testing.T) {
	for _, row := range documented(idp.Okta) {
		if row.Method != "GET" {
			continue
		}
		r := oktaRig(t)
		ann := r.person("ann@company.com", func(u *idp.User) { u.Email = "other@company.com" })
		team := r.group("Team", ann)
		must(t, r.idp.Assign(t.Context(), idp.UserPrincipal, ann))
		r.push(team)
		path := strings.NewReplacer("{app}", r.api.ApplicationID(), "{user}", ann, "{login}", "ann@company.com", "{group}", team).Replace(row.Path)
		s := r.settings
		if row.Operation == "GetApplication" {
			s.Application = r.api.ApplicationID()
		}
		r.settings = s
		d := exactly(t, r, path)
		e, ok := firstRefusal(t, d, ann, team).(*directory.Error)
		if !ok || e.Kind != directory.Forbidden || !strings.HasPrefix(e.Needs, "Grant "+row.Scope+" to the service application") {
			t.Errorf("%s %s needs %q: %v", row.Operation, path, row.Scope, e)
		}
	}
}
