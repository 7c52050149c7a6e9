// Package read reads an instance of IAM Identity Center: for a plan, for the
// question who has what, and for single questions about why access is missing.
//
// It promises that what it did not look at is never taken for absent: each state
// says what was read, and what this way of reading cannot see. It writes nothing
// but the cache of names. The calls of each read are written beside it; which of
// several ways costs fewer is decided in one place for things (book.go) and in one
// for assignments (ways.go).
package read

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// Reader reads one instance. It is safe for concurrent use.
type Reader struct {
	c    *identitycenter.Client
	kept *books // nil where nothing is remembered
}

// New returns a reader of the client's instance.
func New(c *identitycenter.Client) *Reader { return &Reader{c: c} }

// NewRemembering returns a reader that keeps, until Forget, which accounts, users,
// groups and permission sets it found: for a process that makes many small reads
// within minutes. What the client writes is put into it or taken out of it; what
// others change meanwhile it does not see.
func NewRemembering(c *identitycenter.Client) *Reader {
	r := &Reader{c: c, kept: newBooks(c, true)}
	c.OnWrite(r.kept.wrote)
	return r
}

// Forget drops what is kept, so that the next read asks AWS for everything:
// somebody else may have made what is looked for.
func (r *Reader) Forget() {
	if r.kept != nil {
		r.kept.forget()
	}
}

