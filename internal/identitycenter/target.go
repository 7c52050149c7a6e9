package identitycenter

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// TargetOptions say what a target writes for, and what it may rely on.
type TargetOptions struct {
	// Owner is on whose behalf it writes; Via is the front door, as in the marks.
	Owner, Via string
	// Run names this run in the marks of what it makes; 8 hex digits, "" for
	// random ones.
	Run string
	// Live is the state that the plan was made from: every write follows a look
	// that finds its objects so. Where it is nil, only what the changes carry is
	// compared.
	Live *access.State
	// Changes are the plan, so that the looks can be weighed: one list, or single
	// looks. They also say what goes before a group is deleted.
	Changes []plan.Change
}

// Target carries out changes of a plan on the instance. It is safe for
// concurrent use. Each write follows a look at its objects, at most a minute
// old, that found them as the plan did, or as this run has made them since; a
// difference stops the change. What the plan itself creates is what this run
// has made: a name alone never leads to an object.
type Target struct {
	c               *Client
	owner, via, run string
	planned         bool // it was told the plan

	groups   *sights[access.Group]
	users    *sights[access.User]
	accounts *sights[access.Account]

	mu    sync.Mutex
	shown shown
	// arrivals has a lock of its own.
	arrivals *arrivals
	sets     map[string]*setSight // by ARN
	made     map[object]made
	madeIDs  map[string]time.Time // of groups and users
	// unanswered are the users and groups whose creation had an unknown outcome.
	unanswered map[object]bool
	// freed are the names and addresses that this run took from users.
	freed map[freedValue]bool
	// refused says since when a value of a change is taken although nobody is seen
	// to have it.
	refused map[plan.ID]time.Time
	// unassigned says when an assignment of a set was last taken away, by ARN:
	// until the roles are gone AWS refuses to delete the set.
	unassigned map[string]time.Time
	// emptied are the sets and accounts of which this run took assignments away.
	emptied map[pair]bool
	// edited says when this run last changed a set so that its roles are no
	// longer the latest, by ARN, until AWS has been seen to say so.
	edited   map[string]time.Time
	subjects map[string]subject // of jobs under way, by request id
	listed   map[plan.ID]int    // how often a deletion found nothing to delete that AWS still lists
	keptBy   map[string]bool    // sets with an orphan that AWS did not remove, by ARN
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
	// whole says that the mark of an unfinished group is off.
	whole bool
}

// settling is how long AWS may take to show everywhere what was just written.
// The API says that it is eventually consistent, not for how long.
const settling = 2 * time.Minute

// Target gives a target that writes on behalf of the owner.
func (c *Client) Target(o TargetOptions) *Target {
	t := &Target{
		c: c, owner: o.Owner, via: o.Via, run: cmp.Or(o.Run, newRun()), shown: newShown(), arrivals: newArrivals(), madeIDs: map[string]time.Time{}, sets: map[string]*setSight{},
		made: map[object]made{}, unanswered: map[object]bool{}, freed: map[freedValue]bool{}, refused: map[plan.ID]time.Time{}, unassigned: map[string]time.Time{}, emptied: map[pair]bool{},
		edited: map[string]time.Time{}, subjects: map[string]subject{}, listed: map[plan.ID]int{}, keptBy: map[string]bool{}, lists: map[apply.JobKind]*jobList{},
		groups:   newSights(pageSize, func(g access.Group) string { return g.ID }, c.pageOfGroups, c.group),
		users:    newSights(pageSize, func(u access.User) string { return u.ID }, c.pageOfUsers, c.user),
		accounts: newSights(accountsPage, func(a access.Account) string { return a.ID }, c.pageOfAccounts, c.account),
	}
	t.accounts.most = accountsInATime
	t.Expect(o.Live, o.Changes)
	return t
}

