package tfprovider

import (
	"context"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
)

// members reads the groups that carry an owner's mark, with their members.
func (s *session) members(ctx context.Context) (*access.State, error) {
	return s.readOnce(ctx, peopleKey, func(reader *read.Reader) (access.State, error) {
		all, _, err := reader.Identities(ctx, access.State{})
		if err != nil {
			return access.State{}, err
		}
		var b access.Builder
		for _, g := range all.Groups {
			if g.Owner != "" {
				b.AddGroup(access.Group{Name: g.Name, Referenced: true})
			}
		}
		live, _, err := reader.Identities(ctx, b.State())
		return live, err
	})
}

// groupsOf returns the names of the marked groups that the user is in.
func (s *session) groupsOf(ctx context.Context, userID string) ([]string, error) {
	live, err := s.members(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range live.Memberships {
		if live.Users[m.User].ID == userID {
			names = append(names, live.Groups[m.Group].Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// user finds the user of a state: by its id, whatever the name is now; who was made
// again under the name is somebody else. Without an id, by the name. nil where there is
// none.
func (s *session) user(ctx context.Context, m userModel) (*access.User, error) {
	id := m.ID.ValueString()
	if id == "" {
		return s.userNamed(ctx, m.Username.ValueString())
	}
	reader, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	u, found, err := reader.User(ctx, id)
	if err != nil || !found {
		return nil, err
	}
	return &u, nil
}

// userNow returns the name that the user of a state has now, and whether there is no such
// user any more; then the name is the state's own.
func (s *session) userNow(ctx context.Context, m userModel) (name string, gone bool, err error) {
	if m.ID.ValueString() == "" {
		return m.Username.ValueString(), false, nil
	}
	u, err := s.user(ctx, m)
	if err != nil || u == nil {
		return m.Username.ValueString(), err == nil, err
	}
	return u.Username, false, nil
}

func (s *session) userNamed(ctx context.Context, name string) (*access.User, error) {
	var b access.Builder
	b.AddUser(access.User{Username: name, Referenced: true})
	live, err := s.identities(ctx, b.State())
	if i := live.UserIndex(name); err == nil && i >= 0 {
		return &live.Users[i], nil
	}
	return nil, err
}

// userIDs is what the identity store's ids look like (API reference, UserId).
var userIDs = regexp.MustCompile(`^([0-9a-f]{10}-)?[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$`)

// findUser finds a user by name or by id.
func (s *session) findUser(ctx context.Context, nameOrID string) (*access.User, error) {
	if userIDs.MatchString(nameOrID) {
		if u, err := s.user(ctx, userModel{ID: types.StringValue(nameOrID)}); err != nil || u != nil {
			return u, err
		}
	}
	return s.userNamed(ctx, nameOrID)
}
