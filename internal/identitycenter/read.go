package identitycenter

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

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
	// Only reads what concerns these groups of Desired; none means everything.
	Only []string
	// Adopt are patterns (access.Matches) of groups and permission sets that are
	// taken over: of a set that is not the owner's every assignment is read, of a
	// group its members and all that it has on the sets in scope.
	Adopt []string
	// NoRecords says that the caller keeps account elsewhere of what names meant,
	// as Terraform's state does: a set is not read whole for having no record.
	NoRecords bool
	// Sets are names of permission sets to read whether or not Desired grants
	// them, with everybody who has them, whoever owns them.
	Sets []string
	// Leaving says that the groups of Only are to be deleted: what else uses them
	// is read, where they are the owner's.
	Leaving bool
	// Deep reads every assignment of every owned permission set, those of
	// principals that are gone among them, whatever it costs.
	Deep bool
	// Ignore are patterns (access.Matches) of names that are not ours to look at,
	// such as Control Tower's: assignments of such permission sets are not swept.
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
	// quick never reads more than a fast read does, because all is too dear.
	quick bool
	// allMembers reads the memberships of every group named, SCIM's too.
	allMembers bool

	mu       sync.Mutex
	notes    diag.List
	observed access.Observed

	accounts []access.Account
	// accountID has, by what Desired writes, the ids of the accounts that it may
	// stand for, and meansAccount that of the one that it means.
	accountID    map[string][]string
	meansAccount map[string]string

	groups  map[string]access.Group // by id
	groupID map[string]string       // by name
	users   map[string]access.User  // by id
	userID  map[string]string       // by user name
	// allUsers says that the whole identity store's users were listed, up to
	// nextUsers otherwise. Those who were listed only to be asked what they have
	// are in others, by id.
	allUsers  bool
	nextUsers *string
	others    map[string]access.User
	members   map[string][]member // by group id

	sets    map[string]*setRead // by ARN, those in scope
	setARN  map[string]string   // of those, by name
	foreign map[string]string   // names of sets beyond the scope that grants refer to, by ARN
	arns    []string            // all of the instance
	// remembered says that arns is what an earlier read listed.
	remembered bool
	tags       map[string]tagsRead // by ARN, as read in this run
	gone       map[string]bool     // ARNs of sets that were deleted meanwhile
	locks      map[string]bool     // ARNs of sets that are locks

	grants  map[grantKey]bool
	pairs   map[pair]bool     // read whole
	resumed map[pair]bool     // of those, the ones that an earlier read had read
	orphans map[string]bool   // principals that no longer exist, by id
	asked   map[string][]pair // what principals that were asked have, by id
	extra   int               // calls that a fast read would not have made
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
	for _, name := range o.Only {
		if want.GroupIndex(name) < 0 {
			return nil, failure{finding: diag.Diagnostic{
				Severity: diag.Error, Code: CodeNotFound, Summary: fmt.Sprintf("the config has no group %q", name),
				Hint: "Give --only the exact name of a group of the config.",
			}}
		}
	}
	if len(o.Only) > 0 {
		want = onlyGroups(want, o.Only)
	}
	return &reader{
		c: c, o: o, want: want,
		accountID: map[string][]string{}, meansAccount: map[string]string{}, groups: map[string]access.Group{}, groupID: map[string]string{},
		users: map[string]access.User{}, userID: map[string]string{}, others: map[string]access.User{}, members: map[string][]member{},
		sets: map[string]*setRead{}, setARN: map[string]string{}, foreign: map[string]string{}, tags: map[string]tagsRead{}, gone: map[string]bool{}, locks: map[string]bool{},
		grants: map[grantKey]bool{}, pairs: map[pair]bool{}, resumed: map[pair]bool{}, orphans: map[string]bool{}, strings: map[string]string{}, asked: map[string][]pair{}, apps: map[string]int{},
		observed: access.Observed{Began: time.Now().UnixNano(), Members: map[string]bool{}, Uses: map[string]bool{}, SetUses: map[string]bool{}, Holders: map[string]bool{}},
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
	if err := r.readElsewhere(ctx); err != nil {
		return err
	}
	if err := r.readUses(ctx); err != nil {
		return err
	}
	if err := r.resolvePrincipals(ctx); err != nil {
		return err
	}
	return r.readStuckOrphans(ctx)
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

// only says whether a group is one of Only, or everything is read.
func (r *reader) only(group string) bool {
	return len(r.o.Only) == 0 || slices.Contains(r.o.Only, group)
}

// onlyGroups gives the part of a desired state that concerns some groups.
func onlyGroups(s access.State, names []string) access.State {
	var b access.Builder
	groups, users, sets, accounts := map[int32]int32{}, map[int32]int32{}, map[int32]int32{}, map[int32]int32{}
	for _, name := range names {
		from := int32(s.GroupIndex(name))
		if _, twice := groups[from]; twice {
			continue
		}
		groups[from] = b.AddGroup(s.Groups[from])
		for _, m := range s.Members(int(from)) {
			b.AddMembership(groups[from], handleOf(users, m.User, func() int32 { return b.AddUser(s.Users[m.User]) }), 0)
		}
	}
	for _, g := range s.Grants {
		group, ok := groups[g.Principal]
		if g.Kind != access.GroupPrincipal || !ok {
			continue
		}
		b.AddGrant(access.Grant{
			Set:     handleOf(sets, g.Set, func() int32 { return b.AddSet(s.Sets[g.Set]) }),
			Account: handleOf(accounts, g.Account, func() int32 { return b.AddAccount(s.Accounts[g.Account]) }),
			Kind:    g.Kind, Principal: group,
		})
	}
	return b.State()
}

// handleOf gives the handle of a row, which is added where it is not there yet.
func handleOf(handles map[int32]int32, row int32, add func() int32) int32 {
	h, ok := handles[row]
	if !ok {
		h = add()
		handles[row] = h
	}
	return h
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
