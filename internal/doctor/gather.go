package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/presence"
	"github.com/rolecall-dev/rolecall/internal/probe/saml"
	"github.com/rolecall-dev/rolecall/internal/probe/scim"
)

// AWS answers single questions about IAM Identity Center and the organization.
// An error ends the diagnosis, but for one that has a method Needs: that one
// says what would let the question be answered. What is not there is no error.
type AWS interface {
	Identities
	Assignments
	Account(ctx context.Context, idOrName string) (access.Account, bool, diag.Evidence, error)
	Accounts(ctx context.Context) ([]access.Account, diag.Evidence, error)
}

// Identities asks about users, groups and memberships.
type Identities interface {
	UserByName(ctx context.Context, name string) (access.User, bool, diag.Evidence, error)
	UserByEmail(ctx context.Context, email string) (access.User, bool, diag.Evidence, error)
	GroupByName(ctx context.Context, name string) (access.Group, bool, diag.Evidence, error)
	GroupsOf(ctx context.Context, userID string) ([]access.Group, diag.Evidence, error)
	MembersOf(ctx context.Context, groupID string) ([]access.User, diag.Evidence, error)
	// Users and Groups read all of them, which costs the more the more there are.
	Users(ctx context.Context) ([]access.User, diag.Evidence, error)
	Groups(ctx context.Context) ([]access.Group, diag.Evidence, error)
}

// Assignments asks who holds which permission set where.
type Assignments interface {
	// AssignmentsOf returns what a principal holds itself, in one account or ("") in all.
	// Where sets are named, only those matter.
	AssignmentsOf(ctx context.Context, kind access.PrincipalKind, id, account string, sets ...string) ([]access.AssignedSet, diag.Evidence, error)
	// Outdated returns the ARNs of the sets of which the account has an older
	// version.
	Outdated(ctx context.Context, account string) (setARNs []string, seen diag.Evidence, err error)
	// AssignedGroups returns who holds a set in an account. At most so many are asked
	// whether they still exist, and none of those that are known to.
	AssignedGroups(ctx context.Context, set, account string, known []string, most int) ([]access.AssignedGroup, diag.Evidence, error)
	FailedJobs(ctx context.Context, most int) ([]access.FailedAssignment, diag.Evidence, error)
}

// Case is what is looked into, and what is known before anybody is asked.
type Case struct {
	Subject Subject
	Name    string
	Account string // id or name; "" for any
	Desired access.State
	SetUp   access.SetUp
	IdP     string
	Now     time.Time
	// Scan reads all users or groups of AWS for look-alikes of a name that is not
	// there.
	Scan bool

	// Renamed says what a group that is missing is called now, by what its permission
	// sets say; the zero value where they do not. nil where nobody can be asked.
	Renamed func(ctx context.Context, group string) (access.Renamed, error)

	AWS       AWS
	Directory directory.Directory // nil: no connector
	// NoDirectory is why the connector that the config has could not be opened.
	NoDirectory *diag.Diagnostic
	// Live is what was read of AWS before; set-up only, and may be empty.
	Live access.State
	// Most is how many groups or users of the config both systems are asked
	// about, of the set-up; Progress, where given, hears of each.
	Most     int
	Progress func(done, total int)
	// Probes that were made, or why not. Where SCIM is not known, SCIMLook is
	// asked.
	SCIM     Fact[scim.Answer]
	TokenAge Fact[scim.Age]
	Metadata Fact[saml.Metadata]
	Names    Fact[presence.Report] // set-up only
	// SCIMLook asks the endpoint whose address is Endpoint; nil where it cannot be
	// asked.
	SCIMLook SCIM
	Endpoint string
}

// Gather asks for the facts that the checks of the subject look at.
func Gather(ctx context.Context, c Case) (*Facts, error) {
	g := newGatherer(c)
	if err := g.gather(ctx); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err() // what was not answered was not waited for
	}
	if d := g.NoDirectory; d != nil {
		g.miss(Unanswered{System: g.f.IdP, Why: cmp.Or(d.Detail, d.Summary), Needs: d.Hint})
	}
	g.failedProbes()
	g.f.Unanswered = *g.failedSystems
	return g.f, nil
}

type gatherer struct {
	Case
	f *Facts
	// ofUser are the user's groups in AWS.
	ofUser     []access.Group
	ofUserSeen diag.Evidence
	// idpGroups are the person's direct groups at the identity provider.
	idpGroups Fact[[]directory.Group]
	// brought are the ids of the groups that it brings to AWS, and pushes the push
	// mappings that say so, where there are such; each is asked for once.
	brought Fact[map[string]bool]
	pushes  directory.PushGroupsFound
	// named is the user in AWS of the name that was asked about.
	named *lookedUp
	// owners are people at the identity provider by AWS's external ids, as it told.
	owners map[string]directory.PeopleFound
	// whoSeen is what was asked to know whose a user in AWS is.
	whoSeen []diag.Evidence
	// spent counts the calls that searched for a reason why an assignment is not there.
	spent int
	// outdated are the sets of which the account has an older version, failed
	// the assignments that AWS could not make; each is asked for once.
	outdated Fact[[]string]
	failed   Fact[[]access.FailedAssignment]
	// failedSystems are the systems that gave no answer.
	failedSystems *[]Unanswered
	heard         bool // the identity provider was asked something
}

