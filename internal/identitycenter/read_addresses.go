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
// somebody who does not have it yet: AWS gives each to one user only. Where all
// users are listed that costs nothing, else one call for each such address, and
// one more where somebody has it.
func (r *reader) findHolders(ctx context.Context) error {
	if r.allUsers {
		return nil
	}
	known := map[string]bool{}
	for _, u := range r.users {
		known[strings.ToLower(u.Email)] = true
	}
	var wanted []string
	for _, u := range r.want.Users {
		if u.Email != "" && !u.Remove && !known[strings.ToLower(u.Email)] {
			wanted = append(wanted, u.Email)
		}
	}
	return each(ctx, r, "e-mail addresses", wanted, func(ctx context.Context, email string) error {
		u, err := r.c.userByEmail(ctx, email)
		if isNoName(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look up who has the e-mail address %q: %w", email, err)
		}
		r.addUser(u)
		return nil
	})
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
