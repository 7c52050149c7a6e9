package tfprovider

import (
	"context"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// renamed says what the group of a resource is called now, where AWS has none by
// its name and has the one whose id the state knows, or whose id the permission
// set says.
func (r *groupResource) renamed(ctx context.Context, w *want, live *access.State, before *groupData) (map[string]access.Renamed, error) {
	if w.group(live) >= 0 {
		return nil, nil
	}
	if before == nil || before.ID.ValueString() == "" {
		return access.RenamedGroups(&w.desired, live, w.owner), nil
	}
	g, there, err := r.session.reader.Group(ctx, before.ID.ValueString())
	if err != nil || !there {
		return nil, err
	}
	return map[string]access.Renamed{w.name: {Name: w.name, Now: g.Name, ID: g.ID, Recorded: true}}, nil
}

// keepID keeps the id of a group that is there under another name, so that the next
// plan can tell.
func (r *groupResource) keepID(ctx context.Context, g *groupData, w *want, live *access.State, before *groupData) error {
	if !g.ID.IsNull() {
		return nil
	}
	names, err := r.renamed(ctx, w, live, before)
	if have := names[w.name]; have.ID != "" && have.ID == before.ID.ValueString() {
		g.ID = before.ID
	}
	return err
}