func newGatherer(c Case) *gatherer {
	g := &gatherer{Case: c, failedSystems: &[]Unanswered{}, owners: map[string]directory.PeopleFound{}, f: &Facts{
		Now: c.Now, Subject: c.Subject, Name: c.Name, SetUp: c.SetUp, IdP: c.IdP, Window: presence.WindowOf(c.IdP),
		SCIM: c.SCIM, TokenAge: c.TokenAge, Names: c.Names, Scanned: c.Scan, Endpoint: c.Endpoint,
	}}
	_, g.f.Pushes = g.Directory.(directory.GroupPusher)
	_, g.f.Assigns = g.Directory.(directory.Assignments)
	g.f.Assigns = g.f.Assigns && !g.f.Pushes
	if g.Directory != nil && g.Directory.About().Kind == "file" {
		g.f.Export = g.Directory.About().System
	}
	return g
}

func (g *gatherer) gather(ctx context.Context) error {
	g.f.Filled = slices.ContainsFunc(g.Live.Users, func(u access.User) bool { return u.SCIM }) || slices.ContainsFunc(g.Live.Groups, func(have access.Group) bool { return have.SCIM })
	g.provisioning(ctx)
	g.saml(ctx)
	g.metadata()
	switch g.Subject {
	case Person:
		return g.person(ctx)
	case Group:
		return g.group(ctx)
	default:
		g.setUpAtSCIM(ctx)
		g.events(ctx, "", g.since()) // which tell of a refused token
		g.sharedGroups(ctx)
		g.arrivals(ctx)
		// A question that got no answer is told by the checks that lack it.
		_ = g.bothSystems(ctx)
		g.reached(ctx)
		return nil
	}
}

// needs says what would let the identity provider be asked.
func (g *gatherer) needs(c directory.Capability) string {
	if d := g.NoDirectory; d != nil {
		return fmt.Sprintf("the connector for %s in rolecall.hcl, which does not work: %s. %s", g.f.IdP, cmp.Or(d.Detail, d.Summary), d.Hint)
	}
	if g.Directory == nil {
		return fmt.Sprintf("a connector for %s in rolecall.hcl (docs/config.md); without one, look there yourself", g.f.IdP)
	}
	if m, ok := g.Directory.About().MissingFor(c); ok {
		return strings.TrimSuffix(m.Why, ".") + ". " + m.Needs
	}
	return fmt.Sprintf("%s does not show %s", g.Directory.About().System, c)
}

// asked makes a fact of an answer of the identity provider; a refusal says what
// it needs.
func asked[T any](value T, seen []diag.Evidence, err error) Fact[T] {
	if err == nil {
		return Known(value, seen...)
	}
	var e *directory.Error
	if errors.As(err, &e) {
		return Fact[T]{Needs: strings.TrimSpace(e.Error() + ". " + e.Needs), Evidence: []diag.Evidence{e.Evidence()}}
	}
	return Unknown[T](err.Error())
}

// answer makes a fact of an answer of the identity provider, and keeps that there was none.
func answer[T any](g *gatherer, value T, seen []diag.Evidence, err error) Fact[T] {
	g.unanswered(err)
	return asked(value, seen, err)
}

// account finds the account that was asked for.
func (g *gatherer) account(ctx context.Context) error {
	if g.Account == "" {
		return nil
	}
	a, found, seen, err := g.AWS.Account(ctx, g.Account)
	if err != nil {
		return err
	}
	g.f.Account = Known[*access.Account](nil, seen)
	if found {
		g.f.Account.Value = &a
		return nil
	}
	return g.noAccount(ctx)
}

// noAccount says what to write instead. Of a name all accounts were asked for
// already, so this costs no call; of an id none is needed.
func (g *gatherer) noAccount(ctx context.Context) error {
	var all []access.Account
	if !access.IsAccountID(g.Account) {
		var err error
		if all, _, err = g.AWS.Accounts(ctx); err != nil {
			return err
		}
	}
	index := access.NewAccountIndex(all)
	g.f.Instead, g.f.Missing = index.Instead(g.Account), access.NoAccount(g.Account)
	if found := index.Find(g.Account); len(found.Same) > 0 {
		ids := called(found.Same, func(row int32) string { return all[row].ID })
		g.f.Missing, g.f.Instead = found.Unclear(g.Account), "Write the 12-digit id of the right one: "+strings.Join(ids, " or ")+"."
	}
	return nil
}

// instead says what to write for a name that means no account.
func instead(organization *access.AccountIndex, name string) string {
	if found := organization.Find(name); len(found.Same) > 0 {
		return diag.Upper(found.Unclear(name)) + ": write the 12-digit id of the right one."
	}
	return organization.Instead(name)
}

func (g *gatherer) accountID() string {
	if a := g.f.Account; a.Known && a.Value != nil {
		return a.Value.ID
	}
	return ""
}
