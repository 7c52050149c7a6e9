package write

import (
	"context"
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// policyWrite is a write of a policy, and how to see whether what it wants is so.
type policyWrite struct {
	put, drop func() error
	isSo      func() (bool, error)
}

// policyOf returns how a kind of policy is written.
func (t *Target) policyOf(ctx context.Context, ch plan.Change, arn string) policyWrite {
	c, will, customer := t.c, after(ch), access.ParseCustomerPolicy(ch.Key.Policy)
	switch ch.Kind {
	case plan.ManagedPolicy:
		return policyWrite{func() error { return c.AttachManagedPolicy(ctx, arn, ch.Key.Policy) }, func() error { return c.DetachManagedPolicy(ctx, arn, ch.Key.Policy) }, func() (bool, error) {
			have, _, err := c.ListManagedPolicies(ctx, arn)
			return slices.Contains(have, ch.Key.Policy) == (ch.Action != plan.Delete), err
		}}
	case plan.CustomerManagedPolicy:
		return policyWrite{func() error { return c.AttachCustomerPolicy(ctx, arn, customer) }, func() error { return c.DetachCustomerPolicy(ctx, arn, customer) }, func() (bool, error) {
			have, _, err := c.ListCustomerPolicies(ctx, arn)
			return slices.Contains(have, customer) == (ch.Action != plan.Delete), err
		}}
	case plan.InlinePolicy:
		return policyWrite{func() error { return c.PutInlinePolicy(ctx, arn, will.Document) }, func() error { return c.DeleteInlinePolicy(ctx, arn) }, func() (bool, error) {
			have, _, err := c.GetInlinePolicy(ctx, arn)
			return have == access.CanonicalPolicy(will.Document), err
		}}
	default:
		return policyWrite{func() error { return c.PutPermissionsBoundary(ctx, arn, boundaryOf(will)) }, func() error { return c.DeletePermissionsBoundary(ctx, arn) }, func() (bool, error) {
			have, _, err := c.GetPermissionsBoundary(ctx, arn)
			return have == boundaryOf(will), err
		}}
	}
}

// writePolicy puts a policy on a set or takes it off. What conflicts, or is not
// found to be taken off, is done where it is so already.
func (t *Target) writePolicy(ctx context.Context, ch plan.Change, arn string) error {
	policy := t.policyOf(ctx, ch, arn)
	do, remove := policy.put, ch.Action == plan.Delete
	if remove {
		do = policy.drop
	}
	err := do()
	switch {
	case identitycenter.IsNotFound(err) && ch.Key.Policy != "" && !remove:
		return t.unknownPolicy(ch, policy, err)
	case !identitycenter.IsConflict(err) && !(remove && identitycenter.IsNotFound(err)):
		return err
	}
	so, lookErr := policy.isSo()
	switch {
	case remove && identitycenter.IsNotFound(lookErr):
		return nil // the set itself is gone
	case lookErr != nil:
		return lookErr
	case so:
		return nil
	default:
		return err
	}
}

// unknownPolicy explains that something was not found when a policy was attached.
// Where AWS lists the policies of the set, it is the policy that it does not know,
// which no waiting brings; a set that was just made may not be there yet.
func (t *Target) unknownPolicy(ch plan.Change, policy policyWrite, err error) error {
	_, lookErr := policy.isSo()
	switch {
	case identitycenter.IsNotFound(lookErr):
		return err
	case lookErr != nil:
		return lookErr
	}
	d := t.c.Finding(err)
	d.Summary = fmt.Sprintf("permission set %q cannot have the policy %s: AWS does not know it", ch.Key.PermissionSet, ch.Key.Policy)
	d.Hint = "Correct the policy's ARN in the config; the IAM console lists AWS's managed policies."
	return &judged{err.Error(), apply.Verdict{Cause: apply.Permanent, Finding: d}}
}
