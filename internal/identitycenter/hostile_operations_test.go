package identitycenter_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/hostile"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// nobody is the id of nothing.
const nobody = "94682448-0000-0000-0000-000000000000"

// behind is a client whose AWS has somebody between.
type behind struct {
	proxy *hostile.Proxy
	c     *identitycenter.Client
	ids   struct{ user, group, set, account string }
}

// newBehind connects before anybody gets hostile, as somebody who may do all but
// what is denied.
func newBehind(t *testing.T, denied ...string) *behind {
	t.Helper()
	w := centertest.NewWorld("platform", 3)
	w.Group("Developers", 2)
	w.Estate.Users = []emulator.EstateUser{{UserName: "jane", DisplayName: "Jane", Email: "jane@company.com", GivenName: "J", FamilyName: "S"}}
	w.Estate.Groups[0].Members = []string{"jane"}
	w.Estate.PermissionSets[0].AWSManagedPolicies = []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}
	w.Estate.PermissionSets[0].CustomerManagedPolicies = []emulator.EstatePolicy{{Name: "own"}}
	const key = "AKIDBEHIND"
	w.Estate.Callers = append(w.Estate.Callers, emulator.EstateCaller{AccessKey: key, Account: "management", Denied: denied})
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	b := &behind{proxy: &hostile.Proxy{Behind: e.Transport()}}
	b.c = centertest.Connect(t, b.options(key))
	s := e.State().Instances[0]
	b.ids.user, b.ids.group, b.ids.set, b.ids.account = s.Users[0].ID, s.Groups[0].ID, s.PermissionSets[0].ARN, "200000000000"
	return b
}

func (b *behind) options(key string) identitycenter.Options {
	o := centertest.OptionsFor(b.proxy, key)
	o.Credentials = credentials.NewStaticCredentialsProvider(key, "planted-secret", "planted-session")
	return o
}

// only makes one operation hostile.
func (b *behind) only(operation string, k hostile.Kind) {
	b.proxy.Kind = &k
	b.proxy.On = func(r *http.Request) bool {
		if operation == "GetCallerIdentity" { // the one of its API
			return strings.HasPrefix(r.URL.Host, "sts.")
		}
		return strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+operation)
	}
}

// call calls an operation, and returns what it lists where it lists something.
type call func(ctx context.Context, b *behind) (listed any, err error)

// calls has every operation that the client has.
func calls() map[string]call {
	out := connecting()
	maps.Copy(out, directoryCalls())
	maps.Copy(out, setCalls())
	maps.Copy(out, setWrites())
	maps.Copy(out, assignmentCalls())
	return out
}

// does makes a call of one that returns nothing.
func does(f func(context.Context, *behind) error) call {
	return func(ctx context.Context, b *behind) (any, error) { return nil, f(ctx, b) }
}

// reads makes a call of one that returns what it has and its evidence.
func reads[T any](f func(context.Context, *behind) (T, diag.Evidence, error)) call {
	return func(ctx context.Context, b *behind) (any, error) {
		got, _, err := f(ctx, b)
		return got, err
	}
}

// lists makes a call of a list.
func lists[T any](f func(*behind) identitycenter.List[T]) call {
	return reads(func(ctx context.Context, b *behind) ([]T, diag.Evidence, error) { return f(b).All(ctx) })
}

func connecting() map[string]call {
	connect := func(key string) call {
		return func(ctx context.Context, b *behind) (any, error) {
			c, err := identitycenter.Connect(ctx, b.options(key))
			if err != nil {
				return nil, err
			}
			return c.Caller(), nil
		}
	}
	return map[string]call{
		"GetCallerIdentity": connect(emulator.ManagementKey), "DescribeOrganization": connect(emulator.ManagementKey),
		"ListInstances": connect(emulator.ManagementKey), "ListDelegatedAdministrators": connect(centertest.DelegatedKey),
		"ListAccounts": lists(func(b *behind) identitycenter.List[access.Account] { return b.c.ListAccounts() }),
		"DescribeAccount": reads(func(ctx context.Context, b *behind) (access.Account, diag.Evidence, error) {
			return b.c.DescribeAccount(ctx, b.ids.account)
		}),
	}
}

