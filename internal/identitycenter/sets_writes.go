package identitycenter

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// The operations of sso-admin on permission sets that write. Each is sent once,
// and tells the client's memory.

// CreatePermissionSet makes a set with its tags. It returns the ARN, and how far
// AWS's clock is ahead of ours.
func (c *Client) CreatePermissionSet(ctx context.Context, p access.PermissionSet) (string, time.Duration, error) {
	out, err := c.sso.CreatePermissionSet(ctx, &ssoadmin.CreatePermissionSetInput{
		InstanceArn: c.arn(), Name: &p.Name, Description: optional(p.Description), SessionDuration: optional(p.SessionDuration),
		RelayState: optional(p.RelayState), Tags: mapped(p.Tags, awsTag),
	}, once)
	if err != nil {
		return "", 0, err
	}
	arn := aws.ToString(out.PermissionSet.PermissionSetArn)
	c.Tell(Wrote{Thing: access.SetThing, ID: arn, New: true})
	c.learnName(arn, p.Name)
	c.LearnMark(arn, MarkOf(p.Tags))
	return arn, skew(out.ResultMetadata), nil
}

// UpdatePermissionSet always sends all three attributes: AWS clears what is left
// out (hashicorp/terraform-provider-aws issue 17411). It returns how far AWS's
// clock is ahead of ours.
func (c *Client) UpdatePermissionSet(ctx context.Context, p access.PermissionSet) (time.Duration, error) {
	defer c.Tell(Wrote{Thing: access.SetThing, ID: p.ARN})
	out, err := c.sso.UpdatePermissionSet(ctx, &ssoadmin.UpdatePermissionSetInput{
		InstanceArn: c.arn(), PermissionSetArn: &p.ARN, Description: optional(p.Description),
		SessionDuration: optional(p.SessionDuration), RelayState: optional(p.RelayState),
	}, once)
	if err != nil {
		return 0, err
	}
	return skew(out.ResultMetadata), nil
}

// DeletePermissionSet deletes a set, which AWS refuses as long as it is anywhere.
// With again it is tried again for as long as reads are.
func (c *Client) DeletePermissionSet(ctx context.Context, arn string, again bool) error {
	retries := []func(*ssoadmin.Options){once}
	if again {
		retries = nil
	}
	defer c.Tell(Wrote{Thing: access.SetThing, ID: arn, New: true})
	return sent(c.sso.DeletePermissionSet(ctx, &ssoadmin.DeletePermissionSetInput{InstanceArn: c.arn(), PermissionSetArn: &arn}, retries...))
}

// TagResource puts tags on a set.
func (c *Client) TagResource(ctx context.Context, arn string, tags []access.Tag) error {
	return sent(c.sso.TagResource(ctx, &ssoadmin.TagResourceInput{InstanceArn: c.arn(), ResourceArn: &arn, Tags: mapped(tags, awsTag)}, once))
}

// UntagResource takes tags off a set.
func (c *Client) UntagResource(ctx context.Context, arn string, keys ...string) error {
	return sent(c.sso.UntagResource(ctx, &ssoadmin.UntagResourceInput{InstanceArn: c.arn(), ResourceArn: &arn, TagKeys: keys}, once))
}

func awsTag(t access.Tag) ssotypes.Tag {
	return ssotypes.Tag{Key: aws.String(t.Key), Value: aws.String(t.Value)}
}

// AttachManagedPolicy attaches an AWS managed policy.
func (c *Client) AttachManagedPolicy(ctx context.Context, arn, policy string) error {
	return sent(c.sso.AttachManagedPolicyToPermissionSet(ctx, &ssoadmin.AttachManagedPolicyToPermissionSetInput{
		InstanceArn: c.arn(), PermissionSetArn: &arn, ManagedPolicyArn: &policy}, once))
}

