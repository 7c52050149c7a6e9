package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// isNoName says that nobody has the name: AWS knows none, or it is not one that
// AWS would take, such as a user name with a blank.
func isNoName(err error) bool { return isNotFound(err) || errorCode(err) == "ValidationException" }

// findUser looks a user up by user name, else by e-mail address.
func (r *accessReader) findUser(ctx context.Context, name string) (access.User, error) {
	u, err := r.c.userByName(ctx, name)
	if !isNoName(err) || !strings.Contains(name, "@") {
		return u, err
	}
	return r.c.userByEmail(ctx, name)
}

// readGroupsOf reads the groups of a user. Of their members nothing but that
// one is known then.
func (r *accessReader) readGroupsOf(ctx context.Context, user string) error {
	in, _, err := r.c.listGroupsOf(ctx, user)
	if err != nil {
		return fmt.Errorf("list the groups of user %q: %w", r.users[user].Username, err)
	}
	for _, b := range in {
		r.members[b.group] = []member{{user: user, id: b.membership}}
	}
	if err := r.findGroups(ctx, slices.Sorted(maps.Keys(r.members))); err != nil {
		return err
	}
	for id := range r.members {
		if _, ok := r.groups[id]; !ok { // deleted since it was listed
			delete(r.members, id)
		}
	}
	return nil
}

// lookUp makes things known by id in as few calls as can be promised without
// knowing how many of them there are: pages are listed as long as they cost no
// more than asking one by one would, then the rest is asked one by one. That
// is never more than twice the cheapest way.
type lookUp struct {
	what string
	few  int // so many are rather asked one by one, which is done side by side
	// missing gives the ids that are not known yet.
	missing func() []string
	page    func(ctx context.Context, token *string) (*string, error)
	one     func(ctx context.Context, id string) error
}

func (r *accessReader) lookUp(ctx context.Context, l lookUp) error {
	if left := len(l.missing()); left > l.few {
		err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
			next, err := l.page(ctx, token)
			if left--; left == 0 || len(l.missing()) == 0 {
				return nil, err
			}
			return next, err
		})
		if err != nil {
			return err
		}
	}
	return each(ctx, r.reader, l.what, l.missing(), l.one)
}

// without gives the ids that are not yet keys of the table.
func without[V any](r *reader, ids []string, table map[string]V) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, id := range ids {
		if _, ok := table[id]; !ok {
			out = append(out, id)
		}
	}
	return out
}

// findGroups makes groups known by id. Those that do not exist any more are
// orphans, should an assignment name them.
func (r *accessReader) findGroups(ctx context.Context, ids []string) error {
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	err := r.lookUp(ctx, lookUp{
		what: "groups", few: 8,
		missing: func() []string { return without(r.reader, ids, r.groups) },
		page:    r.groupPage,
		one: func(ctx context.Context, id string) error {
			g, err := r.c.group(ctx, id)
			if err != nil {
				return r.gone(id, err)
			}
			r.addGroup(g)
			return nil
		},
	})
	for id, g := range r.groups { // what the pages had beside
		if !wanted[id] {
			delete(r.groups, id)
			delete(r.groupID, g.Name)
		}
	}
	if err != nil {
		return fmt.Errorf("look up groups: %w", err)
	}
	return nil
}

// gone notes that a principal does not exist any more; any other error stays.
func (r *accessReader) gone(id string, err error) error {
	if !isNotFound(err) {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.orphans[id] = true
	return nil
}

func (r *accessReader) groupPage(ctx context.Context, token *string) (*string, error) {
	out, err := r.c.store.ListGroups(ctx, &identitystore.ListGroupsInput{
		IdentityStoreId: &r.c.instance.IdentityStoreID, MaxResults: aws.Int32(pageSize), NextToken: token,
	})
	if err != nil {
		return nil, fmt.Errorf("list groups: %w", err)
	}
	for _, g := range out.Groups {
		r.addGroup(groupOf(g.GroupId, g.DisplayName, g.Description, g.ExternalIds))
	}
	return out.NextToken, nil
}

// findAccount finds an account by id or name; without an id where there is
// none. An account given by id whose name AWS refuses to tell is as good as
// found: whether it exists shows in its permission sets.
func (r *accessReader) findAccount(ctx context.Context, idOrName string) (access.Account, error) {
	if access.IsAccountID(idOrName) {
		return r.findAccountByID(ctx, idOrName)
	}
	if err := r.readAccounts(ctx); err != nil {
		return access.Account{}, err
	}
	found := access.NewAccountIndex(r.accounts).Find(idOrName)
	switch {
	case found.At >= 0:
		return r.accounts[found.At], nil
	case len(found.Same) == 0:
		return access.Account{}, nil
	}
	ids := make([]string, len(found.Same))
	for i, row := range found.Same {
		if ids[i] = r.accounts[row].ID; !r.accounts[row].Active() {
			ids[i] += " (" + r.accounts[row].State + ")"
		}
	}
	return access.Account{}, failure{finding: diag.Diagnostic{
		Severity: diag.Error, Code: CodeAccountTwice, Summary: found.Unclear(idOrName),
		Detail: "Their ids: " + strings.Join(ids, ", ") + ".", Hint: "Give the id of the one that is meant.",
	}}
}

func (r *accessReader) findAccountByID(ctx context.Context, id string) (access.Account, error) {
	err := r.describeAccount(ctx, id)
	if isAccessDenied(err) {
		err = r.listAccountsUntil(ctx, func() bool { return len(r.unknownAccounts([]string{id})) == 0 })
	}
	if isAccessDenied(err) {
		r.cannotSee(unseenAccounts)
		return access.Account{ID: id, Management: id == r.c.caller.ManagementAccount}, nil
	}
	for _, a := range r.accounts {
		if a.ID == id && err == nil {
			return a, nil
		}
	}
	r.accounts = nil // their names are no hint to an id
	return access.Account{}, err
}

// describeAccount makes an account known by id; one that is not in the
// organization stays unknown.
func (r *accessReader) describeAccount(ctx context.Context, id string) error {
	out, err := r.c.orgs.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &id})
	var missing *orgtypes.AccountNotFoundException
	if errors.As(err, &missing) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("describe account %s: %w", id, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.addAccount(*out.Account)
	return nil
}

// listAccountsUntil lists accounts until enough are known or there are no more.
func (r *accessReader) listAccountsUntil(ctx context.Context, enough func() bool) error {
	return eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		next, err := r.accountPage(ctx, token)
		if err == nil && enough() {
			return nil, nil
		}
		return next, err
	})
}

func (r *accessReader) accountPage(ctx context.Context, token *string) (*string, error) {
	out, err := r.c.orgs.ListAccounts(ctx, &organizations.ListAccountsInput{NextToken: token})
	if err != nil {
		return nil, fmt.Errorf("list the organization's accounts: %w", err)
	}
	for _, a := range out.Accounts {
		r.addAccount(a)
	}
	return out.NextToken, nil
}
