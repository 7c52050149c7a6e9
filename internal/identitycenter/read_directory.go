package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"golang.org/x/sync/errgroup"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// pageSize is the most that the identity store and sso-admin give in a page.
const pageSize = 100

// readDirectory reads groups, users and memberships, and makes sure that every
// member and every user the config names is known by name.
func (r *reader) readDirectory(ctx context.Context) error {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := r.readGroups(gctx); err != nil {
			return err
		}
		return r.readMemberships(gctx)
	})
	if r.needsAllUsers() {
		g.Go(func() error { return r.everybody(gctx) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return r.resolveMembers(ctx)
}

// readGroups lists all groups, because the mark of an owned group is in what
// ListGroups gives for free, a hundred a call. The groups of Only are looked up.
func (r *reader) readGroups(ctx context.Context) error {
	if len(r.o.Only) > 0 {
		return r.lookUpGroups(ctx)
	}
	groups, err := r.c.allGroups(ctx)
	if err != nil {
		return fmt.Errorf("list groups: %w", err)
	}
	for _, g := range groups {
		r.addGroup(g)
	}
	return nil
}

func (c *Client) allGroups(ctx context.Context) ([]access.Group, error) {
	if c.memory != nil {
		return c.memory.groups.all(ctx)
	}
	var all []access.Group
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		groups, next, err := c.pageOfGroups(ctx, token)
		all = append(all, groups...)
		return next, err
	})
	return onceBy(all, func(g access.Group) string { return g.ID }), err
}

func (c *Client) pageOfGroups(ctx context.Context, token *string) ([]access.Group, *string, error) {
	out, err := c.store.ListGroups(ctx, &identitystore.ListGroupsInput{
		IdentityStoreId: &c.instance.IdentityStoreID, MaxResults: aws.Int32(pageSize), NextToken: token,
	})
	if err != nil {
		return nil, nil, err
	}
	groups := make([]access.Group, len(out.Groups))
	for i, g := range out.Groups {
		groups[i] = groupOf(g.GroupId, g.DisplayName, g.Description, g.ExternalIds)
	}
	return groups, out.NextToken, nil
}

func (r *reader) lookUpGroups(ctx context.Context) error {
	for _, g := range r.want.Groups {
		for _, name := range names(g) {
			group, found, err := r.c.findGroup(ctx, "", name)
			if err != nil {
				return fmt.Errorf("look up group %q: %w", name, err)
			}
			if found {
				r.addGroup(group)
			}
		}
	}
	return nil
}

func (r *reader) addGroup(g access.Group) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.groups[g.ID] = g
	r.groupID[g.Name] = g.ID
}

func groupOf(id, name, description *string, external []storetypes.ExternalId) access.Group {
	g := access.Group{ID: aws.ToString(id), Name: aws.ToString(name), SCIM: len(external) > 0}
	text, mark := access.ParseMark(aws.ToString(description))
	g.Description, g.Owner, g.Via, g.Unfinished, g.UnknownMark = text, mark.Owner, mark.Via, mark.Unfinished, mark.Unknown
	return g
}

// names gives the names that a desired group may have in AWS now.
func names(g access.Group) []string {
	if g.Previously == "" {
		return []string{g.Name}
	}
	return []string{g.Name, g.Previously}
}