func directoryCalls() map[string]call {
	jane, team := access.User{Username: "joe", DisplayName: "Joe"}, access.Group{Name: "Team", Owner: "platform"}
	return map[string]call{
		"ListUsers":  lists(func(b *behind) identitycenter.List[access.User] { return b.c.ListUsers() }),
		"ListGroups": lists(func(b *behind) identitycenter.List[access.Group] { return b.c.ListGroups() }),
		"ListGroupMemberships": lists(func(b *behind) identitycenter.List[access.MembershipKey] {
			return b.c.ListGroupMemberships(b.ids.group)
		}),
		"ListGroupMembershipsForMember": lists(func(b *behind) identitycenter.List[access.MembershipKey] {
			return b.c.ListGroupMembershipsForMember(b.ids.user)
		}),
		"DescribeUser": reads(func(ctx context.Context, b *behind) (access.User, diag.Evidence, error) {
			return b.c.DescribeUser(ctx, b.ids.user)
		}),
		"DescribeGroup": reads(func(ctx context.Context, b *behind) (access.Group, diag.Evidence, error) {
			return b.c.DescribeGroup(ctx, b.ids.group)
		}),
		"GetUserId": reads(func(ctx context.Context, b *behind) (string, diag.Evidence, error) {
			return b.c.GetUserID(ctx, identitycenter.ByUserName, "jane")
		}),
		"GetGroupId": reads(func(ctx context.Context, b *behind) (string, diag.Evidence, error) {
			return b.c.GetGroupID(ctx, "Developers")
		}),
		"GetGroupMembershipId": reads(func(ctx context.Context, b *behind) (string, diag.Evidence, error) {
			return b.c.GetGroupMembershipID(ctx, b.ids.group, b.ids.user)
		}),
		"CreateUser": does(func(ctx context.Context, b *behind) error { _, err := b.c.CreateUser(ctx, jane); return err }),
		"UpdateUser": does(func(ctx context.Context, b *behind) error {
			return b.c.UpdateUser(ctx, b.ids.user, access.User{Username: "jane"}, jane)
		}),
		"DeleteUser":  does(func(ctx context.Context, b *behind) error { return b.c.DeleteUser(ctx, b.ids.user) }),
		"CreateGroup": does(func(ctx context.Context, b *behind) error { _, err := b.c.CreateGroup(ctx, team); return err }),
		"UpdateGroup": does(func(ctx context.Context, b *behind) error {
			return b.c.UpdateGroup(ctx, b.ids.group, access.Group{Name: "Developers"}, team)
		}),
		"DeleteGroup": does(func(ctx context.Context, b *behind) error { return b.c.DeleteGroup(ctx, b.ids.group) }),
		"CreateGroupMembership": does(func(ctx context.Context, b *behind) error {
			return b.c.CreateGroupMembership(ctx, b.ids.group, b.ids.user)
		}),
		"DeleteGroupMembership": does(func(ctx context.Context, b *behind) error { return b.c.DeleteGroupMembership(ctx, nobody) }),
	}
}

