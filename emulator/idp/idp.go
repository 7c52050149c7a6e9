package idp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options say what to simulate and where to push.
type Options struct {
	Kind     Kind
	Endpoint string // SCIM endpoint, as https://scim.<region>.amazonaws.com/<tenant>/scim/v2
	Token    string // bearer token of the endpoint

	HTTPClient *http.Client  // nil means http.DefaultClient
	Interval   time.Duration // of cycles; 0 means the kind's own
	SyncAll    bool          // all users and groups are in scope, assigned or not
	LinkGroups bool          // groups of the same name in AWS are taken over, also where the kind does not
	Seed       uint64        // of the ids
}

// Directory is a simulated identity provider. All methods may be called from
// several goroutines; pushes take turns.
type Directory struct {
	kind    Kind
	habits  habits
	syncAll bool
	scim    *client
	turn    chan struct{} // whose turn it is to push; a channel, so that waiting counts as idle in synctest
	changed chan struct{} // wakes Run

	mu          sync.Mutex // guards all below; never held while sending
	seed, made  uint64
	users       map[string]*person
	groups      map[string]*team
	order       []string          // ids of users and groups in the order of creation
	userNames   map[string]string // by name in small letters
	groupNames  map[string]string
	assignments map[string]Assignment
	dirtyUsers  queue
	dirtyGroups queue
	paused      bool
	job         Job
	cycle       int
	log         []Event
	faults      []Fault
	purging     []string // deleted users who are still in AWS
	mapping     Mapping  // of the job (Entra)
}

// person and team are a user and a group with what is known of them in AWS.
type person struct {
	User
	teams  []string // ids of groups that the user is directly in
	target Provisioned
	sent   string // the last representation that AWS took
	named  string // the user name in it
	barred bool   // not tried again until an administrator acts
}

type team struct {
	Group
	members      []string // user and group ids in the order of joining
	parents      []string // ids of groups that contain this one
	pushed       bool     // has a push mapping (Okta)
	as           string   // the name that it is pushed under; "" means its own
	forgotten    bool     // Okta no longer has its image of the group in AWS
	deleted      bool
	link         bool // a group of the same name in AWS may be taken over
	target       PushMapping
	in           map[string]string // memberships in AWS: user id to SCIM id
	sent         string
	barred       bool // not tried again until an administrator acts
	deletedInAWS bool // by someone else
}

// New makes an empty directory. It sends nothing. Inside a synctest bubble, make
// it there.
func New(o Options) (*Directory, error) {
	h, ok := o.Kind.habits()
	if !ok {
		return nil, fmt.Errorf("make identity provider: unknown kind %q", o.Kind)
	}
	endpoint, err := url.Parse(o.Endpoint)
	if err != nil || endpoint.Host == "" {
		return nil, fmt.Errorf("make identity provider: %q is no URL of a SCIM endpoint", o.Endpoint)
	}
	h.interval = cmp.Or(o.Interval, h.interval)
	h.adoptsGroups = h.adoptsGroups || o.LinkGroups
	return &Directory{
		kind: o.Kind, habits: h, syncAll: o.SyncAll, seed: o.Seed,
		scim: newClient(endpoint, o.Token, o.HTTPClient), turn: make(chan struct{}, 1), changed: make(chan struct{}, 1),
		users: map[string]*person{}, groups: map[string]*team{}, assignments: map[string]Assignment{},
		userNames: map[string]string{}, groupNames: map[string]string{},
		job: Job{Status: JobNotRun, Interval: h.interval},
	}, nil
}

// ErrNotFound is what a method wraps that is given an unknown id.
var ErrNotFound = errors.New("not found")

// SetToken changes the bearer token, as after a rotation.
func (d *Directory) SetToken(token string) { d.scim.token.Store(&token) }

// FindUser returns the user with a user name, in whatever case.
func (d *Directory) FindUser(userName string) (User, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p := d.users[d.userNames[strings.ToLower(userName)]]; p != nil {
		return p.User, true
	}
	return User{}, false
}

// FindGroup returns the group with a name, in whatever case; where several have it,
// the one that got it last.
func (d *Directory) FindGroup(name string) (Group, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if g := d.groups[d.groupNames[strings.ToLower(name)]]; g != nil {
		return g.Group, true
	}
	return Group{}, false
}

// Log returns the provisioning log, oldest first.
func (d *Directory) Log() []Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.log)
}

// Snapshot returns all that the directory knows, deleted users included.
func (d *Directory) Snapshot() Snapshot {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := Snapshot{
		Kind: d.kind, Endpoint: d.scim.endpoint.String(), SyncAll: d.syncAll, Seed: d.seed,
		Mapping: d.mapping, Job: d.job, Log: slices.Clone(d.log),
	}
	s.Job.Wait = d.wait()
	for _, id := range d.order {
		if p := d.users[id]; p != nil {
			s.Users = append(s.Users, p.User)
			s.Provisioned = append(s.Provisioned, p.target)
		}
		if g := d.groups[id]; g != nil && !g.deleted {
			s.Groups = append(s.Groups, g.Group)
			for _, m := range g.members {
				s.Memberships = append(s.Memberships, Membership{id, m, d.groups[m] != nil})
			}
			if d.provisioned(g) {
				mapping := g.target
				mapping.Members, mapping.Name, mapping.Forgotten = d.inAWS(g), cmp.Or(g.sent, d.groupInAWS(g)), g.forgotten
				s.Mappings = append(s.Mappings, mapping)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(d.assignments)) {
		s.Assignments = append(s.Assignments, d.assignments[key])
	}
	return s
}

// inAWS returns the users who are in a group of AWS, in the order of their creation.
func (d *Directory) inAWS(g *team) []string {
	return slices.DeleteFunc(slices.Clone(d.order), func(id string) bool { return g.in[id] == "" })
}

// lock runs a change of the directory, then what the kind does after a change.
func (d *Directory) lock(ctx context.Context, change func() error) error {
	d.mu.Lock()
	err := change()
	now := err == nil && d.habits.interval == 0 && !d.paused
	d.mu.Unlock()
	if now {
		return d.push(ctx)
	}
	return err
}
