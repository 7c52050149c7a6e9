package identitycenter_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// nobody is the id of nothing.
const nobody = "94682448-0000-0000-0000-000000000000"

// call calls an operation, and returns what it lists where it lists something.
type call func(ctx context.Context, b *centertest.Behind) (listed any, err error)

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
func does(f func(context.Context, *centertest.Behind) error) call {
	return func(ctx context.Context, b *centertest.Behind) (any, error) { return nil, f(ctx, b) }
}

// reads makes a call of one that returns what it has and its evidence.
func reads[T any](f func(context.Context, *centertest.Behind) (T, diag.Evidence, error)) call {
	return func(ctx context.Context, b *centertest.Behind) (any, error) {
		got, _, err := f(ctx, b)
		return got, err
	}
}

// lists makes a call of a list.
func lists[T any](f func(*centertest.Behind) identitycenter.List[T]) call {
	return reads(func(ctx context.Context, b *centertest.Behind) ([]T, diag.Evidence, error) { return f(b).All(ctx) })
}

func connecting() map[string]call {
	connect := func(key string) call {
		return func(ctx context.Context, b *centertest.Behind) (any, error) {
			c, err := identitycenter.Connect(ctx, b.Options(key))
			if err != nil {
				return nil, err
			}
			return c.Caller(), nil
		}
	}
	return map[string]call{
		"GetCallerIdentity": connect(emulator.ManagementKey), "DescribeOrganization": connect(emulator.ManagementKey),
		"ListInstances": connect(emulator.ManagementKey), "ListDelegatedAdministrators": connect(centertest.DelegatedKey),
		"ListAccounts": lists(func(b *centertest.Behind) identitycenter.List[access.Account] { return b.Client.ListAccounts() }),
		"DescribeAccount": reads(func(ctx context.Context, b *centertest.Behind) (access.Account, diag.Evidence, error) {
			return b.Client.DescribeAccount(ctx, b.IDs.Account)
		}),
	}
}

func directoryCalls() map[string]call {
	jane, team := access.User{Username: "joe", DisplayName: "Joe"}, access.Group{Name: "Team", Owner: "platform"}
	return map[string]call{
		"ListUsers":  lists(func(b *centertest.Behind) identitycenter.List[access.User] { return b.Client.ListUsers() }),
		"ListGroups": lists(func(b *centertest.Behind) identitycenter.List[access.Group] { return b.Client.ListGroups() }),
		"ListGroupMemberships": lists(func(b *centertest.Behind) identitycenter.List[access.MembershipID] {
			return b.Client.ListGroupMemberships(b.IDs.Group)
		}),
		"ListGroupMembershipsForMember": lists(func(b *centertest.Behind) identitycenter.List[access.MembershipID] {
			return b.Client.ListGroupMembershipsForMember(b.IDs.User)
		}),
		"DescribeUser": reads(func(ctx context.Context, b *centertest.Behind) (access.User, diag.Evidence, error) {
			return b.Client.DescribeUser(ctx, b.IDs.User)
		}),
		"DescribeGroup": reads(func(ctx context.Context, b *centertest.Behind) (access.Group, diag.Evidence, error) {
			return b.Client.DescribeGroup(ctx, b.IDs.Group)
		}),
		"GetUserId": reads(func(ctx context.Context, b *centertest.Behind) (string, diag.Evidence, error) {
			return b.Client.GetUserID(ctx, identitycenter.ByUserName, "jane")
		}),
		"GetGroupId": reads(func(ctx context.Context, b *centertest.Behind) (string, diag.Evidence, error) {
			return b.Client.GetGroupID(ctx, "Developers")
		}),
		"GetGroupMembershipId": reads(func(ctx context.Context, b *centertest.Behind) (string, diag.Evidence, error) {
			return b.Client.GetGroupMembershipID(ctx, b.IDs.Group, b.IDs.User)
		}),
		"CreateUser": does(func(ctx context.Context, b *centertest.Behind) error {
			_, err := b.Client.CreateUser(ctx, jane)
			return err
		}),
		"UpdateUser": does(func(ctx context.Context, b *centertest.Behind) error {
			return b.Client.UpdateUser(ctx, b.IDs.User, access.User{Username: "jane"}, jane)
		}),
		"DeleteUser": does(func(ctx context.Context, b *centertest.Behind) error { return b.Client.DeleteUser(ctx, b.IDs.User) }),
		"CreateGroup": does(func(ctx context.Context, b *centertest.Behind) error {
			_, err := b.Client.CreateGroup(ctx, team)
			return err
		}),
		"UpdateGroup": does(func(ctx context.Context, b *centertest.Behind) error {
			return b.Client.UpdateGroup(ctx, b.IDs.Group, access.Group{Name: "Developers"}, team)
		}),
		"DeleteGroup": does(func(ctx context.Context, b *centertest.Behind) error { return b.Client.DeleteGroup(ctx, b.IDs.Group) }),
		"CreateGroupMembership": does(func(ctx context.Context, b *centertest.Behind) error {
			return b.Client.CreateGroupMembership(ctx, b.IDs.Group, b.IDs.User)
		}),
		"DeleteGroupMembership": does(func(ctx context.Context, b *centertest.Behind) error {
			return b.Client.DeleteGroupMembership(ctx, nobody)
		}),
	}
}

