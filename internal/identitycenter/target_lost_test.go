package identitycenter

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/identitystore"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// lossy loses the answer to the next call of an operation, after AWS has
// carried it out.
type lossy struct {
	inner     http.RoundTripper
	mu        sync.Mutex
	operation string
}

func (l *lossy) lose(operation string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.operation = operation
}

func (l *lossy) hit(r *http.Request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.operation == "" || !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+l.operation) {
		return false
	}
	l.operation = ""
	return true
}

func (l *lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.inner.RoundTrip(r)
	if err == nil && l.hit(r) {
		resp.Body.Close()
		return nil, errors.New("read tcp: connection reset by peer")
	}
	return resp, err
}

// connectLossy gives a client whose answers can be lost.
func connectLossy(t *testing.T, e *emulator.Emulator) (*lossy, *Client) {
	t.Helper()
	l := &lossy{inner: e.Transport()}
	c, err := Connect(t.Context(), optionsFor(l, emulator.ManagementKey))
	if err != nil {
		t.Fatal(err)
	}
	return l, c
}

// When the answer to a create is lost, trying again finds what was made and
// goes on with its id.
func TestLostAnswerOfACreate(t *testing.T) {
	e := start(t, emulator.Options{Estate: newWorld("platform", 1).estate})
	l, c := connectLossy(t, e)
	target := c.Target(TargetOptions{Owner: "platform"})
	tags := []access.Tag{{Key: access.OwnerTag, Value: "platform"}}
	for _, step := range []struct {
		operation string
		change    plan.Change
	}{
		{"CreatePermissionSet", setChange(plan.PermissionSet, plan.Create, "", nil, setValue(access.PermissionSet{Name: "Developers", SessionDuration: "PT1H", Tags: tags}))},
		{"CreateGroup", plan.Change{Kind: plan.Group, Action: plan.Create, Key: plan.Key{Group: "Devs"}, After: &plan.Value{Group: &access.Group{Name: "Devs", Owner: "platform"}}}},
		{"CreateUser", plan.Change{Kind: plan.User, Action: plan.Create, Key: plan.Key{User: "jane"}, After: &plan.Value{User: &access.User{Username: "jane", DisplayName: "Jane", GivenName: "J", FamilyName: "S"}}}},
		{"CreateGroupMembership", plan.Change{Kind: plan.Membership, Action: plan.Create, Key: plan.Key{Group: "Devs", User: "jane"}}},
		{"CreateAccountAssignment", plan.Change{Kind: plan.Assignment, Action: plan.Create, Key: plan.Key{PermissionSet: "Developers", Group: "Devs", Account: "200000000000"}}},
		{"DeleteAccountAssignment", plan.Change{Kind: plan.Assignment, Action: plan.Delete, Key: plan.Key{PermissionSet: "Developers", Group: "Devs", Account: "200000000000"}}},
		{"DeleteGroupMembership", plan.Change{Kind: plan.Membership, Action: plan.Delete, Key: plan.Key{Group: "Devs", User: "jane"}}},
		{"DeleteGroup", plan.Change{Kind: plan.Group, Action: plan.Delete, Key: plan.Key{Group: "Devs"}}},
		{"DeletePermissionSet", setChange(plan.PermissionSet, plan.Delete, "", nil, nil)},
	} {
		l.lose(step.operation)
		if o := outcome(t, target, step.change); o.Verdict.Cause != apply.Transient {
			t.Fatalf("%s without an answer: %+v, want transient", step.operation, o)
		}
		do(t, target, step.change)
	}
	i := e.State().Instances[0]
	if len(i.PermissionSets) != 0 || len(i.Groups) != 0 || len(i.Assignments) != 0 || len(i.Users) != 1 {
		t.Errorf("left behind: %+v", i)
	}
}

// A user who is there after a creation without an answer is this run's only where
// all is equal: users carry no mark.
func TestUserOfALostCreateIsEqual(t *testing.T) {
	e := start(t, emulator.Options{Estate: newWorld("platform", 1).estate})
	l, c := connectLossy(t, e)
	target := c.Target(TargetOptions{Owner: "platform"})
	jane := plan.Change{Kind: plan.User, Action: plan.Create, Key: plan.Key{User: "jane"}, After: &plan.Value{User: &access.User{Username: "jane", DisplayName: "Jane", GivenName: "J", FamilyName: "S"}}}
	l.lose("CreateUser")
	if o := outcome(t, target, jane); o.Verdict.Cause != apply.Transient {
		t.Fatalf("without an answer: %+v, want transient", o)
	}
	other := connect(t, e, emulator.ManagementKey)
	id, err := other.userID(t.Context(), "jane")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.store.UpdateUser(t.Context(), &identitystore.UpdateUserInput{IdentityStoreId: &c.instance.IdentityStoreID, UserId: &id,
		Operations: userOperations(*jane.After.User, access.User{Username: "jane", DisplayName: "Somebody else", GivenName: "J", FamilyName: "S"})}); err != nil {
		t.Fatal(err)
	}
	if o := outcome(t, target, jane); o.Verdict.Cause == "" || o.Verdict.Cause == apply.Transient {
		t.Errorf("with another display name: %+v, want that somebody else has the name", o)
	}
}

// What is not ours, or not the same, is never taken for what a lost call made.
func TestNameTaken(t *testing.T) {
	w := newWorld("platform", 1)
	w.estate.PermissionSets = []emulator.EstatePermissionSet{{Name: "Developers", Tags: map[string]string{access.OwnerTag: "other"}}}
	w.estate.Groups = []emulator.EstateGroup{{DisplayName: "Devs"}}
	w.estate.Users = []emulator.EstateUser{{UserName: "jane", DisplayName: "Somebody else"}}
	e := start(t, emulator.Options{Estate: w.estate})
	target := connect(t, e, emulator.ManagementKey).Target(TargetOptions{Owner: "platform"})
	tags := []access.Tag{{Key: access.OwnerTag, Value: "platform"}}
	source := diag.Range{File: "terraform.tfvars", Start: diag.Pos{Line: 7}}
	for _, ch := range []plan.Change{
		setChange(plan.PermissionSet, plan.Create, "", nil, setValue(access.PermissionSet{Name: "Developers", Tags: tags})),
		{Kind: plan.Group, Action: plan.Create, Key: plan.Key{Group: "Devs"}, After: &plan.Value{Group: &access.Group{Name: "Devs", Owner: "platform"}}},
		{Kind: plan.User, Action: plan.Create, Key: plan.Key{User: "jane"}, After: &plan.Value{User: &access.User{Username: "jane", DisplayName: "Jane", GivenName: "J", FamilyName: "S"}}},
	} {
		ch.Source = source
		o := outcome(t, target, ch)
		if o.Verdict.Cause != apply.Permanent || o.Verdict.Finding.Code != CodeChanged || o.Verdict.Finding.Range != source || o.Verdict.Finding.Hint == "" {
			t.Errorf("%s: %+v, want that the name is taken, at once, with its place", ch.Kind, o)
		}
	}
}
