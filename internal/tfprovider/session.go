package tfprovider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/write"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// session is what all resources of a provider block share: the connection with
// its quota, what was read, and the one place that writes.
type session struct {
	owner   string
	unknown bool // the provider block is not wholly known yet
	// complete says that everybody who has a permission set is looked at, however many
	// accounts it has.
	complete bool
	options  identitycenter.Options
	// maxOutstanding bounds the assignment jobs at once; 0 means AWS's quota.
	maxOutstanding int

	connecting sync.Mutex
	client     *identitycenter.Client
	reader     *read.Reader // of that client; it remembers: a process lives for one plan or one apply

	mu      sync.Mutex
	reads   map[string]*onceRead     // of groups by [want.key], and of everybody by peopleKey
	targets map[string]*write.Target // by owner
	runs    runs

	userPlans   userPlans
	objectPlans objectPlans
	warnings    warnings
	coming      memory[bool] // user names that a rolecall_user will have
	// removed is what the state named of each resource that a refresh took out of it,
	// because AWS has nothing of it left: its plan comes next, as that of a new one.
	removed   memory[stateNames]
	refreshed memory[bool] // resources that this process has refreshed
	said      memory[bool] // what is said once for all resources
}

// onceRead is something that is read once; whoever comes second waits.
type onceRead struct {
	once  sync.Once
	live  access.State
	err   error
	ended bool // without an error, under the session's mutex
}

// peopleKey is the key of who is in which group that carries a mark, read once for all
// users. No group has it.
const peopleKey = "\x00people"

func newSession(owner string, o identitycenter.Options) *session {
	s := &session{owner: owner, options: o, reads: map[string]*onceRead{}, targets: map[string]*write.Target{}}
	s.runs.run = s.execute
	return s
}

// connect finds the instance once; a failure is tried again by whoever comes
// next, so that an interrupted call spoils nothing.
func (s *session) connect(ctx context.Context) (*read.Reader, error) {
	s.connecting.Lock()
	defer s.connecting.Unlock()
	if s.reader != nil {
		return s.reader, nil
	}
	client, err := identitycenter.Connect(ctx, s.options)
	if err != nil {
		return nil, err
	}
	s.client, s.reader = client, read.NewRemembering(client)
	return s.reader, nil
}

// group reads what concerns one group: the group, its permission sets, members and
// everybody who has the sets, as far as that is cheap. What was read once serves until
// the group is written.
func (s *session) group(ctx context.Context, w *want) (*access.State, error) {
	return s.readOnce(ctx, w.key(), func(reader *read.Reader) (access.State, error) {
		o := w.reading(false)
		o.Alive, o.Whole = true, s.complete || w.whole
		live, _, err := reader.Read(ctx, o)
		return live, err
	})
}

// readOnce returns what was read by the key, and reads it where nothing was. A failure is
// not kept.
func (s *session) readOnce(ctx context.Context, key string, look func(*read.Reader) (access.State, error)) (*access.State, error) {
	reader, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	r := s.reads[key]
	if r == nil {
		r = &onceRead{}
		s.reads[key] = r
	}
	s.mu.Unlock()
	r.once.Do(func() { r.live, r.err = look(reader) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.ended = r.err == nil; r.ended {
		return &r.live, nil
	}
	if s.reads[key] == r {
		delete(s.reads, key)
	}
	return nil, r.err
}

// identities reads the users and groups that a state names, without what they have.
func (s *session) identities(ctx context.Context, named access.State) (access.State, error) {
	reader, err := s.connect(ctx)
	if err != nil {
		return access.State{}, err
	}
	live, _, err := reader.Identities(ctx, named)
	return live, err
}

// forget drops what was read for a group.
func (s *session) forget(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.reads, func(key string, _ *onceRead) bool { return key == peopleKey || strings.HasPrefix(key, name+"\x00") })
}

// forgetOld drops what was read for a group where it is too old to be the look that an
// apply begins with.
func (s *session) forgetOld(w *want) {
	s.mu.Lock()
	read := s.reads[w.key()]
	young := read != nil && read.ended && time.Since(time.Unix(0, read.live.Observed.Began)) < youngRead
	s.mu.Unlock()
	if !young {
		s.forget(w.name)
	}
}

// youngRead is how old a read may be to serve the apply that follows it at once.
const youngRead = 20 * time.Second

// forgetPeople drops what was read of who is in which group.
func (s *session) forgetPeople() {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.reads, peopleKey)
}