func setCalls() map[string]call {
	return map[string]call{
		"ListPermissionSets": lists(func(b *behind) identitycenter.List[string] { return b.c.ListPermissionSets() }),
		"DescribePermissionSet": reads(func(ctx context.Context, b *behind) (identitycenter.Described, diag.Evidence, error) {
			return b.c.DescribePermissionSet(ctx, b.ids.set)
		}),
		"ListTagsForResource": reads(func(ctx context.Context, b *behind) ([]access.Tag, diag.Evidence, error) {
			return b.c.ListTagsForResource(ctx, b.ids.set)
		}),
		"ListManagedPoliciesInPermissionSet": reads(func(ctx context.Context, b *behind) ([]string, diag.Evidence, error) {
			return b.c.ListManagedPolicies(ctx, b.ids.set)
		}),
		"ListCustomerManagedPolicyReferencesInPermissionSet": reads(func(ctx context.Context, b *behind) ([]access.CustomerPolicy, diag.Evidence, error) {
			return b.c.ListCustomerPolicies(ctx, b.ids.set)
		}),
		"GetInlinePolicyForPermissionSet": reads(func(ctx context.Context, b *behind) (string, diag.Evidence, error) {
			return b.c.GetInlinePolicy(ctx, b.ids.set)
		}),
		"GetPermissionsBoundaryForPermissionSet": reads(func(ctx context.Context, b *behind) (access.Boundary, diag.Evidence, error) {
			return b.c.GetPermissionsBoundary(ctx, b.ids.set)
		}),
		"ListAccountsForProvisionedPermissionSet": reads(func(ctx context.Context, b *behind) ([]string, diag.Evidence, error) {
			return b.c.ListAccountsForProvisionedPermissionSet(ctx, b.ids.set, identitycenter.EitherVersion)
		}),
		"ListPermissionSetsProvisionedToAccount": reads(func(ctx context.Context, b *behind) ([]string, diag.Evidence, error) {
			return b.c.ListPermissionSetsProvisionedToAccount(ctx, b.ids.account, identitycenter.EitherVersion)
		}),
	}
}

func setWrites() map[string]call {
	const policy = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	own := access.CustomerPolicy{Name: "own", Path: "/"}
	write := func(f func(c *identitycenter.Client, ctx context.Context, arn string) error) call {
		return does(func(ctx context.Context, b *behind) error { return f(b.c, ctx, b.ids.set) })
	}
	return map[string]call{
		"CreatePermissionSet": write(func(c *identitycenter.Client, ctx context.Context, _ string) error {
			_, _, err := c.CreatePermissionSet(ctx, access.PermissionSet{Name: "New"})
			return err
		}),
		"UpdatePermissionSet": write(func(c *identitycenter.Client, ctx context.Context, arn string) error {
			_, err := c.UpdatePermissionSet(ctx, access.PermissionSet{ARN: arn, Description: "other"})
			return err
		}),
		"DeletePermissionSet": write(func(c *identitycenter.Client, ctx context.Context, arn string) error {
			return c.DeletePermissionSet(ctx, arn, false)
		}),
		"TagResource": write(func(c *identitycenter.Client, ctx context.Context, arn string) error {
			return c.TagResource(ctx, arn, []access.Tag{{Key: "k", Value: "v"}})
		}),
		"UntagResource": write(func(c *identitycenter.Client, ctx context.Context, arn string) error {
			return c.UntagResource(ctx, arn, "k")
		}),
		"AttachManagedPolicyToPermissionSet": write(func(c *identitycenter.Client, ctx context.Context, arn string) error {
			return c.AttachManagedPolicy(ctx, arn, policy)
		}),
		"DetachManagedPolicyFromPermissionSet": write(func(c *identitycenter.Client, ctx context.Context, arn string) error {
			return c.DetachManagedPolicy(ctx, arn, policy)
		}),
		"AttachCustomerManagedPolicyReferenceToPermissionSet": write(func(c *identitycenter.Client, ctx context.Context, arn string) error {
			return c.AttachCustomerPolicy(ctx, arn, own)
		}),
		"DetachCustomerManagedPolicyReferenceFromPermissionSet": write(func(c *identitycenter.Client, ctx context.Context, arn string) error {
			return c.DetachCustomerPolicy(ctx, arn, own)
		}),
		"PutInlinePolicyToPermissionSet": write(func(c *identitycenter.Client, ctx context.Context, arn string) error {
			return c.PutInlinePolicy(ctx, arn, "{}")
		}),
		"DeleteInlinePolicyFromPermissionSet": write((*identitycenter.Client).DeleteInlinePolicy),
		"PutPermissionsBoundaryToPermissionSet": write(func(c *identitycenter.Client, ctx context.Context, arn string) error {
			return c.PutPermissionsBoundary(ctx, arn, access.Boundary{ManagedPolicy: policy})
		}),
		"DeletePermissionsBoundaryFromPermissionSet": write((*identitycenter.Client).DeletePermissionsBoundary),
	}
}