// DetachManagedPolicy detaches an AWS managed policy.
func (c *Client) DetachManagedPolicy(ctx context.Context, arn, policy string) error {
	return sent(c.sso.DetachManagedPolicyFromPermissionSet(ctx, &ssoadmin.DetachManagedPolicyFromPermissionSetInput{
		InstanceArn: c.arn(), PermissionSetArn: &arn, ManagedPolicyArn: &policy}, once))
}

// AttachCustomerPolicy attaches a customer managed policy.
func (c *Client) AttachCustomerPolicy(ctx context.Context, arn string, p access.CustomerPolicy) error {
	return sent(c.sso.AttachCustomerManagedPolicyReferenceToPermissionSet(ctx, &ssoadmin.AttachCustomerManagedPolicyReferenceToPermissionSetInput{
		InstanceArn: c.arn(), PermissionSetArn: &arn, CustomerManagedPolicyReference: reference(p)}, once))
}

// DetachCustomerPolicy detaches a customer managed policy.
func (c *Client) DetachCustomerPolicy(ctx context.Context, arn string, p access.CustomerPolicy) error {
	return sent(c.sso.DetachCustomerManagedPolicyReferenceFromPermissionSet(ctx, &ssoadmin.DetachCustomerManagedPolicyReferenceFromPermissionSetInput{
		InstanceArn: c.arn(), PermissionSetArn: &arn, CustomerManagedPolicyReference: reference(p)}, once))
}

func reference(p access.CustomerPolicy) *ssotypes.CustomerManagedPolicyReference {
	return &ssotypes.CustomerManagedPolicyReference{Name: aws.String(p.Name), Path: aws.String(p.Path)}
}

// PutInlinePolicy puts a set's inline policy in place of the one before.
func (c *Client) PutInlinePolicy(ctx context.Context, arn, document string) error {
	return sent(c.sso.PutInlinePolicyToPermissionSet(ctx, &ssoadmin.PutInlinePolicyToPermissionSetInput{
		InstanceArn: c.arn(), PermissionSetArn: &arn, InlinePolicy: &document}, once))
}

// DeleteInlinePolicy takes a set's inline policy away.
func (c *Client) DeleteInlinePolicy(ctx context.Context, arn string) error {
	return sent(c.sso.DeleteInlinePolicyFromPermissionSet(ctx, &ssoadmin.DeleteInlinePolicyFromPermissionSetInput{
		InstanceArn: c.arn(), PermissionSetArn: &arn}, once))
}

// PutPermissionsBoundary puts a set's permissions boundary in place of the one
// before.
func (c *Client) PutPermissionsBoundary(ctx context.Context, arn string, b access.Boundary) error {
	boundary := &ssotypes.PermissionsBoundary{CustomerManagedPolicyReference: reference(b.CustomerPolicy)}
	if b.ManagedPolicy != "" {
		boundary = &ssotypes.PermissionsBoundary{ManagedPolicyArn: &b.ManagedPolicy}
	}
	return sent(c.sso.PutPermissionsBoundaryToPermissionSet(ctx, &ssoadmin.PutPermissionsBoundaryToPermissionSetInput{
		InstanceArn: c.arn(), PermissionSetArn: &arn, PermissionsBoundary: boundary}, once))
}

// DeletePermissionsBoundary takes a set's permissions boundary away.
func (c *Client) DeletePermissionsBoundary(ctx context.Context, arn string) error {
	return sent(c.sso.DeletePermissionsBoundaryFromPermissionSet(ctx, &ssoadmin.DeletePermissionsBoundaryFromPermissionSetInput{
		InstanceArn: c.arn(), PermissionSetArn: &arn}, once))
}

// skew returns how far AWS's clock is ahead of ours, by the Date of an answer;
// leases are compared by AWS's clock. Without a Date it is 0.
func skew(meta middleware.Metadata) time.Duration {
	server, ok := awsmiddleware.GetServerTime(meta)
	if !ok {
		return 0
	}
	if d := server.Sub(time.Now().Round(0)); d.Abs() > time.Second { // Date has whole seconds
		return d
	}
	return 0
}
