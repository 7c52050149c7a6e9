package write

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

func person(name, email string) access.User {
	return access.User{Username: name, DisplayName: name, Email: email, GivenName: "G", FamilyName: "F"}
}

func creation(u access.User) plan.Change {
	return plan.Change{ID: plan.ID("user.create user=" + u.Username), Kind: plan.User, Action: plan.Create, Key: plan.Key{User: u.Username}, After: &plan.Value{User: &u}}
}

func userUpdate(was, will access.User) plan.Change {
	return plan.Change{ID: plan.ID("user.update user=" + will.Username), Kind: plan.User, Action: plan.Update, Key: plan.Key{User: will.Username},
		Refs: plan.Refs{UserID: was.ID}, Before: &plan.Value{User: &was}, After: &plan.Value{User: &will}}
}

// alwaysTaken is an AWS that calls every new user's address taken.
type alwaysTaken struct{ to http.RoundTripper }

func (a alwaysTaken) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".CreateUser") {
		return a.to.RoundTrip(r)
	}
	return &http.Response{StatusCode: http.StatusBadRequest, Request: r, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		Body: io.NopCloser(strings.NewReader(`{"__type":"ConflictException","Message":"Duplicate Email","Reason":"UNIQUENESS_CONSTRAINT_VIOLATION"}`))}, nil
}

// Somebody else's address or name is final at once, and said by name, whether or
// not an earlier attempt had an answer: waiting does not free it.
func TestSomebodyElsesAddressIsFinal(t *testing.T) {
	taro := emulator.EstateUser{UserName: "taro", DisplayName: "Taro", GivenName: "T", FamilyName: "Y", Email: "taro@company.com"}
	ann := emulator.EstateUser{UserName: "ann", DisplayName: "ann", GivenName: "G", FamilyName: "F", Email: "ann@company.com"}
	for name, c := range map[string]struct {
		change func(annID string) plan.Change
		lost   bool
		says   string
	}{
		"created":                {func(string) plan.Change { return creation(person("taro.y", "taro@company.com")) }, false, `e-mail address "taro@company.com" already belongs to the user "taro"`},
		"created, in capitals":   {func(string) plan.Change { return creation(person("taro.y", "TARO@company.com")) }, false, `already belongs to the user "taro"`},
		"created, no answer yet": {func(string) plan.Change { return creation(person("taro.y", "taro@company.com")) }, true, `already belongs to the user "taro"`},
		"created, the name":      {func(string) plan.Change { return creation(person("Taro", "new@company.com")) }, false, `user name "Taro" already belongs to the user "taro"`},
		"updated": {func(id string) plan.Change {
			was := person("ann", "ann@company.com")
			was.ID = id
			will := person("ann", "taro@company.com")
			will.ID = id
			return userUpdate(was, will)
		}, false, `already belongs to the user "taro"`},
		"renamed": {func(id string) plan.Change {
			was := person("ann", "ann@company.com")
			was.ID = id
			will := person("taro", "ann@company.com")
			will.ID = id
			return userUpdate(was, will)
		}, false, `user name "taro" already belongs to the user "taro"`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := centertest.NewWorld("platform", 1)
				w.Estate.Users = append(w.Estate.Users, taro, ann)
				e := centertest.Start(t, emulator.Options{Estate: w.Estate})
				target := New(centertest.Client(t, e, emulator.ManagementKey), Options{Owner: "platform"})
				annID := ""
				for _, u := range e.State().Instances[0].Users {
					if u.UserName == "ann" {
						annID = u.ID
					}
				}
				ch := c.change(annID)
				if c.lost {
					if err := e.SetFaults(emulator.Fault{Operation: "identitystore.CreateUser", Kind: emulator.LoseRequest, Times: 1}); err != nil {
						t.Fatal(err)
					}
					if got := outcome(t, target, ch); got.Verdict.Cause != apply.Transient {
						t.Fatalf("%+v", got)
					}
				}
				began := time.Now()
				got := outcome(t, target, ch)
				if got.Verdict.Cause != apply.Permanent || !strings.Contains(got.Verdict.Finding.Summary, c.says) || time.Since(began) > time.Second {
					t.Errorf("%s after %s: %+v", got.Verdict.Cause, time.Since(began), got.Verdict.Finding)
				}
			})
		})
	}
}

// What AWS says is taken, and nobody is seen to have, is waited for shortly.
func TestATakenValueThatNobodyHasIsWaitedForShortly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := centertest.Start(t, emulator.Options{Estate: centertest.NewWorld("platform", 1).Estate})
		client := centertest.Connect(t, centertest.OptionsFor(alwaysTaken{e.Transport()}, emulator.ManagementKey))
		target := New(client, Options{Owner: "platform"})
		ch := creation(person("taro", "taro@company.com"))
		if got := outcome(t, target, ch); got.Verdict.Cause != apply.Propagation {
			t.Fatalf("%+v", got)
		}
		time.Sleep(showsLate)
		if got := outcome(t, target, ch); got.Verdict.Cause != apply.Permanent || !strings.Contains(got.Verdict.Finding.Summary, "nobody") {
			t.Errorf("%+v", got)
		}
	})
}