func assignmentCalls() map[string]call {
	pair := func(b *behind) access.Pair { return access.Pair{SetARN: b.ids.set, Account: b.ids.account} }
	key := func(b *behind) access.AssignmentKey {
		return access.AssignmentKey{Pair: pair(b), Kind: access.GroupPrincipal, Principal: b.ids.group}
	}
	jobs := func(kind identitycenter.JobKind) call {
		return lists(func(b *behind) identitycenter.List[identitycenter.Job] { return b.c.ListJobs(kind, "") })
	}
	job := func(kind identitycenter.JobKind) call {
		return reads(func(ctx context.Context, b *behind) (identitycenter.Job, diag.Evidence, error) {
			return b.c.DescribeJob(ctx, kind, nobody)
		})
	}
	return map[string]call{
		"ListAccountAssignments": reads(func(ctx context.Context, b *behind) ([]access.AssignmentKey, diag.Evidence, error) {
			return b.c.ListAccountAssignments(ctx, pair(b))
		}),
		"ListAccountAssignmentsForPrincipal": lists(func(b *behind) identitycenter.List[access.AssignmentKey] {
			return b.c.ListAccountAssignmentsForPrincipal(access.GroupPrincipal, b.ids.group, "")
		}),
		"ListApplicationAssignmentsForPrincipal": reads(func(ctx context.Context, b *behind) ([]string, diag.Evidence, error) {
			return b.c.ListApplicationAssignmentsForPrincipal(ctx, b.ids.group)
		}),
		"CreateAccountAssignment": does(func(ctx context.Context, b *behind) error {
			_, err := b.c.CreateAccountAssignment(ctx, key(b))
			return err
		}),
		"DeleteAccountAssignment": does(func(ctx context.Context, b *behind) error {
			_, err := b.c.DeleteAccountAssignment(ctx, key(b))
			return err
		}),
		"ProvisionPermissionSet": does(func(ctx context.Context, b *behind) error {
			_, err := b.c.ProvisionPermissionSet(ctx, b.ids.set, "")
			return err
		}),
		"DescribeAccountAssignmentCreationStatus": job(identitycenter.CreateAssignmentJob),
		"DescribeAccountAssignmentDeletionStatus": job(identitycenter.DeleteAssignmentJob),
		"DescribePermissionSetProvisioningStatus": job(identitycenter.ProvisionJob),
		"ListAccountAssignmentCreationStatus":     jobs(identitycenter.CreateAssignmentJob),
		"ListAccountAssignmentDeletionStatus":     jobs(identitycenter.DeleteAssignmentJob),
		"ListPermissionSetProvisioningStatus":     jobs(identitycenter.ProvisionJob),
	}
}

// Every operation is in the table: a new one has to be tried.
func TestEveryOperationIsTried(t *testing.T) {
	var want []string
	for _, o := range identitycenter.Operations() {
		want = append(want, o.Name)
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(calls())); !slices.Equal(got, want) {
		t.Errorf("tried %v, and there are %v", got, want)
	}
}

// A call that is denied names the action that is missing.
func TestDeniedCallsNameTheirAction(t *testing.T) {
	table, start := calls(), connecting()
	for _, o := range identitycenter.Operations() {
		if _, ok := start[o.Name]; ok && o.Name != "DescribeAccount" && o.Name != "ListAccounts" {
			continue // Connect does without, or TestConnectErrors has it
		}
		b := newBehind(t, o.IAMAction())
		_, err := table[o.Name](t.Context(), b)
		centertest.CheckFinding(t, b.c.Explain(err), identitycenter.CodeAccessDenied, o.IAMAction())
	}
}
