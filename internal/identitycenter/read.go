package identitycenter

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// readers is how many calls of a read are under way at once; the quota decides
// how many come a second.
const readers = 24

// ReadOptions say what to read.
type ReadOptions struct {
	// Desired is what the config asks for; what it names is read.
	Desired access.State
	Owner   string
	// Only reads what concerns this one group of Desired.
	Only string
	// Sets are names of permission sets to read whether or not Desired grants
	// them, with everybody who has them, whoever owns them.
	Sets []string
	// Leaving says that the group Only is to be deleted: what else uses it is
	// read, where it is the owner's.
	Leaving bool
	// Deep reads every assignment of every owned permission set, and trusts no
	// cache for who owns a set.
	Deep bool
	// Ignore are patterns (path.Match) of names of permission sets that are not
	// ours to look at, such as Control Tower's: their assignments are not swept.
	Ignore []string
	// Sweep lets a deep read that was interrupted go on; nil starts over.
	Sweep SweepLog
	// Progress is told how far each part of the reading is; calls do not overlap.
	Progress func(Progress)
}

// Progress says how far a part of a read is.
type Progress struct {
	What  string `json:"what"` // "permission sets", "assignments", ...
	Done  int    `json:"done"`
	Total int    `json:"total"`
}

// Read reads the live state of what the desired state names and the owner
// owns. State.Observed says what was read and what this way of reading cannot
// see. The list has notes and warnings; the error, where there is one, is a
// diagnostic, and then there is no state.
func (c *Client) Read(ctx context.Context, o ReadOptions) (access.State, diag.List, error) {
	r, err := newReader(c, o)
	if err != nil {
		return access.State{}, nil, err
	}
	if err := r.read(ctx); err != nil {
		return access.State{}, nil, c.explain(err)
	}
	r.saveCache()
	r.endSweep()
	return r.state(), r.notes, nil
}

// ReadIdentities reads accounts, the groups and users that the desired state
// names, and all their memberships, whoever owns them: what is needed to say
// that every name is there. No permission set is read.
func (c *Client) ReadIdentities(ctx context.Context, desired access.State) (access.State, diag.List, error) {
	r, err := newReader(c, ReadOptions{Desired: desired})
	if err != nil {
		return access.State{}, nil, err
	}
	r.allMembers = true
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.readAccounts(gctx) })
	g.Go(func() error { return r.readDirectory(gctx) })
	if err := g.Wait(); err != nil {
		return access.State{}, nil, c.explain(err)
	}
	r.observed.Read = "identities"
	return r.state(), r.notes, nil
}

// reader is one read. Its tables are filled by several goroutines under mu and
// turned into a State at the end.
type reader struct {
	c    *Client
	o    ReadOptions
	want access.State // Desired, or what of it concerns Only
	// allMembers reads the memberships of every group named, SCIM's too.
	allMembers bool

	mu       sync.Mutex
	notes    diag.List
	observed access.Observed

	accounts  []access.Account
	accountID map[string][]string // by name; a name may stand for several

	groups  map[string]access.Group // by id
	groupID map[string]string       // by name
	users   map[string]access.User  // by id
	userID  map[string]string       // by user name
	// allUsers says that the whole identity store's users were listed.
	allUsers bool
	members  map[string][]member // by group id

	sets    map[string]*setRead // by ARN, those in scope
	setARN  map[string]string   // of those, by name
	foreign map[string]string   // names of sets beyond the scope that grants refer to, by ARN
	arns    []string            // all of the instance
	tags    map[string]tagsRead // by ARN, as read in this run

	grants  map[grantKey]bool
	pairs   map[pair]bool     // read whole
	orphans map[string]bool   // principals that no longer exist, by id
	asked   map[string][]pair // what groups were found to have while their sets were looked for
	sweep   sweep
	strings map[string]string // one copy of each that comes often
	apps    map[string]int    // application assignments, by group id
}

// member is a membership as ListGroupMemberships gives it.
type member struct{ user, id string }

// pair is a permission set in an account.
type pair struct{ set, account string }

// grantKey is an account assignment by ids.
type grantKey struct {
	pair
	kind      access.PrincipalKind // what AWS calls it: GroupPrincipal or UserPrincipal
	principal string
}

