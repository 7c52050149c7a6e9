package identitycenter

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// findInstance finds the organization instance of the Region.
func (c *Client) findInstance(ctx context.Context, wanted string) error {
	found, _, err := c.listInstances().All(ctx)
	if err != nil {
		return err
	}
	if err := c.chooseInstance(found, wanted); err != nil {
		return err
	}
	return c.place(ctx)
}

func (c *Client) chooseInstance(found []ssotypes.InstanceMetadata, wanted string) error {
	var candidates []ssotypes.InstanceMetadata
	for _, i := range found {
		switch {
		case wanted != "" && aws.ToString(i.InstanceArn) != wanted:
		case wanted == "" && c.isAccountInstance(i):
			c.notes = append(c.notes, skippedAccountInstance(i))
		default:
			candidates = append(candidates, i)
		}
	}
	switch len(candidates) {
	case 0:
		return Failure{Finding: c.noInstance(found, wanted)}
	case 1:
	default:
		return Failure{Finding: severalInstances(candidates)}
	}
	i := candidates[0]
	if i.Status != "" && i.Status != ssotypes.InstanceStatusActive {
		return Failure{Finding: inactiveInstance(i)}
	}
	if aws.ToString(i.IdentityStoreId) == "" {
		return &foreignAnswer{says: fmt.Sprintf("the answer to ListInstances has the instance %s without its identity store", aws.ToString(i.InstanceArn))}
	}
	c.instance = Instance{
		ARN: aws.ToString(i.InstanceArn), IdentityStoreID: aws.ToString(i.IdentityStoreId),
		OwnerAccount: aws.ToString(i.OwnerAccountId), Region: c.region,
	}
	return nil
}

// isAccountInstance says whether the instance belongs to one account only: an
// organization instance is owned by the management account. Where that account
// is not known, an instance of the caller's own account is taken.
func (c *Client) isAccountInstance(i ssotypes.InstanceMetadata) bool {
	owner := aws.ToString(i.OwnerAccountId)
	return c.caller.ManagementAccount != "" && owner != "" && owner != c.caller.ManagementAccount
}

func skippedAccountInstance(i ssotypes.InstanceMetadata) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Note, Code: CodeAccountInstance,
		Summary: fmt.Sprintf("the account instance %s of account %s is skipped", aws.ToString(i.InstanceArn), aws.ToString(i.OwnerAccountId)),
		Detail:  "An account instance cannot grant access to AWS accounts; rolecall manages the organization instance.",
	}.With(diag.Option("To use it anyway, name it with ", "instance_arn", "."))
}

func (c *Client) noInstance(found []ssotypes.InstanceMetadata, wanted string) diag.Diagnostic {
	d := diag.Diagnostic{
		Severity: diag.Error, Code: CodeNoInstance,
		Summary: fmt.Sprintf("no organization instance of IAM Identity Center in Region %s", c.region),
		Detail: fmt.Sprintf("ListInstances of Region %s, asked as account %s, lists no organization instance. "+
			"An instance lives in one Region, and only its own Region lists it.", c.region, c.caller.Account),
		Evidence: []diag.Evidence{{System: System, What: "sso:ListInstances in " + c.region, Saw: fmt.Sprintf("%d instances", len(found))}},
	}.With(diag.Option("Set the instance's Region with ", "region", " or AWS_REGION (the IAM Identity Center console shows it under Settings), "+
		"or use credentials of the management account or of the delegated administrator."))
	if wanted != "" {
		d.Summary = fmt.Sprintf("no instance %s in Region %s", wanted, c.region)
		d.Detail = fmt.Sprintf("ListInstances of Region %s, asked as account %s, lists %s.", c.region, c.caller.Account, instanceNames(found))
		d = d.With(diag.Option("Check the instance's ARN and the Region (", "region", " or AWS_REGION)."))
	}
	return d
}

func severalInstances(found []ssotypes.InstanceMetadata) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: CodeSeveralInstances,
		Summary: "several instances of IAM Identity Center could be meant",
		Detail:  "ListInstances lists " + instanceNames(found) + ".",
	}.With(diag.Option("Name one with ", "instance_arn", "."))
}

func inactiveInstance(i ssotypes.InstanceMetadata) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: CodeNoInstance,
		Summary: fmt.Sprintf("the instance %s is not active: %s", aws.ToString(i.InstanceArn), i.Status),
		Detail:  aws.ToString(i.StatusReason),
		Hint:    "Wait until IAM Identity Center shows the instance as active, or look at its settings in the console.",
	}
}

func instanceNames(found []ssotypes.InstanceMetadata) string {
	if len(found) == 0 {
		return "none"
	}
	names := make([]string, len(found))
	for i, f := range found {
		names[i] = aws.ToString(f.InstanceArn)
	}
	return strings.Join(names, ", ")
}
