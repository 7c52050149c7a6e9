package identitycenter

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// Target carries out changes of a plan on the instance. It is safe for
// concurrent use; what the plan itself creates is found by name, in the
// answers of this run first.
type Target struct {
	c     *Client
	owner string

	mu   sync.Mutex
	made map[object]made
	// unassigned says when an assignment of a set was last taken away, by ARN:
	// until the roles are gone AWS refuses to delete the set.
	unassigned map[string]time.Time
	// edited says when this run last changed a set so that its roles are no
	// longer the latest, by ARN, until AWS has been seen to say so.
	edited   map[string]time.Time
	subjects map[string]grantKey // of jobs under way, by request id
	lists    map[apply.JobKind]*jobList
}

var _ apply.Target = (*Target)(nil)

// object names something that a plan creates.
type object struct {
	kind plan.Kind
	name string
}

type made struct {
	id   string
	when time.Time
}

// settling is how long AWS may take to show everywhere what was just written.
// The API says that it is eventually consistent, not for how long.
const settling = 2 * time.Minute

// Target gives a target that writes on behalf of the owner.
func (c *Client) Target(owner string) *Target {
	return &Target{
		c: c, owner: owner, made: map[object]made{}, unassigned: map[string]time.Time{},
		edited: map[string]time.Time{}, subjects: map[string]grantKey{}, lists: map[apply.JobKind]*jobList{},
	}
}

// Start does one change, or starts the job that does it.
func (t *Target) Start(ctx context.Context, ch plan.Change) ([]apply.Job, error) {
	if ch.Kind == plan.Assignment {
		return t.assign(ctx, ch)
	}
	if err := t.write(ctx, ch); err != nil {
		return nil, fmt.Errorf("%s %s: %w", ch.Action, ch.Kind, err)
	}
	t.noteEdit(ch)
	return nil, nil
}

// noteEdit remembers that a set's roles are no longer the latest.
func (t *Target) noteEdit(ch plan.Change) {
	switch ch.Kind {
	case plan.ManagedPolicy, plan.CustomerManagedPolicy, plan.InlinePolicy, plan.PermissionsBoundary:
	case plan.PermissionSet:
		if ch.Action != plan.Update {
			return
		}
	default:
		return
	}
	if ch.Refs.PermissionSetARN != "" { // one that this run created has no role yet
		t.mu.Lock()
		defer t.mu.Unlock()
		t.edited[ch.Refs.PermissionSetARN] = time.Now()
	}
}

// write does one change that is over when its call returns.
func (t *Target) write(ctx context.Context, ch plan.Change) error {
	switch ch.Kind {
	case plan.User:
		return pick(ch, t.createUser, t.updateUser, t.deleteUser)(ctx, ch)
	case plan.Group:
		return pick(ch, t.createGroup, t.updateGroup, t.deleteGroup)(ctx, ch)
	case plan.Membership:
		return pick(ch, t.createMembership, nil, t.deleteMembership)(ctx, ch)
	case plan.PermissionSet:
		return pick(ch, t.createSet, t.updateSet, t.deleteSet)(ctx, ch)
	case plan.Tags:
		return t.writeTags(ctx, ch)
	case plan.ManagedPolicy:
		return pick(ch, t.attachManaged, nil, t.detachManaged)(ctx, ch)
	case plan.CustomerManagedPolicy:
		return pick(ch, t.attachCustomer, nil, t.detachCustomer)(ctx, ch)
	case plan.InlinePolicy:
		return pick(ch, t.putInline, t.putInline, t.deleteInline)(ctx, ch)
	case plan.PermissionsBoundary:
		return pick(ch, t.putBoundary, t.putBoundary, t.deleteBoundary)(ctx, ch)
	default:
		return unknownChange(ctx, ch)
	}
}

type writer func(context.Context, plan.Change) error

func pick(ch plan.Change, create, update, remove writer) writer {
	w := map[plan.Action]writer{plan.Create: create, plan.Update: update, plan.Delete: remove}[ch.Action]
	if w == nil {
		return unknownChange
	}
	return w
}

func unknownChange(_ context.Context, ch plan.Change) error {
	return fmt.Errorf("no way to %s a %s", ch.Action, ch.Kind)
}

// keep remembers the id of what this run created.
func (t *Target) keep(kind plan.Kind, name, id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.made[object{kind, name}] = made{id: id, when: time.Now()}
}

// find gives the id of an object: the plan's, the one that this run created,
// or else what AWS says the name stands for.
func (t *Target) find(kind plan.Kind, name, id string, lookUp func() (string, error)) (string, error) {
	if id != "" {
		return id, nil
	}
	t.mu.Lock()
	m, ok := t.made[object{kind, name}]
	t.mu.Unlock()
	if ok {
		return m.id, nil
	}
	id, err := lookUp()
	if err != nil {
		return "", fmt.Errorf("find %s %q: %w", kind, name, err)
	}
	t.keep(kind, name, id)
	return id, nil
}

func (t *Target) group(ctx context.Context, ch plan.Change) (string, error) {
	return t.find(plan.Group, ch.Key.Group, ch.Refs.GroupID, func() (string, error) { return t.c.groupID(ctx, ch.Key.Group) })
}

func (t *Target) user(ctx context.Context, ch plan.Change) (string, error) {
	return t.find(plan.User, ch.Key.User, ch.Refs.UserID, func() (string, error) { return t.c.userID(ctx, ch.Key.User) })
}

func (t *Target) set(ctx context.Context, ch plan.Change) (string, error) {
	return t.find(plan.PermissionSet, ch.Key.PermissionSet, ch.Refs.PermissionSetARN, func() (string, error) {
		return t.c.setByName(ctx, ch.Key.PermissionSet)
	})
}

// fresh says whether the change refers to something that this run created so
// recently that AWS may not show it everywhere.
func (t *Target) fresh(ch plan.Change) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, o := range []object{{plan.PermissionSet, ch.Key.PermissionSet}, {plan.Group, ch.Key.Group}, {plan.User, ch.Key.User}} {
		if m, ok := t.made[o]; ok && o.name != "" && time.Since(m.when) < settling {
			return true
		}
	}
	return false
}
