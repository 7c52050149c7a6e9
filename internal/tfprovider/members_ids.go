package tfprovider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// addedKey is where the private part of a state has the ids of the users whom a
// rolecall_group_members added.
const addedKey = "added"

func addedIDs(ctx context.Context, from private) map[string]string {
	ids, _ := keptKey[map[string]string](ctx, from, addedKey)
	return ids
}

func keepAddedIDs(ctx context.Context, ids map[string]string, to private) diag.Diagnostics {
	return keepKey(ctx, to, addedKey, ids)
}

// idsOf returns the ids of users by their names; of who is not there, the one that was known.
func idsOf(names []string, live *access.State, known map[string]string) map[string]string {
	out := map[string]string{}
	for _, name := range names {
		if i := live.UserIndex(name); i >= 0 && live.Users[i].ID != "" {
			out[name] = live.Users[i].ID
		} else if id := known[name]; id != "" {
			out[name] = id
		}
	}
	return out
}

// follow returns those whom the resource added the names that they have now. The users are
// those of the store that are remembered anyway, or a call each.
func (r *membersResource) follow(ctx context.Context, m membersModel) (membersModel, error) {
	if len(m.ids) == 0 {
		return m, nil
	}
	reader, err := r.session.connect(ctx)
	if err != nil {
		return m, err
	}
	members, added, ids := stringsOf(m.Members), stringsOf(m.Added), map[string]string{}
	for _, name := range added {
		id := m.ids[name]
		ids[name] = id
		if id == "" {
			continue
		}
		u, there, err := reader.User(ctx, id)
		if err != nil {
			return m, err
		}
		if there && u.Username != name {
			members, added = renamedIn(members, name, u.Username), renamedIn(added, name, u.Username)
			delete(ids, name)
			ids[u.Username] = id
		}
	}
	m.Members, m.Added, m.ids = stringSet(members), stringSet(added), ids
	return m, nil
}

func renamedIn(list []string, was, now string) []string {
	out := make([]string, len(list))
	for i, name := range list {
		if out[i] = name; name == was {
			out[i] = now
		}
	}
	return out
}
