package identitycenter

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/smithy-go/middleware"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Users gives all users: a call for each hundred.
func (d *Diagnosis) Users(ctx context.Context) ([]access.User, diag.Evidence, error) {
	var users []access.User
	pages, err := d.eachUsers(ctx, func(page []access.User) bool {
		users = append(users, page...)
		return true
	})
	return users, looked("identitystore:ListUsers", "all", several(len(users), "user")+", "+several(pages, "call"), middleware.Metadata{}), err
}

// Groups gives all groups: a call for each hundred.
func (d *Diagnosis) Groups(ctx context.Context) ([]access.Group, diag.Evidence, error) {
	var groups []access.Group
	pages := 0
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		out, err := d.c.store.ListGroups(ctx, &identitystore.ListGroupsInput{
			IdentityStoreId: &d.c.instance.IdentityStoreID, MaxResults: aws.Int32(pageSize), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		pages++
		for _, g := range out.Groups {
			groups = append(groups, groupOf(g.GroupId, g.DisplayName, g.Description, g.ExternalIds))
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, diag.Evidence{}, d.c.explain(fmt.Errorf("list groups: %w", err))
	}
	return groups, looked("identitystore:ListGroups", "all", several(len(groups), "group")+", "+several(pages, "call"), middleware.Metadata{}), nil
}

// eachUsers gives the users page by page, as long as more are wanted, and says
// how many calls that took.
func (d *Diagnosis) eachUsers(ctx context.Context, more func([]access.User) bool) (int, error) {
	pages := 0
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		out, err := d.c.store.ListUsers(ctx, &identitystore.ListUsersInput{
			IdentityStoreId: &d.c.instance.IdentityStoreID, MaxResults: aws.Int32(pageSize), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		pages++
		page := make([]access.User, 0, len(out.Users))
		for _, u := range out.Users {
			page = append(page, userOf(u))
		}
		if !more(page) {
			return nil, nil
		}
		return out.NextToken, nil
	})
	if err != nil {
		return pages, d.c.explain(fmt.Errorf("list users: %w", err))
	}
	return pages, nil
}

// MembersOf gives the user names of a group's members: a call for each hundred,
// and those for the names.
func (d *Diagnosis) MembersOf(ctx context.Context, groupID string) ([]string, diag.Evidence, error) {
	members, err := d.c.listMembers(ctx, groupID)
	if err != nil {
		return nil, diag.Evidence{}, d.c.explain(fmt.Errorf("list the members of group %s: %w", groupID, err))
	}
	if err := d.nameUsers(ctx, members); err != nil {
		return nil, diag.Evidence{}, err
	}
	var names []string
	for _, m := range members {
		if name := d.users[m.user]; name != "" { // else deleted since
			names = append(names, name)
		}
	}
	return names, looked("identitystore:ListGroupMemberships", "group "+groupID, several(len(names), "member"), middleware.Metadata{}), nil
}

// fewUsers are described one by one; for more, a hundred a call is less.
const fewUsers = 20

// nameUsers learns the names of users that are not known yet: one by one, or
// from the list, until all are known.
func (d *Diagnosis) nameUsers(ctx context.Context, members []member) error {
	left := map[string]bool{}
	for _, m := range members {
		if _, ok := d.users[m.user]; !ok {
			left[m.user] = true
		}
	}
	if len(left) > fewUsers {
		_, err := d.eachUsers(ctx, func(page []access.User) bool {
			for _, u := range page {
				d.users[u.ID] = u.Username
				delete(left, u.ID)
			}
			return len(left) > 0
		})
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(left)) {
		u, err := d.c.user(ctx, id)
		if err != nil && !isNotFound(err) {
			return d.c.explain(fmt.Errorf("describe user %s: %w", id, err))
		}
		d.users[id] = u.Username
	}
	return nil
}
