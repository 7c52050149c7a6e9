package identitycenter

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// The operations of Organizations and STS. AWS looks no account up by name.

// AccountsPage is the most that ListAccounts returns in a page.
const AccountsPage = 20

// ListAccounts lists the organization's accounts.
func (c *Client) ListAccounts() List[access.Account] {
	return listOf("organizations:ListAccounts", "", accountID, func(ctx context.Context, token *string) (*organizations.ListAccountsOutput, error) {
		return c.orgs.ListAccounts(ctx, &organizations.ListAccountsInput{NextToken: token})
	}, func(out *organizations.ListAccountsOutput) []access.Account { return mapped(out.Accounts, c.accountOf) })
}

// DescribeAccount returns the account with the id.
func (c *Client) DescribeAccount(ctx context.Context, id string) (access.Account, diag.Evidence, error) {
	out, err := c.orgs.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &id})
	if err != nil {
		return access.Account{}, missed("organizations:DescribeAccount", id, err), fmt.Errorf("describe account %s: %w", id, err)
	}
	a := c.accountOf(*out.Account)
	return a, looked("organizations:DescribeAccount", id, fmt.Sprintf("%q, %s", a.Name, a.State), out.ResultMetadata), nil
}

// accountOf reads State, which replaces Status (retired on 2026-09-09), and falls
// back to Status where State is absent.
func (c *Client) accountOf(a orgtypes.Account) access.Account {
	account := access.Account{ID: aws.ToString(a.Id), Name: aws.ToString(a.Name), State: string(a.State)}
	if account.State == "" {
		account.State = string(a.Status)
	}
	account.Management = account.ID == c.caller.ManagementAccount
	return account
}

func accountID(a access.Account) string { return a.ID }

// describeOrganization returns the management account.
func (c *Client) describeOrganization(ctx context.Context) (string, error) {
	out, err := c.orgs.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if err != nil {
		return "", fmt.Errorf("describe the organization: %w", err)
	}
	return aws.ToString(out.Organization.MasterAccountId), nil
}

// listDelegatedAdministrators lists the accounts that manage IAM Identity Center
// for the management account. Only one of them, or that one, may ask.
func (c *Client) listDelegatedAdministrators() List[string] {
	return listOf("organizations:ListDelegatedAdministrators", ssoPrincipal, same, func(ctx context.Context, token *string) (*organizations.ListDelegatedAdministratorsOutput, error) {
		return c.orgs.ListDelegatedAdministrators(ctx, &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: aws.String(ssoPrincipal), NextToken: token})
	}, func(out *organizations.ListDelegatedAdministratorsOutput) []string {
		return mapped(out.DelegatedAdministrators, func(a orgtypes.DelegatedAdministrator) string { return aws.ToString(a.Id) })
	})
}

// getCallerIdentity returns the caller's account and ARN.
func (c *Client) getCallerIdentity(ctx context.Context) (account, arn string, err error) {
	out, err := c.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", "", fmt.Errorf("ask who is calling: %w", err)
	}
	return aws.ToString(out.Account), aws.ToString(out.Arn), nil
}
