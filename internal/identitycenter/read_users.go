package identitycenter

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// needsAllUsers says whether the config defines or removes users: then people
// who are in AWS and not in the config have to be listed too.
func (r *reader) needsAllUsers() bool {
	if len(r.o.Only) > 0 {
		return false
	}
	for _, u := range r.want.Users {
		if !u.Referenced {
			return true
		}
	}
	return false
}

// listUsers lists users until there are no more, the number of pages is used
// up (-1: no limit), or done says that enough are known.
func (r *reader) listUsers(ctx context.Context, limit int, done func() bool) error {
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		users, next, err := r.c.pageOfUsers(ctx, token)
		if err != nil {
			return nil, err
		}
		for _, u := range users {
			r.addUser(u)
		}
		r.nextUsers = next
		if aws.ToString(next) == "" {
			r.allUsers = true
			return nil, nil
		}
		limit--
		if limit == 0 || done != nil && done() {
			return nil, nil
		}
		return next, nil
	})
	if err != nil {
		return fmt.Errorf("list users: %w", err)
	}
	return nil
}

// everybody makes all users known.
func (r *reader) everybody(ctx context.Context) error {
	if r.c.memory == nil {
		return r.listUsers(ctx, -1, nil)
	}
	users, err := r.c.memory.users.all(ctx)
	if err != nil {
		return fmt.Errorf("list users: %w", err)
	}
	for _, u := range users {
		r.addUser(u)
	}
	r.allUsers = true
	return nil
}

func (c *Client) pageOfUsers(ctx context.Context, token *string) ([]access.User, *string, error) {
	out, err := c.store.ListUsers(ctx, &identitystore.ListUsersInput{
		IdentityStoreId: &c.instance.IdentityStoreID, MaxResults: aws.Int32(pageSize), NextToken: token,
	})
	if err != nil {
		return nil, nil, err
	}
	users := make([]access.User, len(out.Users))
	for i, u := range out.Users {
		users[i] = userOf(u)
	}
	return users, out.NextToken, nil
}

func (r *reader) addUser(u access.User) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.users[u.ID] = u
	r.userID[u.Username] = u.ID
}

func userOf(u storetypes.User) access.User {
	out := access.User{
		ID: aws.ToString(u.UserId), Username: aws.ToString(u.UserName), DisplayName: aws.ToString(u.DisplayName),
		SCIM: len(u.ExternalIds) > 0, Disabled: u.UserStatus == storetypes.UserStatusDisabled,
	}
	if u.Name != nil {
		out.GivenName, out.FamilyName = aws.ToString(u.Name.GivenName), aws.ToString(u.Name.FamilyName)
	}
	for _, e := range u.Emails { // at most one
		out.Email = aws.ToString(e.Value)
	}
	return out
}

// findUsers makes users known by name and by id, in as few calls as can be
// promised without knowing the store's size: pages are listed as long as they
// cost no more than look-ups would, then the rest is looked up. That is never
// more than twice the cheapest way.
func (r *reader) findUsers(ctx context.Context, byName, byID []string) error {
	missing := func() (names, ids []string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.allUsers {
			return nil, nil
		}
		for _, n := range byName {
			if _, ok := r.userID[n]; !ok {
				names = append(names, n)
			}
		}
		for _, id := range byID {
			if _, ok := r.users[id]; !ok {
				ids = append(ids, id)
			}
		}
		return names, ids
	}
	lookUps := func() int {
		names, ids := missing()
		return 2*len(names) + len(ids)
	}
	const fewLookUps = 8                                     // side by side they are sooner done than pages one by one
	if n := lookUps(); n > fewLookUps && r.c.memory == nil { // a memory weighs that itself
		if err := r.listUsers(ctx, n, func() bool { return lookUps() == 0 }); err != nil {
			return err
		}
	}
	names, ids := missing()
	if err := each(ctx, r, "users", names, r.lookUpUser); err != nil {
		return err
	}
	return each(ctx, r, "users", ids, func(ctx context.Context, id string) error {
		_, err := r.describeUser(ctx, id)
		return err
	})
}

func (r *reader) lookUpUser(ctx context.Context, name string) error {
	u, found, err := r.c.findUser(ctx, "", name)
	if err != nil {
		return fmt.Errorf("look up user %q: %w", name, err)
	}
	if found {
		r.addUser(u)
	}
	return nil
}

// describeUser makes a user known by id; false where there is none.
func (r *reader) describeUser(ctx context.Context, id string) (bool, error) {
	u, found, err := r.c.findUser(ctx, id, "")
	if err != nil {
		return false, fmt.Errorf("describe user %s: %w", id, err)
	}
	if found {
		r.addUser(u)
	}
	return found, nil
}

// User gives the user with the id, whatever the name is now; false where there
// is none. Its error is a diagnostic.
func (c *Client) User(ctx context.Context, id string) (access.User, bool, error) {
	u, found, err := c.findUser(ctx, id, "")
	if err != nil {
		return u, false, c.explain(fmt.Errorf("describe user %s: %w", id, err))
	}
	return u, found, nil
}

// findUser finds a user by id, or by name where that is not "".
func (c *Client) findUser(ctx context.Context, id, name string) (access.User, bool, error) {
	if c.memory != nil {
		return c.memory.users.find(ctx, id, name)
	}
	look, key := c.user, id
	if name != "" {
		look, key = c.userByName, name
	}
	u, err := look(ctx, key)
	if isNotFound(err) {
		return u, false, nil
	}
	return u, err == nil, err
}

func (c *Client) userByName(ctx context.Context, name string) (access.User, error) {
	id, err := c.userID(ctx, name)
	if err != nil {
		return access.User{}, err
	}
	return c.user(ctx, id)
}

func (c *Client) userID(ctx context.Context, name string) (string, error) {
	out, err := c.store.GetUserId(ctx, &identitystore.GetUserIdInput{
		IdentityStoreId: &c.instance.IdentityStoreID, AlternateIdentifier: byAttribute("userName", name),
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.UserId), nil
}

func (c *Client) user(ctx context.Context, id string) (access.User, error) {
	out, err := c.store.DescribeUser(ctx, &identitystore.DescribeUserInput{IdentityStoreId: &c.instance.IdentityStoreID, UserId: &id})
	if err != nil {
		return access.User{}, err
	}
	return userOf(storetypes.User{
		UserId: out.UserId, UserName: out.UserName, DisplayName: out.DisplayName, Name: out.Name,
		Emails: out.Emails, ExternalIds: out.ExternalIds, UserStatus: out.UserStatus,
	}), nil
}

// byAttribute names a user or group by an attribute that is unique; the paths
// are spelled as the API reference does: userName, displayName.
func byAttribute(path, value string) storetypes.AlternateIdentifier {
	return &storetypes.AlternateIdentifierMemberUniqueAttribute{Value: storetypes.UniqueAttribute{
		AttributePath: aws.String(path), AttributeValue: document.NewLazyDocument(value),
	}}
}
