package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/probe/saml"
	"github.com/rolecall-dev/rolecall/internal/probe/scim"
	"github.com/rolecall-dev/rolecall/internal/verify"
)

// AWS answers single questions about IAM Identity Center and the organization.
// An error ends the diagnosis; what is not there is no error.
type AWS interface {
	UserByName(ctx context.Context, name string) (access.User, bool, diag.Evidence, error)
	UserByEmail(ctx context.Context, email string) (access.User, bool, diag.Evidence, error)
	GroupByName(ctx context.Context, name string) (access.Group, bool, diag.Evidence, error)
	GroupsOf(ctx context.Context, userID string) ([]access.Group, diag.Evidence, error)
	MembersOf(ctx context.Context, groupID string) (userNames []string, seen diag.Evidence, err error)
	Account(ctx context.Context, idOrName string) (access.Account, bool, diag.Evidence, error)
	// Holds gives what a principal holds itself, in one account or ("") in all.
	Holds(ctx context.Context, kind access.PrincipalKind, id, account string) ([]Grant, diag.Evidence, error)
	SetARN(ctx context.Context, name string) (string, bool, error)
	// Provisioned gives the sets of an account by ARN, true for those outdated.
	Provisioned(ctx context.Context, account string) (map[string]bool, diag.Evidence, error)
	Holders(ctx context.Context, setARN, account string) ([]Holder, diag.Evidence, error)
	FailedJobs(ctx context.Context, most int) ([]Failure, diag.Evidence, error)
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

	AWS       AWS
	Directory directory.Directory // nil: no connector
	// Probes that were made, or why not.
	SCIM     Fact[scim.Answer]
	TokenAge Fact[scim.Age]
	Metadata Fact[saml.Metadata]
	Names    Fact[verify.Report] // set-up only
}

// Known makes a fact for a Case.
func Known[T any](value T, seen ...diag.Evidence) Fact[T] { return known(value, seen...) }

// Unknown makes a fact that nobody knows, with what it would need.
func Unknown[T any](needs string) Fact[T] { return unknown[T](needs) }

// Gather asks for the facts that the checks of the subject look at.
func Gather(ctx context.Context, c Case) (*Facts, error) {
	g := &gatherer{Case: c, f: &Facts{
		Now: c.Now, Subject: c.Subject, Name: c.Name, SetUp: c.SetUp, IdP: c.IdP, Window: verify.WindowOf(c.IdP),
		SCIM: c.SCIM, TokenAge: c.TokenAge, Names: c.Names,
	}}
	if err := g.gather(ctx); err != nil {
		return nil, err
	}
	return g.f, nil
}

type gatherer struct {
	Case
	f *Facts
	// ofUser are the user's groups in AWS.
	ofUser []access.Group
	// idpGroups are the person's direct groups at the identity provider.
	idpGroups Fact[[]directory.Group]
}

func (g *gatherer) gather(ctx context.Context) error {
	g.provisioning(ctx)
	g.metadata(ctx)
	switch g.Subject {
	case Person:
		return g.person(ctx)
	case Group:
		return g.group(ctx)
	default:
		g.sharedGroups(ctx)
		return nil
	}
}

// needs says what would let the identity provider be asked.
func (g *gatherer) needs(c directory.Capability) string {
	if g.Directory == nil {
		return fmt.Sprintf("a connector for %s in rolecall.hcl (docs/config.md); without one, look there yourself", g.f.IdP)
	}
	if m, ok := g.Directory.About().MissingFor(c); ok {
		return m.Why + ". " + m.Needs
	}
	return fmt.Sprintf("%s does not show %s", g.Directory.About().System, c)
}

// asked makes a fact of an answer of the identity provider; a refusal says what
// it needs.
func asked[T any](value T, seen []diag.Evidence, err error) Fact[T] {
	if err == nil {
		return known(value, seen...)
	}
	var e *directory.Error
	if errors.As(err, &e) {
		return Fact[T]{Needs: strings.TrimSpace(e.Error() + ". " + e.Needs), Evidence: []diag.Evidence{e.Evidence()}}
	}
	return unknown[T](err.Error())
}

func (g *gatherer) provisioning(ctx context.Context) {
	if !g.f.usersBySCIM() {
		return
	}
	p, ok := g.Directory.(directory.Provisioner)
	if !ok {
		g.f.Provisioning = unknown[directory.Provisioning](g.needs(directory.CanProvision))
		return
	}
	got, err := p.Provisioning(ctx)
	g.f.Provisioning = asked(got, got.Evidence, err)
	if got.Interval > 0 && err == nil {
		g.f.Window.TypicalMinutes = int(got.Interval.Minutes())
	}
}

// metadata compares the metadata with what the application says, where a
// connector tells.
func (g *gatherer) metadata(ctx context.Context) {
	if !g.Metadata.Known {
		g.f.Metadata = Fact[[]saml.Problem]{Needs: g.Metadata.Needs, Evidence: g.Metadata.Evidence}
		return
	}
	want := saml.Expected{}
	if s, ok := g.Directory.(directory.SAMLer); ok && g.Subject == SetUp {
		if app, err := s.SAML(ctx); err == nil {
			want.EntityID = app.EntityID
			for _, c := range app.Certificates {
				if c.InUse && c.Fingerprint != "" {
					want.Fingerprints = append(want.Fingerprints, strings.ToLower(c.Fingerprint))
				}
			}
		}
	}
	g.f.Metadata = known(g.Metadata.Value.Problems(g.Now, want), g.Metadata.Evidence...)
}

func (g *gatherer) sharedGroups(ctx context.Context) {
	pusher, ok := g.Directory.(directory.GroupPusher)
	assignments, also := g.Directory.(directory.Assignments)
	if !ok || !also {
		return // only Okta has both, and without a connector nobody asks
	}
	pushed, err := pusher.PushGroups(ctx)
	if err != nil {
		g.f.SharedGroups = asked[[]string](nil, nil, err)
		return
	}
	assigned, err := assignments.GroupAssignments(ctx)
	var both []string
	for _, a := range assigned.Groups {
		if slices.ContainsFunc(pushed.Mappings, func(m directory.PushMapping) bool { return m.GroupID == a.ID }) {
			both = append(both, fmt.Sprintf("%q", a.Name))
		}
	}
	g.f.SharedGroups = asked(both, append(slices.Clone(pushed.Evidence), assigned.Evidence...), err)
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
	g.f.Account = known[*access.Account](nil, seen)
	if found {
		g.f.Account.Value = &a
	}
	return nil
}

func (g *gatherer) accountID() string {
	if a := g.f.Account; a.Known && a.Value != nil {
		return a.Value.ID
	}
	return ""
}

// wanted gives the groups of the config that grant the account asked for, each
// with its set: of one group where name is not "".
func (g *gatherer) wanted(name string) []Path {
	var out []Path
	d := &g.Desired
	seen := map[[2]int32]bool{}
	for _, grant := range d.Grants {
		key := [2]int32{grant.Set, grant.Principal}
		if grant.Kind != access.GroupPrincipal || seen[key] || !g.granted(d.Accounts[grant.Account]) || name != "" && d.Groups[grant.Principal].Name != name {
			continue
		}
		seen[key] = true
		group := d.Groups[grant.Principal]
		out = append(out, Path{Group: group.Name, Set: d.Sets[grant.Set].Name, Account: g.accountID(), At: d.Range(group.Origin)})
	}
	return out
}

func (g *gatherer) granted(a access.Account) bool {
	asked := g.f.Account
	return g.Account == "" || asked.Known && asked.Value != nil && (a.Name == asked.Value.Name || a.ID == asked.Value.ID)
}