func setCalls() map[string]call {
	return map[string]call{
		"ListPermissionSets": lists(func(b *centertest.Behind) identitycenter.List[string] { return b.Client.ListPermissionSets() }),
		"DescribePermissionSet": reads(func(ctx context.Context, b *centertest.Behind) (identitycenter.Described, diag.Evidence, error) {
			return b.Client.DescribePermissionSet(ctx, b.IDs.Set)
		}),
		"ListTagsForResource": reads(func(ctx context.Context, b *centertest.Behind) ([]access.Tag, diag.Evidence, error) {
			return b.Client.ListTagsForResource(ctx, b.IDs.Set)
		}),
		"ListManagedPoliciesInPermissionSet": reads(func(ctx context.Context, b *centertest.Behind) ([]string, diag.Evidence, error) {
			return b.Client.ListManagedPolicies(ctx, b.IDs.Set)
		}),
		"ListCustomerManagedPolicyReferencesInPermissionSet": reads(func(ctx context.Context, b *centertest.Behind) ([]access.CustomerPolicy, diag.Evidence, error) {
			return b.Client.ListCustomerPolicies(ctx, b.IDs.Set)
		}),
		"GetInlinePolicyForPermissionSet": reads(func(ctx context.Context, b *centertest.Behind) (string, diag.Evidence, error) {
			return b.Client.GetInlinePolicy(ctx, b.IDs.Set)
		}),
		"GetPermissionsBoundaryForPermissionSet": reads(func(ctx context.Context, b *centertest.Behind) (access.Boundary, diag.Evidence, error) {
			return b.Client.GetPermissionsBoundary(ctx, b.IDs.Set)
		}),
		"ListAccountsForProvisionedPermissionSet": reads(func(ctx context.Context, b *centertest.Behind) ([]string, diag.Evidence, error) {
			return b.Client.ListAccountsForProvisionedPermissionSet(ctx, b.IDs.Set, identitycenter.EitherVersion)
		}),
		"ListPermissionSetsProvisionedToAccount": reads(func(ctx context.Context, b *centertest.Behind) ([]string, diag.Evidence, error) {
			return b.Client.ListPermissionSetsProvisionedToAccount(ctx, b.IDs.Account, identitycenter.EitherVersion)
		}),
	}
}

func setWrites() map[string]call {
	const policy = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	own := access.CustomerPolicy{Name: "own", Path: "/"}
	write := func(f func(c *identitycenter.Client, ctx context.Context, arn string) error) call {
		return does(func(ctx context.Context, b *centertest.Behind) error { return f(b.Client, ctx, b.IDs.Set) })
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
	pair := func(b *centertest.Behind) access.SetInAccount {
		return access.SetInAccount{SetARN: b.IDs.Set, Account: b.IDs.Account}
	}
	key := func(b *centertest.Behind) access.AssignmentID {
		return access.AssignmentID{SetInAccount: pair(b), Kind: access.GroupPrincipal, Principal: b.IDs.Group}
	}
	jobs := func(kind identitycenter.JobKind) call {
		return lists(func(b *centertest.Behind) identitycenter.List[identitycenter.Job] { return b.Client.ListJobs(kind, "") })
	}
	job := func(kind identitycenter.JobKind) call {
		return reads(func(ctx context.Context, b *centertest.Behind) (identitycenter.Job, diag.Evidence, error) {
			return b.Client.DescribeJob(ctx, kind, nobody)
		})
	}
	return map[string]call{
		"ListAccountAssignments": reads(func(ctx context.Context, b *centertest.Behind) ([]access.AssignmentID, diag.Evidence, error) {
			return b.Client.ListAccountAssignments(ctx, pair(b))
		}),
		"ListAccountAssignmentsForPrincipal": lists(func(b *centertest.Behind) identitycenter.List[access.AssignmentID] {
			return b.Client.ListAccountAssignmentsForPrincipal(access.GroupPrincipal, b.IDs.Group, "")
		}),
		"ListApplicationAssignmentsForPrincipal": reads(func(ctx context.Context, b *centertest.Behind) ([]string, diag.Evidence, error) {
			return b.Client.ListApplicationAssignmentsForPrincipal(ctx, b.IDs.Group)
		}),
		"CreateAccountAssignment": does(func(ctx context.Context, b *centertest.Behind) error {
			_, err := b.Client.CreateAccountAssignment(ctx, key(b))
			return err
		}),
		"DeleteAccountAssignment": does(func(ctx context.Context, b *centertest.Behind) error {
			_, err := b.Client.DeleteAccountAssignment(ctx, key(b))
			return err
		}),
		"ProvisionPermissionSet": does(func(ctx context.Context, b *centertest.Behind) error {
			_, err := b.Client.ProvisionPermissionSet(ctx, b.IDs.Set, "")
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
		b := centertest.NewBehind(t, o.IAMAction())
		_, err := table[o.Name](t.Context(), b)
		centertest.CheckFinding(t, b.Client.Explain(err), identitycenter.CodeAccessDenied, o.IAMAction())
	}
}
