package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/hostile"
)

// behind is a client whose AWS has somebody between.
type behind struct {
	t     *testing.T
	e     *emulator.Emulator
	proxy *hostile.Proxy
	c     *Client
	ids   struct{ user, group, set, account string }
}

// newBehind connects before anybody gets hostile.
func newBehind(t *testing.T) *behind {
	t.Helper()
	w := newWorld("platform", 3)
	w.group("Developers", 2)
	w.estate.Users = []emulator.EstateUser{{UserName: "jane", DisplayName: "Jane", Email: "jane@company.com", GivenName: "J", FamilyName: "S"}}
	w.estate.Groups[0].Members = []string{"jane"}
	w.estate.PermissionSets[0].AWSManagedPolicies = []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}
	w.estate.PermissionSets[0].CustomerManagedPolicies = []emulator.EstatePolicy{{Name: "own"}}
	e := start(t, emulator.Options{Estate: w.estate})
	b := &behind{t: t, e: e, proxy: &hostile.Proxy{Behind: e.Transport()}}
	b.c = b.connect(t, emulator.ManagementKey)
	s := e.State().Instances[0]
	b.ids.user, b.ids.group, b.ids.set, b.ids.account = s.Users[0].ID, s.Groups[0].ID, s.PermissionSets[0].ARN, "200000000000"
	return b
}

func (b *behind) options(key string) Options {
	o := optionsFor(b.proxy, key)
	o.Credentials = credentials.NewStaticCredentialsProvider(key, "planted-secret", "planted-session")
	return o
}

func (b *behind) connect(t *testing.T, key string) *Client {
	t.Helper()
	c, err := Connect(t.Context(), b.options(key))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// only makes one operation hostile.
func (b *behind) only(operation string, k hostile.Kind) {
	b.proxy.Kind = &k
	b.proxy.On = func(r *http.Request) bool { return strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+operation) }
}

// lists reads by each operation that lists, in each way that there is.
func lists() map[string][]func(context.Context, *behind) error {
	one := func(f func(context.Context, *behind) error) []func(context.Context, *behind) error {
		return []func(context.Context, *behind) error{f}
	}
	reading := func(ctx context.Context, b *behind) error {
		_, _, err := b.c.Read(ctx, ReadOptions{Owner: "platform", Deep: true})
		return err
	}
	remembering := func(ctx context.Context, b *behind, desired access.State) error {
		o := b.options(emulator.ManagementKey)
		o.Remember = true
		c, err := Connect(ctx, o)
		if err != nil {
			return err
		}
		_, _, err = c.Read(ctx, ReadOptions{Owner: "platform", Desired: desired})
		return err
	}
	job := func(kind apply.JobKind) func(context.Context, *behind) error {
		return func(ctx context.Context, b *behind) error {
			_, err := b.c.runningJobs(ctx, map[string]apply.JobKind{"x": kind})
			return err
		}
	}
	return map[string][]func(context.Context, *behind) error{
		"ListInstances": one(func(ctx context.Context, b *behind) error {
			_, err := Connect(ctx, b.options(emulator.ManagementKey))
			return err
		}),
		"ListDelegatedAdministrators": one(func(ctx context.Context, b *behind) error {
			_, err := Connect(ctx, b.options(delegatedKey))
			return err
		}),
		"ListAccounts": {reading, func(ctx context.Context, b *behind) error {
			_, _, err := b.c.Diagnosis().Accounts(ctx)
			return err
		}, func(ctx context.Context, b *behind) error {
			_, err := b.c.AccountAccess(ctx, "account-001", AccessOptions{})
			return err
		}},
		"ListUsers": {func(ctx context.Context, b *behind) error {
			_, _, err := b.c.Diagnosis().Users(ctx)
			return err
		}, func(ctx context.Context, b *behind) error {
			var want access.Builder
			want.AddUser(access.User{Username: "jane"})
			return remembering(ctx, b, want.State())
		}, func(ctx context.Context, b *behind) error {
			var want access.Builder
			want.AddUser(access.User{Username: "jane"})
			_, _, err := b.c.Read(ctx, ReadOptions{Owner: "platform", Desired: want.State()})
			return err
		}},
		"ListGroups": {reading, func(ctx context.Context, b *behind) error {
			_, _, err := b.c.Diagnosis().Groups(ctx)
			return err
		}, func(ctx context.Context, b *behind) error { return remembering(ctx, b, access.State{}) }},
		"ListGroupMemberships": {reading, func(ctx context.Context, b *behind) error {
			_, _, err := b.c.Diagnosis().MembersOf(ctx, b.ids.group)
			return err
		}},
		"ListGroupMembershipsForMember": {func(ctx context.Context, b *behind) error {
			_, _, err := b.c.Diagnosis().GroupsOf(ctx, b.ids.user)
			return err
		}, func(ctx context.Context, b *behind) error {
			_, err := b.c.UserAccess(ctx, "jane", AccessOptions{})
			return err
		}},
		"ListPermissionSets":  one(reading),
		"ListTagsForResource": one(reading),
		"ListAccountAssignments": {reading, func(ctx context.Context, b *behind) error {
			_, err := b.c.pairGrants(ctx, pair{b.ids.set, b.ids.account})
			return err
		}},
		"ListAccountAssignmentsForPrincipal": {func(ctx context.Context, b *behind) error {
			_, err := b.c.principalGrants(ctx, access.GroupPrincipal, b.ids.group)
			return err
		}, func(ctx context.Context, b *behind) error {
			_, _, err := b.c.Diagnosis().Holds(ctx, access.GroupPrincipal, b.ids.group, "")
			return err
		}},
		"ListAccountsForProvisionedPermissionSet": one(func(ctx context.Context, b *behind) error {
			_, err := b.c.provisionedAccounts(ctx, b.ids.set, "")
			return err
		}),
		"ListPermissionSetsProvisionedToAccount": {func(ctx context.Context, b *behind) error {
			_, _, err := b.c.listSetsIn(ctx, b.ids.account, "")
			return err
		}, func(ctx context.Context, b *behind) error {
			_, err := b.c.AccountAccess(ctx, b.ids.account, AccessOptions{})
			return err
		}},
		"ListManagedPoliciesInPermissionSet":                 one(reading),
		"ListCustomerManagedPolicyReferencesInPermissionSet": one(reading),
		"ListApplicationAssignmentsForPrincipal": one(func(ctx context.Context, b *behind) error {
			_, err := b.c.applicationsOf(ctx, b.ids.group)
			return err
		}),
		"ListAccountAssignmentCreationStatus": one(job(apply.CreateAssignmentJob)),
		"ListAccountAssignmentDeletionStatus": one(job(apply.DeleteAssignmentJob)),
		"ListPermissionSetProvisioningStatus": one(job(apply.ProvisionJob)),
	}
}

