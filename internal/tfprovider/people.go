package tfprovider

import (
	"context"
	"slices"
	"sync"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// peopleRead is who is in which group that carries a mark, read once for all
// users.
type peopleRead struct {
	once sync.Once
	live access.State
	err  error
}

// members reads the groups that carry an owner's mark, with their members.
func (s *session) members(ctx context.Context) (*access.State, error) {
	client, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	if s.people == nil {
		s.people = &peopleRead{}
	}
	read := s.people
	s.mu.Unlock()
	read.once.Do(func() {
		var all access.State
		if all, _, read.err = client.ReadIdentities(ctx, access.State{}); read.err != nil {
			return
		}
		var b access.Builder
		for _, g := range all.Groups {
			if g.Owner != "" {
				b.AddGroup(access.Group{Name: g.Name, Referenced: true})
			}
		}
		read.live, _, read.err = client.ReadIdentities(ctx, b.State())
	})
	if read.err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.people == read {
			s.people = nil
		}
	}
	return &read.live, read.err
}

// groupsOf gives the names of the marked groups that the user is in.
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

// findUser finds a user by name, or by id among all users.
func (s *session) findUser(ctx context.Context, nameOrID string) (*access.User, error) {
	client, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	var b access.Builder
	b.AddUser(access.User{Username: nameOrID, Referenced: true})
	live, _, err := client.ReadIdentities(ctx, b.State())
	if err != nil {
		return nil, err
	}
	if i := live.UserIndex(nameOrID); i >= 0 {
		return &live.Users[i], nil
	}
	users, err := s.everybody(ctx)
	for i, u := range users {
		if u.ID == nameOrID {
			return &users[i], nil
		}
	}
	return nil, err
}

// everybody lists all users.
func (s *session) everybody(ctx context.Context) ([]access.User, error) {
	client, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	// A user that the config would define makes the reader list them all.
	var b access.Builder
	b.AddUser(access.User{Username: "\x00"})
	live, _, err := client.ReadIdentities(ctx, b.State())
	return live.Users, err
}