// forgetAll drops what was read for a group and what is remembered of all
// accounts, groups and users, because somebody else may have made what is
// missing.
func (s *session) forgetAll(name string) {
	s.forget(name)
	s.reader.Forget()
}

// target returns what writes for an owner, always the same one: it remembers
// what this process created.
func (s *session) target(owner string) *write.Target {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.targets[owner]
	if t == nil {
		t = write.New(s.client, write.Options{Owner: owner, Via: access.ViaTerraform, CallerFinishes: true})
		s.targets[owner] = t
	}
	return t
}

// execute runs changes of one or more groups on AWS; lives are what they were
// planned from.
func (s *session) execute(ctx context.Context, owner string, lives []*access.State, changes []plan.Change) (*apply.Result, error) {
	target := s.target(owner)
	for _, live := range lives {
		target.Expect(live, nil)
	}
	target.Expect(nil, changes)
	engine := apply.New(target, apply.Options{
		TPS: identitycenter.LimitsAt(s.options.MaxTPS)[identitycenter.SSOAdmin].TPS, MaxOutstanding: s.maxOutstanding})
	return engine.Run(ctx, changes)
}

// caller says who we are, for the guards.
func (s *session) caller() plan.Caller {
	c := s.client.Caller()
	return plan.Caller{Account: c.Account, PermissionSet: c.PermissionSet, User: c.UserName,
		Management: c.Role != identitycenter.DelegatedAdministrator && c.Role != identitycenter.MemberAccount}
}

// want is what one group resource is about, and how to read it.
type want struct {
	name, set, owner string
	previously       string
	formerSet        string // the permission set that the state has, where the config has another
	setUp            access.SetUp
	idp              string
	desired          access.State
	// asked is the same as the user writes it: what the state calls the group is no
	// former name there, and says nothing of what a missing one was meant to be.
	asked access.State
	// renamed is what the group is called now, where that is known and it is not
	// there by its name.
	renamed map[string]access.Renamed
	// names explains what is missing, as presence.Options says.
	names access.State
	// whole says that everybody who has the permission set has to be seen: the state has
	// drift, or nobody owns it yet, and what a plan shows an apply has to find.
	whole bool
}

// group is the row of the group in a live state, by its name or the former one; -1 where
// there is none.
func (w *want) group(live *access.State) int {
	if at := live.GroupIndex(w.name); at >= 0 || w.previously == "" {
		return at
	}
	return live.GroupIndex(w.previously)
}

// key says which reads are the same: accounts do not matter, since all
// assignments of the set are read whichever are wanted. What the set allows
// does: where that changes, everybody who has the set is read.
func (w *want) key() string {
	users := make([]string, len(w.desired.Users))
	for i, u := range w.desired.Users {
		users[i] = u.Username
	}
	var content []string
	for _, p := range w.desired.Sets {
		content = append(content, p.SessionDuration, p.InlinePolicy, p.Boundary.String(), fmt.Sprint(p.ManagedPolicies, p.CustomerPolicies))
	}
	return strings.Join(slices.Concat([]string{w.name, w.previously, w.set, w.formerSet, w.owner, fmt.Sprint(w.whole)}, users, content), "\x00")
}

// reading says how to read the group; a set that goes is read whole.
func (w *want) reading(deep bool) read.Options {
	return read.Options{Desired: w.desired, Owner: w.owner, Only: []string{w.name}, NoRecords: true, Sets: nonEmpty(w.set, w.formerSet), Deep: deep || w.formerSet != ""}
}

// allows says whether the resource lets a guard's refusal through.
func allows(list []string, what string) bool { return slices.Contains(list, what) }