// Options say what to read.
type Options struct {
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
	// Alive says that of the permission sets of Sets everybody alive who has them is to be
	// seen where that is cheap, and of those that are not the owner's in any case; Whole
	// that it is, whatever it costs. Only for a reader that remembers.
	Alive, Whole bool
	// Leaving says that the groups of Only are to be deleted: what else uses them
	// is read, where they are the owner's.
	Leaving bool
	// Deep reads every assignment of every owned permission set, those of
	// principals that are gone among them, whatever it costs.
	Deep bool
	// Ignore are patterns (access.Matches) of names that are not ours to look at,
	// such as Control Tower's: assignments of such permission sets are not read.
	Ignore []string
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
func (r *Reader) Read(ctx context.Context, o Options) (access.State, diag.List, error) {
	run, err := r.run(o)
	if err != nil {
		return access.State{}, nil, err
	}
	if err := run.read(ctx); err != nil {
		return access.State{}, nil, r.c.Explain(err)
	}
	run.saveNames()
	return run.state(), run.notes, nil
}

// Identities reads accounts, the groups and users that the desired state names,
// and all their memberships, whoever owns them: what is needed to say that every
// name is there. No permission set is read.
func (r *Reader) Identities(ctx context.Context, desired access.State) (access.State, diag.List, error) {
	run, err := r.run(Options{Desired: desired})
	if err != nil {
		return access.State{}, nil, err
	}
	run.allMembers = true
	if err := sideBySide(ctx, run.readAccounts, run.readDirectory); err != nil {
		return access.State{}, nil, r.c.Explain(err)
	}
	run.observed.Read = "identities"
	return run.state(), run.notes, nil
}

// Names reads all groups, all users, or both: a call for each hundred. Nothing else
// is in the state.
func (r *Reader) Names(ctx context.Context, groups, users bool) (access.State, error) {
	var b access.Builder
	books := r.books()
	if groups {
		all, err := books.groups.everything(ctx)
		if err != nil {
			return access.State{}, r.c.Explain(err)
		}
		for _, g := range all {
			b.AddGroup(g)
		}
	}
	if users {
		all, err := books.users.everything(ctx)
		if err != nil {
			return access.State{}, r.c.Explain(err)
		}
		for _, u := range all {
			b.AddUser(u)
		}
	}
	return b.State(), nil
}

// User returns the user with the id, whatever the name is now; false where there
// is none. Its error is a diagnostic.
func (r *Reader) User(ctx context.Context, id string) (access.User, bool, error) {
	u, found, _, err := r.books().users.one(ctx, ref{byID, id})
	return u, found, r.c.Explain(err)
}

// Group returns the group with the id, as User does.
func (r *Reader) Group(ctx context.Context, id string) (access.Group, bool, error) {
	g, found, _, err := r.books().groups.one(ctx, ref{byID, id})
	return g, found, r.c.Explain(err)
}

// books returns those that are kept, or new ones.
func (r *Reader) books() *books {
	if r.kept != nil {
		return r.kept
	}
	return newBooks(r.c, false)
}

// run is one read. Its tables are filled by several goroutines under mu and
// turned into a State at the end.
type run struct {
	c    *identitycenter.Client
	o    Options
	want access.State // Desired, or what of it concerns Only
	// quick never reads more than a fast read does, because all is too dear.
	quick bool
	// allMembers reads the memberships of every group named, SCIM's too.
	allMembers bool
	// remembers says that the books are kept: of what they have, only what is asked
	// for belongs to this read.
	remembers bool
	*books

	mu       sync.Mutex
	notes    diag.List
	observed access.Observed

	accountRows []access.Account
	// accountID has, by what Desired writes, the ids of the accounts that it may
	// stand for, and meansAccount that of the one that it means.
	accountID    map[string][]string
	meansAccount map[string]string

	groupRows map[string]access.Group // by id
	groupID   map[string]string       // by name
	userRows  map[string]access.User  // by id
	userID    map[string]string       // by user name
	members   map[string][]access.MembershipID

	setRows map[string]*setRead // by ARN, those in scope
	setARN  map[string]string   // of those, by name
	foreign map[string]string   // names of sets beyond the scope that grants refer to, by ARN
	arns    []string            // all of the instance
	// remembered says that arns is what an earlier read listed.
	remembered bool
	tags       map[string][]access.Tag
	gone       map[string]bool // ARNs of sets that were deleted meanwhile
	locks      map[string]bool // ARNs of sets that are locks

	assignments map[access.AssignmentID]bool
	pairs       map[access.SetInAccount]bool     // read whole
	orphans     map[string]bool                  // principals that no longer exist, by id
	asked       map[string][]access.SetInAccount // what principals that were asked have, by id
	extra       int                              // calls that a fast read would not have made
	strings     map[string]string                // one copy of each that comes often
	apps        map[string]int                   // application assignments, by group id
}

func (r *Reader) run(o Options) (*run, error) {
	want := o.Desired
	for _, name := range o.Only {
		if want.GroupIndex(name) < 0 {
			return nil, identitycenter.Failure{Finding: diag.Diagnostic{
				Severity: diag.Error, Code: identitycenter.CodeNotFound, Summary: fmt.Sprintf("the config has no group %q", name),
				Hint: "Pass --only the exact name of a group in the config.",
			}}
		}
	}
	if len(o.Only) > 0 {
		want = want.OnlyGroups(o.Only)
	}
	return &run{
		c: r.c, o: o, want: want, books: r.books(), remembers: r.kept != nil,
		accountID: map[string][]string{}, meansAccount: map[string]string{}, groupRows: map[string]access.Group{}, groupID: map[string]string{},
		userRows: map[string]access.User{}, userID: map[string]string{}, members: map[string][]access.MembershipID{},
		setRows: map[string]*setRead{}, setARN: map[string]string{}, foreign: map[string]string{}, tags: map[string][]access.Tag{}, gone: map[string]bool{}, locks: map[string]bool{},
		assignments: map[access.AssignmentID]bool{}, pairs: map[access.SetInAccount]bool{}, orphans: map[string]bool{},
		strings: map[string]string{}, asked: map[string][]access.SetInAccount{}, apps: map[string]int{},
		observed: access.Observed{Began: time.Now().UnixNano(), Members: map[string]bool{}, Uses: map[string]bool{}, SetUses: map[string]bool{}, SetPrincipals: map[string]bool{}},
	}, nil
}

// read fills the tables: accounts, directory and permission sets side by side,
// then the assignments, which need all three, then the names of whoever the
// assignments mention.
func (r *run) read(ctx context.Context) error {
	if err := sideBySide(ctx, r.readAccounts, r.readDirectory, r.readSets); err != nil {
		return err
	}
	for _, part := range []func(context.Context) error{r.readAssignments, r.readElsewhere, r.readUses, r.resolvePrincipals, r.readStuckOrphans} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

func sideBySide(ctx context.Context, parts ...func(context.Context) error) error {
	g, gctx := errgroup.WithContext(ctx)
	for _, part := range parts {
		g.Go(func() error { return part(gctx) })
	}
	return g.Wait()
}

// each runs the work for every item, several at once, and reports progress
// under the name; the first error ends it.
func each[T any](ctx context.Context, r *run, what string, items []T, work func(context.Context, T) error) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(identitycenter.AtOnce)
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

// eachThere is each for work on what may be deleted meanwhile: then there is
// nothing to read of it.
func eachThere[T any](ctx context.Context, r *run, what string, items []T, work func(context.Context, T) error) error {
	return each(ctx, r, what, items, func(ctx context.Context, item T) error {
		if err := work(ctx, item); !identitycenter.IsNotFound(err) {
			return err
		}
		return nil
	})
}

// only says whether a group is one of Only, or everything is read.
func (r *run) only(group string) bool {
	return len(r.o.Only) == 0 || slices.Contains(r.o.Only, group)
}

// saveNames remembers the sets for the next run; failing to is worth a note.
func (r *run) saveNames() {
	if err := r.c.SaveNames(r.arns); err != nil {
		r.notes = append(r.notes, diag.Diagnostic{
			Severity: diag.Note, Code: identitycenter.CodeCacheNotSaved, Summary: "the cache of permission set names could not be saved",
			Detail: err.Error(), Hint: "The next run makes more calls. Make the cache folder writable.",
		})
	}
}