// Every operation that lists is in the table: a new one has to be tried.
func TestEveryListIsTried(t *testing.T) {
	var want []string
	for _, o := range Operations() {
		if strings.HasPrefix(o.Name, "List") {
			want = append(want, o.Name)
		}
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(lists())); !slices.Equal(got, want) {
		t.Errorf("tried %v, and there are %v", got, want)
	}
}

// Whoever answers, every list ends: with an error that names the operation, and
// not as a list that lacks something.
func TestListsEnd(t *testing.T) {
	for operation, ways := range lists() {
		for at, read := range ways {
			for _, k := range hostile.Lists("NextToken") {
				t.Run(fmt.Sprintf("%s/%d/%s", operation, at, k.Name), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						b := newBehind(t)
						b.only(operation, k)
						began := time.Now()
						err := b.c.explain(read(t.Context(), b))
						n, took := b.proxy.Asked.Load(), time.Since(began)
						if n == 0 {
							t.Fatal("nobody was asked")
						}
						found := diag.FromError(err)
						if len(found) != 1 || !strings.Contains(found[0].Summary+found[0].Detail, operation) || found[0].Hint == "" {
							t.Errorf("after %d pages: %v, %v", n, err, found)
						}
						if n > maxIdleJobPages+1 || n > 3*maxIdlePages+3 && !jobs(operation) || took > maxListTime {
							t.Errorf("%d pages, %s", n, took)
						}
					})
				})
			}
		}
	}
}

// A list that goes on with new items is ended too: soon where a page has hardly
// anything, else where no list of AWS is as long.
func TestEndlessItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBehind(t)
		b.only("ListGroups", hostile.Endless("NextToken", func(n int64, like any) any {
			g := maps.Clone(like.(map[string]any))
			g["GroupId"], g["DisplayName"] = fmt.Sprintf("id-%d", n), fmt.Sprintf("group %d", n)
			return g
		}))
		_, _, err := b.c.Read(t.Context(), ReadOptions{Owner: "platform"})
		checkFinding(t, err, CodeEndlessList, "ListGroups")
		if n := b.proxy.Asked.Load(); n != manyPages {
			t.Errorf("%d pages", n)
		}
	})
}

// A token that came before leads to pages that were read, whatever is on them.
func TestTokensComeOnce(t *testing.T) {
	l := newListing()
	for n, next := range []string{"a", "b", "a"} {
		err := l.take("ListGroups", "aws", page{items: []item{{id: fmt.Sprint(n)}}, next: next})
		if (err != nil) != (n == 2) {
			t.Errorf("page %d: %v", n, err)
		}
	}
}

