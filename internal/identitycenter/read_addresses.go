package identitycenter

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// findHolders makes known who has an e-mail address that the config gives to
// somebody who does not have it yet, since AWS gives each to one user only, or by
// which it names somebody who is to be removed. Where all users are listed that
// costs nothing, else one call for each such address, and one more where somebody
// has it.
func (r *reader) findHolders(ctx context.Context) error {
	if r.allUsers {
		return nil
	}
	r.findFolded()
	known := map[string]bool{}
	r.mu.Lock()
	for _, u := range r.users {
		known[strings.ToLower(u.Email)] = true
	}
	r.mu.Unlock()
	var wanted []string
	for _, u := range r.want.Users {
		address := u.Email
		if u.Remove {
			address = r.addressOf(u)
		}
		if address != "" && !known[strings.ToLower(address)] {
			wanted = append(wanted, address)
		}
	}
	return each(ctx, r, "e-mail addresses", wanted, func(ctx context.Context, email string) error {
		u, found, err := r.c.findByEmail(ctx, email)
		if err != nil {
			return fmt.Errorf("look up who has the e-mail address %q: %w", email, err)
		}
		if found {
			r.addUser(u)
		}
		return nil
	})
}

// addressOf returns the name of a user to be removed whom AWS does not have by it,
// where it may be an e-mail address.
func (r *reader) addressOf(u access.User) string {
	if _, there := r.userID[u.Username]; there || !strings.Contains(u.Username, "@") {
		return ""
	}
	return u.Username
}

// findFolded makes known who has a user name of the config in other case, among
// those who were listed already.
func (r *reader) findFolded() {
	if r.c.memory == nil {
		return // all that were listed are known
	}
	for _, u := range r.want.Users {
		if _, there := r.userID[u.Username]; there {
			continue
		}
		if have, found := r.c.memory.users.known(func(have access.User) bool { return strings.EqualFold(have.Username, u.Username) }); found {
			r.addUser(have)
		}
	}
}

// findByEmail finds the user who has an e-mail address.
func (c *Client) findByEmail(ctx context.Context, email string) (access.User, bool, error) {
	if c.memory != nil {
		return c.memory.users.findBy(ctx, func(u access.User) bool { return strings.EqualFold(u.Email, email) },
			func(ctx context.Context) (access.User, error) { return c.userByEmail(ctx, email) })
	}
	u, err := c.userByEmail(ctx, email)
	if isNoName(err) {
		return u, false, nil
	}
	return u, err == nil, err
}

// userByEmail gives the user who has an e-mail address.
func (c *Client) userByEmail(ctx context.Context, email string) (access.User, error) {
	out, err := c.store.GetUserId(ctx, &identitystore.GetUserIdInput{
		IdentityStoreId: &c.instance.IdentityStoreID, AlternateIdentifier: byAttribute("emails.value", email),
	})
	if err != nil {
		return access.User{}, err
	}
	return c.user(ctx, aws.ToString(out.UserId))
}