// newRun gives the name of a run.
func newRun() string {
	var b [4]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// Run names the run in the marks of what it makes.
func (t *Target) Run() string { return t.run }

// Start does one change, or starts the job that does it.
func (t *Target) Start(ctx context.Context, ch plan.Change) ([]apply.Job, error) {
	if !t.planned {
		t.expectChange(ch)
	}
	var jobs []apply.Job
	err := t.afterLook(ctx, func() (err error) {
		jobs, err = t.start(ctx, ch)
		return err
	})
	if err != nil && ch.Kind != plan.Assignment {
		err = fmt.Errorf("%s: %w", ch.Describe(), err)
	}
	return jobs, err
}

// afterLook does a write again, with a new look, where the quota held it back
// for so long that the look no longer counts.
func (t *Target) afterLook(ctx context.Context, do func() error) error {
	for {
		if err := do(); !errors.Is(err, errOldLook) || ctx.Err() != nil {
			return err
		}
	}
}

func (t *Target) start(ctx context.Context, ch plan.Change) ([]apply.Job, error) {
	if onSet(ch) {
		err := t.edit(ctx, ch, t.write)
		if errors.Is(err, errGone) {
			err = nil // what was to be taken off went with the set
		}
		return nil, err
	}
	at, err := t.lookAt(ctx, ch)
	if err != nil {
		err = t.gone(ch, err)
		if errors.Is(err, errGone) {
			return nil, nil
		}
		return nil, err
	}
	ctx = withLook(ctx, at)
	if ch.Kind == plan.Assignment {
		return t.assign(ctx, ch)
	}
	return nil, t.write(ctx, ch)
}

// onSet says that the change writes on a set that is there.
func onSet(ch plan.Change) bool {
	switch ch.Kind {
	case plan.PermissionSet:
		return ch.Action == plan.Update
	case plan.Tags, plan.Record, plan.ManagedPolicy, plan.CustomerManagedPolicy, plan.InlinePolicy, plan.PermissionsBoundary:
		return true
	default:
		return false
	}
}

// gone says what it means that a look did not find an object: a removal has
// nothing left to do, and anything else has nothing to be done on. What this
// run has just made may not be visible yet.
func (t *Target) gone(ch plan.Change, err error) error {
	switch {
	case !isNotFound(err) || isNoStore(err):
		return err
	case ch.Action == plan.Delete:
		return errGone
	case t.fresh(ch):
		return err
	default:
		return differsFromPlan(ch, "it does not exist any more: %s", errorMessage(err))
	}
}

// lookAt makes sure of the objects of a change that is no edit of a set, and
// says when the oldest look was.
func (t *Target) lookAt(ctx context.Context, ch plan.Change) (time.Time, error) {
	all := newLooks(ctx)
	look := all.take
	group := func(ctx context.Context) (time.Time, error) { _, at, err := t.lookAtGroup(ctx, ch); return at, err }
	user := func(ctx context.Context) (time.Time, error) { _, at, err := t.lookAtUser(ctx, ch); return at, err }
	set := func(whole bool) func(context.Context) (time.Time, error) {
		return func(ctx context.Context) (time.Time, error) { return t.lookAtSet(ctx, ch, whole) }
	}
	switch {
	case ch.Kind == plan.Provisioning:
		look(set(true))
	case ch.Kind == plan.Assignment && ch.Action == plan.Create:
		look(set(true))
		look(func(ctx context.Context) (time.Time, error) { return t.lookAtAccount(ctx, ch) })
		if ch.PrincipalType() == "USER" {
			look(user)
		} else {
			look(group)
			look(func(ctx context.Context) (time.Time, error) { return t.lookAtGrantee(ctx, ch) })
		}
	case ch.Kind == plan.Assignment, ch.Kind == plan.PermissionSet && ch.Action == plan.Delete:
		if err := t.sameGroupAsShown(ch); err != nil {
			return time.Now(), err
		}
		look(set(false))
	case ch.Kind == plan.Membership:
		look(group)
		look(user)
		if ch.Action == plan.Create {
			look(func(ctx context.Context) (time.Time, error) { return t.lookAtHoldings(ctx, ch) })
		}
	case ch.Kind == plan.Group && ch.Action != plan.Create:
		look(func(ctx context.Context) (time.Time, error) { return t.lookBeforeGroup(ctx, ch) })
	case ch.Kind == plan.User && ch.Action != plan.Create:
		look(func(ctx context.Context) (time.Time, error) { return t.lookBeforeUser(ctx, ch) })
	}
	return all.wait()
}

// noteEdit remembers that a set's roles are no longer the latest.
func (t *Target) noteEdit(ch plan.Change) {
	if editsRoles(ch) && ch.Refs.PermissionSetARN != "" { // one that this run created has no role yet
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
	case plan.Record:
		return t.writeRecord(ctx, ch)
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
	return fmt.Errorf("no way to %s", ch.Describe())
}

// keep remembers the id of what this run created; began is when the call did, since
// its answer may come long after somebody else could see the object.
func (t *Target) keep(kind plan.Kind, name, id string, began time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.made[object{kind, name}] = made{id: id, when: time.Now()}
	t.madeIDs[id] = began
}

// madeHere gives what this run created under a name.
func (t *Target) madeHere(kind plan.Kind, name string) (made, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m, ok := t.made[object{kind, name}]
	return m, ok
}

// find gives the id of an object: the plan's, or that of what this run created.
// A name is never looked up: whoever bears it now need not be who was meant.
func (t *Target) find(ch plan.Change, kind plan.Kind, name, id string) (string, error) {
	if id != "" {
		return id, nil
	}
	if m, ok := t.madeHere(kind, name); ok {
		return m.id, nil
	}
	return "", differsFromPlan(ch, "the plan has no id of the %s %q, and this run did not create it", kindText(kind), name)
}

func (t *Target) group(ch plan.Change) (string, error) {
	return t.find(ch, plan.Group, ch.Key.Group, ch.Refs.GroupID)
}

func (t *Target) user(ch plan.Change) (string, error) {
	return t.find(ch, plan.User, ch.Key.User, ch.Refs.UserID)
}

func (t *Target) set(ch plan.Change) (string, error) {
	return t.find(ch, plan.PermissionSet, ch.Key.PermissionSet, ch.Refs.PermissionSetARN)
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
