// Package centertest holds what the tests of the packages of identitycenter share: an
// emulator, a client of it, and worlds of which the config and AWS agree.
//
// Only tests may import it. It takes T instead of importing package testing.
package centertest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

// T is what is needed of a test or of a property.
type T interface {
	Helper()
	Fatal(args ...any)
}

// Region is where the worlds are.
const Region = "us-east-1"

// NoLimits lets tests call as fast as they can; the quota has tests of its own.
func NoLimits() *quota.Budgets {
	limits := map[string]quota.Limit{}
	for _, family := range []string{identitycenter.SSOAdmin, identitycenter.IdentityStore, identitycenter.Organizations, identitycenter.STS} {
		limits[family] = quota.Limit{TPS: 1e6}
	}
	return quota.New(limits)
}

// Start starts an emulator.
func Start(t T, o emulator.Options) *emulator.Emulator {
	t.Helper()
	o.Seed = cmp.Or(o.Seed, 1) // what two emulators say is compared
	e, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// OptionsFor returns the options of a client with an access key.
func OptionsFor(transport http.RoundTripper, key string) identitycenter.Options {
	return identitycenter.Options{
		Region: Region, Credentials: credentials.NewStaticCredentialsProvider(key, "secret", ""),
		HTTPClient: &http.Client{Transport: transport}, Quota: NoLimits(),
	}
}

// Connect connects a client.
func Connect(t T, o identitycenter.Options) *identitycenter.Client {
	t.Helper()
	c, err := identitycenter.Connect(ContextOf(t), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Client connects to an emulator with an access key.
func Client(t T, e *emulator.Emulator, key string) *identitycenter.Client {
	t.Helper()
	return Connect(t, OptionsFor(e.Transport(), key))
}

// Lines shows a state by names, without ids, so that it can be compared with
// what a test writes down and with what the emulator says.
func Lines(s access.State) []string {
	var out []string
	addf := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, a := range s.Accounts {
		addf("account %s %s %s management=%t", a.ID, a.Name, a.State, a.Management)
	}
	for _, g := range s.Groups {
		addf("group %s %q owner=%q scim=%t applications=%d", g.Name, g.Description, g.Owner, g.SCIM, g.Applications)
	}
	for _, p := range s.Sets {
		addf("set %s %q %s relay=%q managed=%v customer=%v inline=%s boundary=%s tags=%v owner=%q provisioned=%v outdated=%v", p.Name, p.Description,
			p.SessionDuration, p.RelayState, p.ManagedPolicies, p.CustomerPolicies, p.InlinePolicy, p.Boundary, p.Tags, p.Owner, p.Provisioned, p.Outdated)
	}
	for _, m := range s.Memberships {
		addf("member %s %s", s.Groups[m.Group].Name, s.Users[m.User].Username)
	}
	for _, g := range s.Assignments {
		addf("grant %s %s %s", s.Sets[g.Set].Name, s.Accounts[g.Account].ID, principalName(&s, g))
	}
	return out
}

func principalName(s *access.State, g access.Assignment) string {
	switch g.Kind {
	case access.GroupPrincipal:
		return "GROUP " + s.Groups[g.Principal].Name
	case access.UserPrincipal:
		return "USER " + s.Users[g.Principal].Username
	default:
		return "ORPHAN " + s.Orphans[g.Principal].Kind.String() + " " + s.Orphans[g.Principal].ID
	}
}

// UserLines shows the users of a state.
func UserLines(s access.State) []string {
	var out []string
	for _, u := range s.Users {
		out = append(out, fmt.Sprintf("user %s %q %q %q %q scim=%t disabled=%t", u.Username, u.DisplayName, u.GivenName, u.FamilyName, u.Email, u.SCIM, u.Disabled))
	}
	return out
}

// Limited is a client that makes so many calls a second to sso-admin.
func Limited(t T, e *emulator.Emulator, tps float64) *identitycenter.Client {
	t.Helper()
	o := OptionsFor(e.Transport(), emulator.ManagementKey)
	limits := identitycenter.Limits()
	limits[identitycenter.SSOAdmin] = quota.Limit{TPS: tps}
	o.Quota = quota.New(limits)
	return Connect(t, o)
}

// Calls counts the calls that the emulator saw of a family, or of operations of it whose
// names begin so ("sso-admin.List").
func Calls(e *emulator.Emulator, family string) int {
	n := 0
	for name, count := range e.Stats().Calls {
		if strings.HasPrefix(name, family) {
			n += count
		}
	}
	return n
}

// World builds desired states and estates that agree.
type World struct {
	B      access.Builder
	Estate *emulator.Estate
	owner  string
	Rows   []int32  // of the accounts in the config
	Names  []string // of the accounts
}

// NewWorld returns a world with so many accounts beside the management and the
// security account.
func NewWorld(owner string, accounts int) *World {
	w := &World{owner: owner, Estate: &emulator.Estate{
		Organization:            &emulator.EstateOrganization{Management: "management"},
		Accounts:                []emulator.EstateAccount{{ID: "100000000000", Name: "management"}, {ID: "100000000001", Name: "security"}},
		DelegatedAdministrators: []emulator.EstateDelegate{{Account: "security"}},
		Callers:                 []emulator.EstateCaller{{AccessKey: DelegatedKey, Account: "security"}},
	}}
	for i := range accounts {
		name := fmt.Sprintf("account-%03d", i)
		w.Estate.Accounts = append(w.Estate.Accounts, emulator.EstateAccount{ID: fmt.Sprintf("2%011d", i), Name: name})
		w.Names = append(w.Names, name)
		w.Rows = append(w.Rows, w.B.AddAccount(access.Account{Name: name}))
	}
	return w
}

// DelegatedKey is the access key of the delegated administrator.
const DelegatedKey = "AKIDDELEGATEDOFWORLD"

// Group has the group and its set in the first n accounts, in the config and in AWS.
func (w *World) Group(name string, n int) {
	w.WantGroup(name, n)
	w.HaveGroup(name, n)
}

// WantGroup has a group and its set in the config.
func (w *World) WantGroup(name string, n int) {
	g := w.B.AddGroup(access.Group{Name: name, Owner: w.owner})
	s := w.B.AddSet(access.PermissionSet{Name: name, Tags: []access.Tag{{Key: access.OwnerTag, Value: w.owner}}})
	for _, a := range w.Rows[:n] {
		w.B.AddAssignment(access.Assignment{Set: s, Account: a, Kind: access.GroupPrincipal, Principal: g})
	}
}

// HaveGroup has a group and its set in AWS.
func (w *World) HaveGroup(name string, n int) {
	w.Estate.Groups = append(w.Estate.Groups, emulator.EstateGroup{DisplayName: name, Description: access.Mark{Owner: w.owner}.String()})
	w.Estate.PermissionSets = append(w.Estate.PermissionSets, emulator.EstatePermissionSet{Name: name, Tags: map[string]string{access.OwnerTag: w.owner}})
	w.Assign(name, emulator.EstateAssignment{Group: name}, w.Names[:n]...)
}

// Assign has a set assigned in AWS.
func (w *World) Assign(set string, to emulator.EstateAssignment, accounts ...string) {
	if len(accounts) == 0 {
		return
	}
	to.PermissionSet, to.Accounts = set, accounts
	w.Estate.Assignments = append(w.Estate.Assignments, to)
}

// ContextOf returns the context of a test or of a property.
func ContextOf(t any) context.Context {
	if t, ok := t.(interface{ Context() context.Context }); ok {
		return t.Context()
	}
	return context.Background()
}