func newReader(c *Client, o ReadOptions) (*reader, error) {
	want := o.Desired
	if o.Only != "" {
		if want.GroupIndex(o.Only) < 0 {
			return nil, failure{finding: diag.Diagnostic{
				Severity: diag.Error, Code: CodeNotFound, Summary: fmt.Sprintf("the config has no group %q", o.Only),
				Hint: "Give --only the exact name of a group of the config.",
			}}
		}
		want = onlyGroup(want, o.Only)
	}
	return &reader{
		c: c, o: o, want: want,
		accountID: map[string][]string{}, groups: map[string]access.Group{}, groupID: map[string]string{},
		users: map[string]access.User{}, userID: map[string]string{}, members: map[string][]member{},
		sets: map[string]*setRead{}, setARN: map[string]string{}, foreign: map[string]string{}, tags: map[string]tagsRead{},
		grants: map[grantKey]bool{}, pairs: map[pair]bool{}, orphans: map[string]bool{}, strings: map[string]string{}, asked: map[string][]pair{}, apps: map[string]int{},
		observed: access.Observed{Members: map[string]bool{}, Uses: map[string]bool{}, SetUses: map[string]bool{}},
	}, nil
}

// read fills the tables: accounts, directory and permission sets side by side,
// then the assignments, which need all three, then the names of whoever the
// assignments mention.
func (r *reader) read(ctx context.Context) error {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.readAccounts(gctx) })
	g.Go(func() error { return r.readDirectory(gctx) })
	g.Go(func() error { return r.readSets(gctx) })
	if err := g.Wait(); err != nil {
		return err
	}
	if err := r.readGrants(ctx); err != nil {
		return err
	}
	if err := r.readUses(ctx); err != nil {
		return err
	}
	return r.resolvePrincipals(ctx)
}

// each runs the work for every item, several at once, and reports progress
// under the name; the first error ends it.
func each[T any](ctx context.Context, r *reader, what string, items []T, work func(context.Context, T) error) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	done := 0
	for _, item := range items {
		g.Go(func() error {
			if err := gctx.Err(); err != nil {
				return err
			}
			if err := work(gctx, item); err != nil {
				return err
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			done++
			if r.o.Progress != nil {
				r.o.Progress(Progress{What: what, Done: done, Total: len(items)})
			}
			return nil
		})
	}
	return g.Wait()
}

// onlyGroup gives the part of a desired state that concerns one group.
func onlyGroup(s access.State, name string) access.State {
	var b access.Builder
	from := int32(s.GroupIndex(name))
	group := b.AddGroup(s.Groups[from])
	users, sets, accounts := map[int32]int32{}, map[int32]int32{}, map[int32]int32{}
	for _, m := range s.Members(int(from)) {
		if _, ok := users[m.User]; !ok {
			users[m.User] = b.AddUser(s.Users[m.User])
		}
		b.AddMembership(group, users[m.User], 0)
	}
	for _, g := range s.Grants {
		if g.Kind != access.GroupPrincipal || g.Principal != from {
			continue
		}
		if _, ok := sets[g.Set]; !ok {
			sets[g.Set] = b.AddSet(s.Sets[g.Set])
		}
		if _, ok := accounts[g.Account]; !ok {
			accounts[g.Account] = b.AddAccount(s.Accounts[g.Account])
		}
		b.AddGrant(access.Grant{Set: sets[g.Set], Account: accounts[g.Account], Kind: g.Kind, Principal: group})
	}
	return b.State()
}

// saveCache remembers the sets for the next run; failing to is worth a note.
func (r *reader) saveCache() {
	if r.c.cache == nil {
		return
	}
	known := r.c.knownSets()
	alive := make(map[string]CachedSet, len(r.arns))
	for _, arn := range r.arns {
		if set, ok := known[arn]; ok {
			alive[arn] = set
		}
	}
	if err := r.c.cache.Save(r.c.instance.ARN, alive); err != nil {
		r.notes = append(r.notes, diag.Diagnostic{
			Severity: diag.Note, Code: CodeCacheNotSaved, Summary: "the cache of permission set names could not be saved",
			Detail: err.Error(), Hint: "The next run makes more calls. Make the cache folder writable.",
		})
	}
}
