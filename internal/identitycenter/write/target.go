// Package write carries out changes of a plan on an instance of IAM Identity
// Center: it is the Target of internal/apply.
//
// It promises that each change is one write which may be repeated, that each
// write follows a look at its objects, at most LookLimit old, that found them as
// the plan did or as this run has made them since, and that what a user can mend
// comes back as a finding with its cause. It decides no change: where an object
// differs, it writes nothing.
package write

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// Options say what a target writes for, and what it may rely on.
type Options struct {
	// Owner is on whose behalf it writes; Via is the front door, as in the marks.
	Owner, Via string
	// CallerFinishes says that the marks of an unfinished creation stay until Finish:
	// in Terraform a group with all that it has is one thing, whole at its end. Else a
	// group is whole once it is there, and a set once its record is written.
	CallerFinishes bool
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
// concurrent use. A difference that a look finds stops the change. What the plan
// itself creates is what this run has made: a name alone never leads to an object.
type Target struct {
	c               *identitycenter.Client
	owner, via, run string
	callerFinishes  bool // Options.CallerFinishes
	planned         bool // it was told the plan

	shown    shown
	groups   *sights[access.Group]
	users    *sights[access.User]
	accounts *sights[access.Account]
	sets     notes[string, *setSight] // by ARN
	arrivals arrivals

	made       notes[object, made]
	unfinished notes[string, bool]      // sets with the mark of a creation that is not whole, by ARN
	madeIDs    notes[string, time.Time] // of what this run made, by id or ARN
	// unanswered are the objects whose creation had an unknown outcome.
	unanswered notes[object, bool]
	// freed are the names and addresses that this run took from users.
	freed notes[freedValue, bool]
	// refused says since when a value of a change is taken although nobody is seen
	// to have it.
	refused notes[plan.ID, time.Time]
	// unassigned says when an assignment of a set was last taken away, by ARN:
	// until the roles are gone AWS refuses to delete the set.
	unassigned notes[string, time.Time]
	// emptied are the sets and accounts of which this run took assignments away.
	emptied notes[access.SetInAccount, bool]
	// edited says when this run last changed a set so that its roles are no
	// longer the latest, by ARN, until AWS has been seen to say so.
	edited   notes[string, time.Time]
	subjects notes[string, subject] // of jobs under way, by request id
	listed   notes[plan.ID, int]    // how often a deletion found nothing to delete that AWS still lists
	keptBy   notes[string, bool]    // sets with an orphan that AWS did not remove, by ARN
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

// showsWithin is how long AWS may take to show everywhere what was just written.
// The API says that it is eventually consistent, not for how long.
const showsWithin = 2 * time.Minute

// New returns a target that writes on behalf of the owner.
func New(c *identitycenter.Client, o Options) *Target {
	t := &Target{
		c: c, owner: o.Owner, via: o.Via, run: cmp.Or(o.Run, newRun()), callerFinishes: o.CallerFinishes,
		lists:    map[apply.JobKind]*jobList{apply.CreateAssignmentJob: {}, apply.DeleteAssignmentJob: {}, apply.ProvisionJob: {}},
		groups:   &sights[access.Group]{id: func(g access.Group) string { return g.ID }, list: c.ListGroups, one: c.DescribeGroup, pageSize: identitycenter.PageSize},
		users:    &sights[access.User]{id: func(u access.User) string { return u.ID }, list: c.ListUsers, one: c.DescribeUser, pageSize: identitycenter.PageSize},
		accounts: &sights[access.Account]{id: func(a access.Account) string { return a.ID }, list: c.ListAccounts, one: c.DescribeAccount, pageSize: identitycenter.AccountsPage, most: accountsInATime},
	}
	t.Expect(o.Live, o.Changes)
	return t
}

// newRun returns the name of a run.
func newRun() string {
	var b [4]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// Made returns the id or ARN of what this run made by the name, "" where it made none:
// AWS may show late what it has just answered.
func (t *Target) Made(kind plan.Kind, name string) string { return t.made.of(object{kind, name}).id }

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
	switch {
	case errors.Is(err, errGone):
		return nil, nil
	case err != nil && ch.Kind != plan.Assignment:
		err = fmt.Errorf("%s: %w", ch.Describe(), err)
	}
	return jobs, err
}

// afterLook does a write again, with a new look, where the quota held it back
// for so long that the look no longer counts.
func (t *Target) afterLook(ctx context.Context, do func() error) error {
	for {
		if err := do(); !errors.Is(err, identitycenter.ErrTooLate) || ctx.Err() != nil {
			return err
		}
	}
}

func (t *Target) start(ctx context.Context, ch plan.Change) ([]apply.Job, error) {
	if onSet(ch) {
		return nil, t.edit(ctx, ch)
	}
	at, err := t.lookAt(ctx, ch)
	if err != nil {
		return nil, t.gone(ch, err)
	}
	ctx = lookedAt(ctx, at)
	if ch.Kind == plan.Assignment {
		return t.assign(ctx, ch)
	}
	return nil, t.write(ctx, ch)
}

// onSet says that the change writes on a set that is there.
func onSet(ch plan.Change) bool {
	return editsRoles(ch) || ch.Kind == plan.Tags || ch.Kind == plan.Record
}

// errGone says that what a change would remove is not there.
var errGone = errors.New("it is gone already")

// gone says what it means that a look did not find an object: a removal has
// nothing left to do, and anything else has nothing to be done on. What this
// run has just made may not be visible yet.
func (t *Target) gone(ch plan.Change, err error) error {
	switch {
	case !identitycenter.IsNotFound(err) || identitycenter.IsNoStore(err):
		return err
	case ch.Action == plan.Delete:
		return errGone
	case t.fresh(ch):
		return err
	default:
		return differsFromPlan(ch, "it does not exist any more: %s", identitycenter.ErrorMessage(err))
	}
}

// A look makes sure that an object of a change is the one that the plan showed,
// and says when it was taken.
type look func(context.Context, plan.Change) (time.Time, error)

// lookAt makes sure of the objects of a change that is no edit of a set, side by
// side, and says when the oldest look was.
func (t *Target) lookAt(ctx context.Context, ch plan.Change) (time.Time, error) {
	all := newLooks(ctx)
	for _, look := range t.looks(ch) {
		all.take(func(ctx context.Context) (time.Time, error) { return look(ctx, ch) })
	}
	return all.wait()
}

func (t *Target) looks(ch plan.Change) []look {
	create := ch.Action == plan.Create
	switch {
	case ch.Kind == plan.Provisioning:
		return []look{t.lookAtWholeSet}
	case ch.Kind == plan.Assignment && create && ch.PrincipalType() == access.UserPrincipal.String():
		return []look{t.lookAtWholeSet, t.lookAtAccount, t.sameUser}
	case ch.Kind == plan.Assignment && create:
		return []look{t.lookAtWholeSet, t.lookAtAccount, t.sameGroup, t.lookAtGrantee}
	case ch.Kind == plan.Assignment, ch.Kind == plan.PermissionSet && !create:
		return []look{t.sameGroupAsShown, t.lookAtSetsMark}
	case ch.Kind == plan.Membership && create:
		return []look{t.sameGroup, t.sameUser, t.lookAtGroupsAssignments}
	case ch.Kind == plan.Membership:
		return []look{t.sameGroup, t.sameUser}
	case ch.Kind == plan.Group && !create:
		return []look{t.lookBeforeGroup}
	case ch.Kind == plan.User && !create:
		return []look{t.lookBeforeUser}
	default:
		return nil
	}
}

// write does one change that is over when its call returns, and is no edit of a set.
func (t *Target) write(ctx context.Context, ch plan.Change) error {
	how := map[plan.Kind]map[plan.Action]func(context.Context, plan.Change) error{
		plan.User:          {plan.Create: t.createUser, plan.Update: t.updateUser, plan.Delete: t.deleteUser},
		plan.Group:         {plan.Create: t.createGroup, plan.Update: t.updateGroup, plan.Delete: t.deleteGroup},
		plan.Membership:    {plan.Create: t.createMembership, plan.Delete: t.deleteMembership},
		plan.PermissionSet: {plan.Create: t.createSet, plan.Delete: t.deleteSet},
	}[ch.Kind][ch.Action]
	if how == nil {
		return fmt.Errorf("no way to %s", ch.Describe())
	}
	return how(ctx, ch)
}

// create sends a creation, unless this run has made the object already, and keeps what
// it made. began is when the call did. A conflict is looked into; any other failure may
// have been one of the answer only.
func (t *Target) create(o object, send func() (id string, err error), conflicts func(error) bool, look func(conflict error) error, keep func(id string, began time.Time)) error {
	if t.made.has(o) {
		return nil
	}
	began := time.Now()
	id, err := send()
	switch {
	case err == nil:
		keep(id, began)
		return nil
	case conflicts(err):
		return look(err)
	default:
		return t.unanswer(o, err)
	}
}

// keep remembers the id of what this run created; began is when the call did, since
// its answer may come long after somebody else could see the object.
func (t *Target) keep(kind plan.Kind, name, id string, began time.Time) {
	t.made.put(object{kind, name}, made{id: id, when: time.Now()})
	t.madeIDs.put(id, began)
}

// find returns the id of an object: the plan's, or that of what this run created.
// A name is never looked up: whoever bears it now need not be who was meant.
func (t *Target) find(ch plan.Change, kind plan.Kind, name, id string) (string, error) {
	if id != "" {
		return id, nil
	}
	if m, ok := t.made.get(object{kind, name}); ok {
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
	for _, o := range []object{{plan.PermissionSet, ch.Key.PermissionSet}, {plan.Group, ch.Key.Group}, {plan.User, ch.Key.User}} {
		if m, ok := t.made.get(o); ok && o.name != "" && time.Since(m.when) < showsWithin {
			return true
		}
	}
	return false
}
