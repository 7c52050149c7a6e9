package read

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/hostile"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// reads are the ways to read that ask an operation which lists.
func reads() map[string][]func(context.Context, *centertest.Behind) error {
	var jane access.Builder
	jane.AddUser(access.User{Username: "jane"})
	reading := func(ctx context.Context, b *centertest.Behind) error {
		_, _, err := New(b.Client).Read(ctx, Options{Owner: "platform", Deep: true})
		return err
	}
	remembering := func(ctx context.Context, b *centertest.Behind) error {
		_, _, err := NewRemembering(b.Client).Read(ctx, Options{Owner: "platform", Desired: jane.State()})
		return err
	}
	asking := func(ask func(context.Context, *centertest.Behind, *Diagnosis) error) func(context.Context, *centertest.Behind) error {
		return func(ctx context.Context, b *centertest.Behind) error { return ask(ctx, b, New(b.Client).Diagnosis()) }
	}
	account := func(ctx context.Context, b *centertest.Behind) error {
		_, err := New(b.Client).AccountAccess(ctx, "account-001", AccessOptions{})
		return err
	}
	user := func(ctx context.Context, b *centertest.Behind) error {
		_, err := New(b.Client).UserAccess(ctx, "jane", AccessOptions{})
		return err
	}
	return map[string][]func(context.Context, *centertest.Behind) error{
		"ListAccounts": {reading, remembering, account, asking(func(ctx context.Context, _ *centertest.Behind, d *Diagnosis) error {
			_, _, err := d.Accounts(ctx)
			return err
		})},
		"ListUsers": {remembering, asking(func(ctx context.Context, _ *centertest.Behind, d *Diagnosis) error {
			_, _, err := d.Users(ctx)
			return err
		})},
		"ListGroups": {reading, remembering, asking(func(ctx context.Context, _ *centertest.Behind, d *Diagnosis) error {
			_, _, err := d.Groups(ctx)
			return err
		})},
		"ListGroupMemberships": {reading, account, asking(func(ctx context.Context, b *centertest.Behind, d *Diagnosis) error {
			_, _, err := d.MembersOf(ctx, b.IDs.Group)
			return err
		})},
		"ListGroupMembershipsForMember": {user, asking(func(ctx context.Context, b *centertest.Behind, d *Diagnosis) error {
			_, _, err := d.GroupsOf(ctx, b.IDs.User)
			return err
		})},
		"ListPermissionSets": {reading, remembering}, "ListTagsForResource": {reading, remembering, account}, "ListAccountAssignments": {reading, account},
		"ListAccountAssignmentsForPrincipal": {user, asking(func(ctx context.Context, b *centertest.Behind, d *Diagnosis) error {
			_, _, err := d.AssignmentsOf(ctx, access.GroupPrincipal, b.IDs.Group, "")
			return err
		})},
		"ListAccountsForProvisionedPermissionSet": {reading}, "ListPermissionSetsProvisionedToAccount": {account},
		"ListManagedPoliciesInPermissionSet": {reading}, "ListCustomerManagedPolicyReferencesInPermissionSet": {reading},
	}
}

// mostPagesOfHostile is how many pages any list is read of which nothing comes:
// of jobs AWS takes some out after it has cut the pages.
const mostPagesOfHostile = 10_001

// Whoever answers, every list ends: with an error that names the operation, and
// not as a list that lacks something.
func TestListsEnd(t *testing.T) {
	for operation, ways := range reads() {
		for at, way := range ways {
			for _, k := range hostile.Lists("NextToken") {
				t.Run(fmt.Sprintf("%s/%d/%s", operation, at, k.Name), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						b := centertest.NewBehind(t)
						b.Only(operation, k)
						began := time.Now()
						err := way(t.Context(), b)
						n, took := b.Proxy.Asked.Load(), time.Since(began)
						if n == 0 {
							t.Fatal("nobody was asked")
						}
						found := diag.FromError(err)
						if len(found) != 1 || !strings.Contains(found[0].Summary+found[0].Detail, operation) || found[0].Hint == "" {
							t.Errorf("after %d pages: %v, %v", n, err, found)
						}
						if n > mostPagesOfHostile || took > 20*time.Minute {
							t.Errorf("%d pages, %s", n, took)
						}
					})
				})
			}
		}
	}
}

// Whatever answers, reading ends in time with an error that names host and
// operation, and no credentials go anywhere else.
func TestReadingEndsWhateverAnswers(t *testing.T) {
	targets := map[string]string{"DescribePermissionSet": "sso.us-east-1", "ListGroups": "identitystore.us-east-1", "ListAccounts": "organizations.us-east-1"}
	for _, k := range hostile.Answers() {
		for operation, host := range targets {
			t.Run(k.Name+"/"+operation, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := centertest.NewBehind(t)
					b.Only(operation, k)
					began := time.Now()
					_, _, err := New(b.Client).Read(t.Context(), Options{Owner: "platform", Deep: true})
					if took := time.Since(began); took > 4*time.Minute {
						t.Errorf("took %s", took)
					}
					found := diag.FromError(err)
					if len(found) != 1 {
						t.Fatalf("err = %v", err)
					}
					said := fmt.Sprint(found[0].Summary, found[0].Detail, found[0].Evidence)
					for _, want := range []string{operation, host} {
						if !strings.Contains(said, want) {
							t.Errorf("%q is not said: %s", want, said)
						}
					}
					if b.Proxy.Hosts()[hostile.Elsewhere] || strings.Contains(said, "planted") || len(said) > 2000 {
						t.Errorf("hosts %v, %d bytes said: %.200s", b.Proxy.Hosts(), len(said), said)
					}
				})
			})
		}
	}
}

// What is listed twice counts once.
func TestListedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := centertest.NewBehind(t)
		want, _, err := New(b.Client).Read(t.Context(), Options{Owner: "platform", Deep: true})
		if err != nil {
			t.Fatal(err)
		}
		k := hostile.Changed("twice", func(_ int64, doc map[string]any) {
			for key, value := range doc {
				if list, ok := value.([]any); ok {
					doc[key] = slices.Concat(list, list)
				}
			}
		})
		b.Proxy.Kind = &k
		b.Proxy.On = func(r *http.Request) bool { return strings.Contains(r.Header.Get("X-Amz-Target"), ".List") }
		got, _, err := New(b.Client).Read(t.Context(), Options{Owner: "platform", Deep: true})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(centertest.Lines(want), centertest.Lines(got)); diff != "" {
			t.Errorf("(-once +twice):\n%s", diff)
		}
	})
}