// A thing that is listed twice is listed as the same.
func TestListsAgreeWithThemselves(t *testing.T) {
	for _, tt := range []struct {
		name  string
		items []item
		ok    bool
	}{
		{"twice the same", []item{{"1", "a", true}, {"1", "a", true}}, true},
		{"two names", []item{{"1", "a", true}, {"1", "b", true}}, false},
		{"two ids", []item{{"1", "a", true}, {"2", "a", true}}, false},
		{"accounts of one name", []item{{"1", "a", false}, {"2", "a", false}}, true},
		{"without names", []item{{"1", "", true}, {"2", "", true}}, true},
	} {
		if err := newListing().take("ListGroups", "aws", page{items: tt.items}); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
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
					b := newBehind(t)
					b.only(operation, k)
					began := time.Now()
					_, _, err := b.c.Read(t.Context(), ReadOptions{Owner: "platform", Deep: true})
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
					if b.proxy.Hosts()[hostile.Elsewhere] || strings.Contains(said, "planted") || len(said) > 2000 {
						t.Errorf("hosts %v, %d bytes said: %.200s", b.proxy.Hosts(), len(said), said)
					}
				})
			})
		}
	}
}

// An answer to another question, and one without what AWS always says, is an
// error and no data.
func TestWrongAnswersAreNoData(t *testing.T) {
	const other = "ssoins-9999999999999999"
	elsewhere := func(doc map[string]any) {
		for _, key := range []string{"PermissionSetArn", "PermissionSets"} {
			hostile.Each(doc, key, func(v any) any {
				if list, ok := v.([]any); ok {
					for i := range list {
						list[i] = "arn:aws:sso:::permissionSet/" + other + "/ps-9999999999999999"
					}
					return list
				}
				return "arn:aws:sso:::permissionSet/" + other + "/ps-9999999999999999"
			})
		}
	}
	set := func(name string, value any) func(map[string]any) {
		return func(doc map[string]any) { hostile.Each(doc, name, func(any) any { return value }) }
	}
	without := func(name string) func(map[string]any) {
		return func(doc map[string]any) { hostile.Without(doc, name) }
	}
	for operation, changes := range map[string]map[string]func(map[string]any){
		"DescribePermissionSet":                   {"another instance": elsewhere, "nothing": without("PermissionSet"), "no name": without("Name"), "a number": set("Name", 7)},
		"ListPermissionSets":                      {"another instance": elsewhere, "numbers": set("PermissionSets", []any{1}), "null": set("PermissionSets", []any{nil})},
		"ListPermissionSetsProvisionedToAccount":  {"another instance": elsewhere},
		"ListAccountAssignments":                  {"another set": elsewhere, "another account": set("AccountId", "999999999999"), "no account": without("AccountId"), "no principal": without("PrincipalId"), "no kind": without("PrincipalType"), "another kind": set("PrincipalType", "ROLE")},
		"ListAccountAssignmentsForPrincipal":      {"another instance": elsewhere, "another group": set("PrincipalId", "94682448-0000-0000-0000-000000000000"), "no account": without("AccountId"), "an account that is none": set("AccountId", "development")},
		"ListAccountsForProvisionedPermissionSet": {"no accounts": set("AccountIds", []any{"development"})},
		"ListAccounts":                            {"no id": without("Id"), "an id that is none": set("Id", "1")},
		"ListGroups":                              {"no id": without("GroupId"), "no list": without("Groups"), "null": set("Groups", nil), "another store": set("IdentityStoreId", "d-9999999999"), "numbers": set("DisplayName", 1)},
		"ListUsers":                               {"no id": without("UserId"), "no list": without("Users"), "another store": set("IdentityStoreId", "d-9999999999")},
		"ListGroupMemberships":                    {"another group": set("GroupId", "94682448-0000-0000-0000-000000000000"), "no member": without("MemberId"), "no list": without("GroupMemberships"), "no id": without("MembershipId")},
		"ListGroupMembershipsForMember":           {"another user": set("UserId", "94682448-0000-0000-0000-000000000000"), "no group": without("GroupId")},
		"ListTagsForResource":                     {"no key": without("Key")},
		"ListManagedPoliciesInPermissionSet":      {"no ARN": without("Arn")},
		"ListInstances":                           {"no ARN": without("InstanceArn"), "no store": without("IdentityStoreId")},
	} {
		for name, change := range changes {
			t.Run(operation+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newBehind(t)
					b.only(operation, hostile.Changed(name, func(_ int64, doc map[string]any) { change(doc) }))
					read := func(ctx context.Context, b *behind) error {
						_, _, err := b.c.Read(ctx, ReadOptions{Owner: "platform", Deep: true})
						return err
					}
					if ways := lists()[operation]; len(ways) > 0 {
						read = ways[0]
					}
					err := b.c.explain(read(t.Context(), b))
					if b.proxy.Asked.Load() == 0 {
						t.Fatal("nobody was asked")
					}
					found := diag.FromError(err)
					if len(found) != 1 || !strings.Contains(fmt.Sprint(found[0]), operation) {
						t.Errorf("err = %v, %v", err, found)
					}
				})
			})
		}
	}
}

