package identitycenter

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// What AWS's model takes in a name; nobody has another one.
var (
	userNames  = regexp.MustCompile(`^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$`)
	groupNames = regexp.MustCompile(`^[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r \x{a0}\x{3000}]+$`)
)

// noSuchName is what a look-up ends with where nobody has the name.
var noSuchName = &storetypes.ResourceNotFoundException{Message: aws.String("nobody has this name")}

// UserBy returns the user with the value of an attribute: two calls, or one where
// there is none.
func (c *Client) UserBy(ctx context.Context, by UserAttribute, value string) (access.User, diag.Evidence, error) {
	if by == ByUserName && !userNames.MatchString(value) {
		return access.User{}, missed("identitystore:GetUserId", fmt.Sprintf("%s=%q", by, value), noSuchName), noSuchName
	}
	id, seen, err := c.GetUserID(ctx, by, value)
	switch {
	case IsInvalid(err):
		return inList(ctx, c.ListUsers(), fmt.Sprintf("%s=%q", by, value), func(u access.User) bool {
			return by == ByUserName && u.Username == value || by == ByEmail && strings.EqualFold(u.Email, value)
		})
	case err != nil:
		return access.User{}, seen, err
	}
	u, _, err := c.DescribeUser(ctx, id)
	return u, seen, err
}

// GroupBy returns the group with the name, as UserBy does.
func (c *Client) GroupBy(ctx context.Context, name string) (access.Group, diag.Evidence, error) {
	if !groupNames.MatchString(name) {
		return access.Group{}, missed("identitystore:GetGroupId", fmt.Sprintf("displayName=%q", name), noSuchName), noSuchName
	}
	id, seen, err := c.GetGroupID(ctx, name)
	switch {
	case IsInvalid(err):
		return inList(ctx, c.ListGroups(), fmt.Sprintf("displayName=%q", name), func(g access.Group) bool { return g.Name == name })
	case err != nil:
		return access.Group{}, seen, err
	}
	g, _, err := c.DescribeGroup(ctx, id)
	return g, seen, err
}

// inList looks for what AWS refuses to look up though it may be there
// (hashicorp/terraform-provider-aws issue 49166 reports displayName refused).
func inList[T any](ctx context.Context, list List[T], about string, is func(T) bool) (T, diag.Evidence, error) {
	for pages := list.Pages(); !pages.Ended; {
		some, err := pages.Next(ctx)
		if err != nil {
			return *new(T), diag.Evidence{}, err
		}
		for _, one := range some {
			if is(one) {
				return one, list.Seen(about, "found"), nil
			}
		}
	}
	return *new(T), list.Seen(about, "none"), noSuchName
}
