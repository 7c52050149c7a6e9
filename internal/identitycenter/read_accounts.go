package identitycenter

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// readAccounts lists the organization's accounts; AWS looks none up by name.
func (r *reader) readAccounts(ctx context.Context) error {
	list := func() ([]orgtypes.Account, error) { return r.c.listAccounts(ctx) }
	if r.c.memory != nil {
		ask := list
		list = func() ([]orgtypes.Account, error) { return r.c.memory.accounts.get(ctx, ask) }
	}
	accounts, err := list()
	for _, a := range accounts {
		r.addAccount(a)
	}
	r.findAccounts()
	return err
}

// findAccounts finds what the desired accounts mean.
func (r *reader) findAccounts() {
	index := access.NewAccountIndex(r.accounts)
	for _, a := range r.o.Desired.Accounts {
		found := index.Find(a.Name)
		ids := make([]string, len(found.Same))
		for i, row := range found.Same {
			ids[i] = r.accounts[row].ID
		}
		r.accountID[a.Name] = ids
		if found.At >= 0 {
			r.meansAccount[a.Name] = r.accounts[found.At].ID
		}
	}
}

func (c *Client) listAccounts(ctx context.Context) ([]orgtypes.Account, error) {
	var accounts []orgtypes.Account
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.orgs.ListAccounts(ctx, &organizations.ListAccountsInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, out.Accounts...)
		return out.NextToken, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the organization's accounts: %w", err)
	}
	return onceBy(accounts, func(a orgtypes.Account) string { return aws.ToString(a.Id) }), nil
}

func (r *reader) addAccount(a orgtypes.Account) {
	account := access.Account{ID: aws.ToString(a.Id), Name: aws.ToString(a.Name), State: accountState(a)}
	account.Management = account.ID == r.c.caller.ManagementAccount
	r.accounts = append(r.accounts, account)
}

// accountState reads State, which replaces Status (retired on 2026-09-09), and
// falls back to Status where State is absent.
func accountState(a orgtypes.Account) string {
	if a.State != "" {
		return string(a.State)
	}
	return string(a.Status)
}

// accountIDs gives the ids that a desired account may stand for.
func (r *reader) accountIDs(a access.Account) []string {
	if a.ID != "" {
		return []string{a.ID}
	}
	return r.accountID[a.Name]
}
