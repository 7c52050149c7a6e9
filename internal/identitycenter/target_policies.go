package identitycenter

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

func (t *Target) attachManaged(ctx context.Context, ch plan.Change) error {
	arn, err := t.set(ch)
	if err != nil {
		return err
	}
	_, err = t.c.sso.AttachManagedPolicyToPermissionSet(ctx, &ssoadmin.AttachManagedPolicyToPermissionSetInput{
		InstanceArn: t.arn(), PermissionSetArn: &arn, ManagedPolicyArn: aws.String(ch.Key.Policy),
	}, once)
	return t.soIfConflict(err, func() (bool, error) { return t.hasManaged(ctx, arn, ch.Key.Policy) })
}

func (t *Target) detachManaged(ctx context.Context, ch plan.Change) error {
	arn, err := t.set(ch)
	if err != nil {
		return err
	}
	_, err = t.c.sso.DetachManagedPolicyFromPermissionSet(ctx, &ssoadmin.DetachManagedPolicyFromPermissionSetInput{
		InstanceArn: t.arn(), PermissionSetArn: &arn, ManagedPolicyArn: aws.String(ch.Key.Policy),
	}, once)
	return t.goneIfNotFound(err, func() (bool, error) { return t.hasManaged(ctx, arn, ch.Key.Policy) })
}

func (t *Target) hasManaged(ctx context.Context, arn, policy string) (bool, error) {
	have, err := t.c.managedPolicies(ctx, arn)
	return slices.Contains(have, policy), err
}

func (t *Target) attachCustomer(ctx context.Context, ch plan.Change) error {
	arn, err := t.set(ch)
	if err != nil {
		return err
	}
	policy := access.ParseCustomerPolicy(ch.Key.Policy)
	_, err = t.c.sso.AttachCustomerManagedPolicyReferenceToPermissionSet(ctx, &ssoadmin.AttachCustomerManagedPolicyReferenceToPermissionSetInput{
		InstanceArn: t.arn(), PermissionSetArn: &arn, CustomerManagedPolicyReference: reference(policy),
	}, once)
	return t.soIfConflict(err, func() (bool, error) { return t.hasCustomer(ctx, arn, policy) })
}

func (t *Target) detachCustomer(ctx context.Context, ch plan.Change) error {
	arn, err := t.set(ch)
	if err != nil {
		return err
	}
	policy := access.ParseCustomerPolicy(ch.Key.Policy)
	_, err = t.c.sso.DetachCustomerManagedPolicyReferenceFromPermissionSet(ctx, &ssoadmin.DetachCustomerManagedPolicyReferenceFromPermissionSetInput{
		InstanceArn: t.arn(), PermissionSetArn: &arn, CustomerManagedPolicyReference: reference(policy),
	}, once)
	return t.goneIfNotFound(err, func() (bool, error) { return t.hasCustomer(ctx, arn, policy) })
}

func (t *Target) hasCustomer(ctx context.Context, arn string, policy access.CustomerPolicy) (bool, error) {
	have, err := t.c.customerPolicies(ctx, arn)
	return slices.Contains(have, policy), err
}

func reference(p access.CustomerPolicy) *ssotypes.CustomerManagedPolicyReference {
	return &ssotypes.CustomerManagedPolicyReference{Name: aws.String(p.Name), Path: aws.String(p.Path)}
}

func (t *Target) putInline(ctx context.Context, ch plan.Change) error {
	arn, err := t.set(ch)
	if err != nil {
		return err
	}
	_, err = t.c.sso.PutInlinePolicyToPermissionSet(ctx, &ssoadmin.PutInlinePolicyToPermissionSetInput{
		InstanceArn: t.arn(), PermissionSetArn: &arn, InlinePolicy: &ch.After.Document,
	}, once)
	return err
}

func (t *Target) deleteInline(ctx context.Context, ch plan.Change) error {
	arn, err := t.set(ch)
	if err != nil {
		return err
	}
	_, err = t.c.sso.DeleteInlinePolicyFromPermissionSet(ctx, &ssoadmin.DeleteInlinePolicyFromPermissionSetInput{
		InstanceArn: t.arn(), PermissionSetArn: &arn,
	}, once)
	return t.goneIfNotFound(err, func() (bool, error) {
		have, err := t.c.inlinePolicy(ctx, arn)
		return have != "", err
	})
}

func (t *Target) putBoundary(ctx context.Context, ch plan.Change) error {
	arn, err := t.set(ch)
	if err != nil {
		return err
	}
	boundary := &ssotypes.PermissionsBoundary{ManagedPolicyArn: optional(ch.After.Boundary.ManagedPolicy)}
	if boundary.ManagedPolicyArn == nil {
		boundary.CustomerManagedPolicyReference = reference(ch.After.Boundary.CustomerPolicy)
	}
	_, err = t.c.sso.PutPermissionsBoundaryToPermissionSet(ctx, &ssoadmin.PutPermissionsBoundaryToPermissionSetInput{
		InstanceArn: t.arn(), PermissionSetArn: &arn, PermissionsBoundary: boundary,
	}, once)
	return err
}

func (t *Target) deleteBoundary(ctx context.Context, ch plan.Change) error {
	arn, err := t.set(ch)
	if err != nil {
		return err
	}
	_, err = t.c.sso.DeletePermissionsBoundaryFromPermissionSet(ctx, &ssoadmin.DeletePermissionsBoundaryFromPermissionSetInput{
		InstanceArn: t.arn(), PermissionSetArn: &arn,
	}, once)
	return t.goneIfNotFound(err, func() (bool, error) {
		have, err := t.c.boundary(ctx, arn)
		return !have.IsZero(), err
	})
}

// soIfConflict says that what conflicts is done where it is so already.
func (t *Target) soIfConflict(err error, isSo func() (bool, error)) error {
	if !isConflict(err) {
		return err
	}
	so, look := isSo()
	if look != nil {
		return look
	}
	if so {
		return nil
	}
	return err
}

// goneIfNotFound says that removing what is not there is done.
func (t *Target) goneIfNotFound(err error, isThere func() (bool, error)) error {
	if !isNotFound(err) {
		return err
	}
	there, look := isThere()
	switch {
	case isNotFound(look):
		return nil // the set itself is gone
	case look != nil:
		return look
	case there:
		return err
	default:
		return nil
	}
}