// Single answers too: what comes back is what was asked for.
func TestSingleAnswers(t *testing.T) {
	const nobody = "94682448-0000-0000-0000-000000000000"
	reads := map[string]func(context.Context, *behind) error{
		"DescribeUser":         func(ctx context.Context, b *behind) error { _, err := b.c.user(ctx, b.ids.user); return err },
		"DescribeGroup":        func(ctx context.Context, b *behind) error { _, err := b.c.group(ctx, b.ids.group); return err },
		"GetUserId":            func(ctx context.Context, b *behind) error { _, err := b.c.userID(ctx, "jane"); return err },
		"GetGroupId":           func(ctx context.Context, b *behind) error { _, err := b.c.groupID(ctx, "Developers"); return err },
		"DescribeAccount":      func(ctx context.Context, b *behind) error { _, err := b.c.account(ctx, b.ids.account); return err },
		"DescribeOrganization": func(ctx context.Context, b *behind) error { return b.c.whoCalls(ctx) },
	}
	for operation, read := range reads {
		for name, change := range map[string]func(map[string]any){
			"nothing": func(doc map[string]any) { clear(doc) },
			"of another": func(doc map[string]any) {
				for _, key := range []string{"UserId", "GroupId", "Id", "MasterAccountId"} {
					hostile.Each(doc, key, func(any) any { return nobody })
				}
				hostile.Each(doc, "IdentityStoreId", func(any) any { return "d-9999999999" })
			},
		} {
			t.Run(operation+"/"+name, func(t *testing.T) {
				b := newBehind(t)
				b.only(operation, hostile.Changed(name, func(_ int64, doc map[string]any) { change(doc) }))
				err := read(t.Context(), b)
				checkFinding(t, b.c.explain(err), CodeForeignAnswer, operation)
			})
		}
	}
}

// Credentials that nobody gives are said to be missing, in time.
func TestCredentialsThatNeverCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := optionsFor(start(t, emulator.Options{}).Transport(), "")
		o.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			select { // a source that does not know the context ends by its client's own limit
			case <-ctx.Done():
			case <-time.After(10 * time.Minute):
			}
			return aws.Credentials{}, errors.New("too late")
		})
		began := time.Now()
		_, err := Connect(t.Context(), o)
		checkFinding(t, err, CodeNoCredentials, credentialsIn.String())
		if took := time.Since(began); took > credentialsIn+time.Second || !CredentialError(err) {
			t.Errorf("took %s, %v", took, err)
		}
		time.Sleep(10 * time.Minute)
	})
}

// One page without its list is read as one; nobody goes on without.
func TestPagesBelongToAList(t *testing.T) {
	b := newBehind(t)
	token := "x"
	if _, _, err := b.c.pageOfGroups(t.Context(), &token); err == nil || !strings.Contains(err.Error(), "list") {
		t.Errorf("err = %v", err)
	}
	if _, _, err := b.c.pageOfGroups(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// An answer as large as one may be is read whole, and the turn is given back.
func TestLargeAnswers(t *testing.T) {
	b := newBehind(t)
	b.only("DescribeGroup", hostile.Changed("large", func(_ int64, doc map[string]any) { doc["Unknown"] = strings.Repeat("x", maxAnswer-lightAnswer) }))
	for range 3 {
		if g, err := b.c.group(t.Context(), b.ids.group); err != nil || g.Name != "Developers" {
			t.Fatal(g, err)
		}
	}
	b.only("DescribeGroup", hostile.Changed("larger", func(_ int64, doc map[string]any) { doc["Unknown"] = strings.Repeat("x", maxAnswer+lightAnswer) }))
	_, err := b.c.group(t.Context(), b.ids.group)
	checkFinding(t, b.c.explain(err), CodeForeignAnswer, "16 MiB")
}

// What is listed twice counts once.
func TestListedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBehind(t)
		want, _, err := b.c.Read(t.Context(), ReadOptions{Owner: "platform", Deep: true})
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
		b.proxy.Kind = &k
		b.proxy.On = func(r *http.Request) bool { return strings.Contains(r.Header.Get("X-Amz-Target"), ".List") }
		got, _, err := b.c.Read(t.Context(), ReadOptions{Owner: "platform", Deep: true})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(lines(want), lines(got)); diff != "" {
			t.Errorf("(-once +twice):\n%s", diff)
		}
	})
}
