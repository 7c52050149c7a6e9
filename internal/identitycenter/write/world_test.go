package write

import (
	"context"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// reads returns what a read returns.
func reads(t *testing.T, c *identitycenter.Client, o read.Options) access.State {
	t.Helper()
	s, _, err := read.New(c).Read(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// withRefs returns a change the ids of what is there, as a plan would have them.
func withRefs(t *testing.T, target *Target, ch plan.Change) plan.Change {
	t.Helper()
	find := func(kind plan.Kind, name string, ref *string, look func(context.Context, string) (string, error)) {
		if name == "" || *ref != "" || target.made.has(object{kind, name}) || ch.Kind == kind && ch.Action == plan.Create {
			return
		}
		id, err := look(t.Context(), name)
		if err != nil && !identitycenter.IsNotFound(err) {
			t.Fatal(err)
		}
		*ref = id
	}
	find(plan.PermissionSet, ch.Key.PermissionSet, &ch.Refs.PermissionSetARN, func(ctx context.Context, name string) (string, error) { return target.c.SetByName(ctx, name, false) })
	find(plan.Group, ch.Key.Group, &ch.Refs.GroupID, func(ctx context.Context, name string) (string, error) {
		id, _, err := target.c.GetGroupID(ctx, name)
		return id, err
	})
	find(plan.User, ch.Key.User, &ch.Refs.UserID, func(ctx context.Context, name string) (string, error) {
		id, _, err := target.c.GetUserID(ctx, identitycenter.ByUserName, name)
		return id, err
	})
	return ch
}

func arnsOf(e *emulator.Emulator) map[string]string {
	out := map[string]string{}
	for _, p := range e.State().Instances[0].PermissionSets {
		out[p.Name] = p.ARN
	}
	return out
}