// liveGroups gives the ids of a desired group in AWS: under its name, and under
// its former one.
func (r *reader) liveGroups(g access.Group) []string {
	var ids []string
	for _, name := range names(g) {
		if id, ok := r.groupID[name]; ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// readMemberships reads the members of the groups that the config manages or
// names members of, and of those we own or adopt. Groups of SCIM are the IdP's.
func (r *reader) readMemberships(ctx context.Context) error {
	err := each(ctx, r, "group memberships", r.groupsWithMembers(), func(ctx context.Context, id string) error {
		members, err := r.c.listMembers(ctx, id)
		if isNotFound(err) {
			return nil // deleted since it was listed
		}
		if err != nil {
			return fmt.Errorf("list the members of group %q: %w", r.groups[id].Name, err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.members[id] = members
		r.observed.Members[id] = true
		return nil
	})
	return err
}

func (r *reader) groupsWithMembers() []string {
	set := map[string]bool{}
	for i, g := range r.want.Groups {
		if r.allMembers || !g.SCIM && (!g.Referenced || len(r.want.Members(i)) > 0) {
			for _, id := range r.liveGroups(g) {
				set[id] = true
			}
		}
	}
	for id, g := range r.groups {
		if g.Owner == r.o.Owner && g.Owner != "" && len(r.o.Only) == 0 {
			set[id] = true
		}
	}
	for _, id := range r.adoptedGroups() {
		set[id] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func (c *Client) listMembers(ctx context.Context, group string) ([]member, error) {
	var members []member
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.store.ListGroupMemberships(ctx, &identitystore.ListGroupMembershipsInput{
			IdentityStoreId: &c.instance.IdentityStoreID, GroupId: &group, MaxResults: aws.Int32(pageSize), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, m := range out.GroupMemberships {
			if user, ok := m.MemberId.(*storetypes.MemberIdMemberUserId); ok {
				members = append(members, member{user: user.Value, id: aws.ToString(m.MembershipId)})
			}
		}
		return out.NextToken, nil
	})
	return onceBy(members, func(m member) string { return m.id }), err
}

// resolveMembers finds the users that the config refers to and those that are
// members of the groups read.
func (r *reader) resolveMembers(ctx context.Context) error {
	var wanted []string
	for _, u := range r.want.Users {
		wanted = append(wanted, u.Username)
		if u.Previously != "" {
			wanted = append(wanted, u.Previously)
		}
	}
	ids := map[string]bool{}
	for _, members := range r.members {
		for _, m := range members {
			ids[m.user] = true
		}
	}
	if err := r.findUsers(ctx, wanted, slices.Sorted(maps.Keys(ids))); err != nil {
		return err
	}
	return r.findHolders(ctx)
}

// isNotFound says that what was asked for by id or name does not exist.
func isNotFound(err error) bool { return errorCode(err) == "ResourceNotFoundException" }

// findGroup finds a group by id, or by name where that is not "".
func (c *Client) findGroup(ctx context.Context, id, name string) (access.Group, bool, error) {
	if c.memory != nil {
		return c.memory.groups.find(ctx, id, name)
	}
	look, key := c.group, id
	if name != "" {
		look, key = c.groupByName, name
	}
	g, err := look(ctx, key)
	if isNotFound(err) {
		return g, false, nil
	}
	return g, err == nil, err
}

// Group gives the group with the id, whatever the name is now; false where there
// is none. Its error is a diagnostic.
func (c *Client) Group(ctx context.Context, id string) (access.Group, bool, error) {
	g, found, err := c.findGroup(ctx, id, "")
	if err != nil {
		return g, false, c.explain(fmt.Errorf("describe group %s: %w", id, err))
	}
	return g, found, nil
}

// groupByName looks a group up: its id, then the group. Should the look-up be
// refused (hashicorp/terraform-provider-aws issue 49166 reports displayName
// refused), the groups are listed.
func (c *Client) groupByName(ctx context.Context, name string) (access.Group, error) {
	id, err := c.groupID(ctx, name)
	var invalid *storetypes.ValidationException
	if errors.As(err, &invalid) {
		return c.groupFromList(ctx, name, err)
	}
	if err != nil {
		return access.Group{}, err
	}
	return c.group(ctx, id)
}

func (c *Client) groupID(ctx context.Context, name string) (string, error) {
	out, err := c.store.GetGroupId(ctx, &identitystore.GetGroupIdInput{
		IdentityStoreId: &c.instance.IdentityStoreID, AlternateIdentifier: byAttribute("displayName", name),
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.GroupId), nil
}

func (c *Client) group(ctx context.Context, id string) (access.Group, error) {
	out, err := c.store.DescribeGroup(ctx, &identitystore.DescribeGroupInput{IdentityStoreId: &c.instance.IdentityStoreID, GroupId: &id})
	if err != nil {
		return access.Group{}, err
	}
	return groupOf(out.GroupId, out.DisplayName, out.Description, out.ExternalIds), nil
}

// groupFromList finds a group by its exact name in the list; where it is not
// there, the refusal of the look-up is the answer.
func (c *Client) groupFromList(ctx context.Context, name string, refusal error) (access.Group, error) {
	var found access.Group
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		groups, next, err := c.pageOfGroups(ctx, token)
		for _, g := range groups {
			if g.Name == name {
				found = g
				return nil, nil
			}
		}
		return next, err
	})
	if err == nil && found.ID == "" {
		return found, refusal
	}
	return found, err
}
