package identitycenter

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

const region = "us-east-1"

// noLimits lets tests call as fast as they can; the quota has tests of its own.
func noLimits() *quota.Budgets {
	limits := map[string]quota.Limit{}
	for _, family := range []string{SSOAdmin, IdentityStore, Organizations, STS} {
		limits[family] = quota.Limit{TPS: 1e6}
	}
	return quota.New(limits)
}

// cleanEnvironment keeps the machine's own AWS settings out of a test.
func cleanEnvironment(t *testing.T) {
	t.Helper()
	for _, name := range []string{"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID",
		"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func start(t *testing.T, o emulator.Options) *emulator.Emulator {
	t.Helper()
	o.Seed = cmp.Or(o.Seed, 1) // what two emulators say is compared
	e, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func optionsFor(transport http.RoundTripper, key string) Options {
	return Options{
		Region: region, Credentials: credentials.NewStaticCredentialsProvider(key, "secret", ""),
		HTTPClient: &http.Client{Transport: transport}, Quota: noLimits(),
	}
}

func connect(t *testing.T, e *emulator.Emulator, key string) *Client {
	t.Helper()
	c, err := Connect(t.Context(), optionsFor(e.Transport(), key))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// lines shows a state by names, without ids, so that it can be compared with
// what a test writes down and with what the emulator says.
func lines(s access.State) []string {
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
	for _, g := range s.Grants {
		addf("grant %s %s %s", s.Sets[g.Set].Name, s.Accounts[g.Account].ID, principalName(&s, g))
	}
	return out
}

func principalName(s *access.State, g access.Grant) string {
	switch g.Kind {
	case access.GroupPrincipal:
		return "GROUP " + s.Groups[g.Principal].Name
	case access.UserPrincipal:
		return "USER " + s.Users[g.Principal].Username
	default:
		return "ORPHAN " + s.Orphans[g.Principal].Kind.String() + " " + s.Orphans[g.Principal].ID
	}
}

func userLines(s access.State) []string {
	var out []string
	for _, u := range s.Users {
		out = append(out, fmt.Sprintf("user %s %q %q %q %q scim=%t disabled=%t", u.Username, u.DisplayName, u.GivenName, u.FamilyName, u.Email, u.SCIM, u.Disabled))
	}
	return out
}

// withRefs gives a change the ids of what is there, as a plan would have them.
func withRefs(t *testing.T, target *Target, ch plan.Change) plan.Change {
	t.Helper()
	find := func(kind plan.Kind, name string, ref *string, look func(context.Context, string) (string, error)) {
		if _, made := target.madeHere(kind, name); name == "" || *ref != "" || made || ch.Kind == kind && ch.Action == plan.Create {
			return
		}
		id, err := look(t.Context(), name)
		if err != nil && !isNotFound(err) {
			t.Fatal(err)
		}
		*ref = id
	}
	find(plan.PermissionSet, ch.Key.PermissionSet, &ch.Refs.PermissionSetARN, func(ctx context.Context, name string) (string, error) { return target.c.setByName(ctx, name, false) })
	find(plan.Group, ch.Key.Group, &ch.Refs.GroupID, target.c.groupID)
	find(plan.User, ch.Key.User, &ch.Refs.UserID, target.c.userID)
	return ch
}

// calls counts the calls of a family that the emulator saw.
func calls(e *emulator.Emulator, family string) int {
	n := 0
	for name, count := range e.Stats().Calls {
		if strings.HasPrefix(name, family+".") {
			n += count
		}
	}
	return n
}

// world builds desired states and estates that agree.
type world struct {
	b      access.Builder
	estate *emulator.Estate
	owner  string
	accs   []int32
	names  []string
}

func newWorld(owner string, accounts int) *world {
	w := &world{owner: owner, estate: &emulator.Estate{
		Organization:            &emulator.EstateOrganization{Management: "management"},
		Accounts:                []emulator.EstateAccount{{ID: "100000000000", Name: "management"}, {ID: "100000000001", Name: "security"}},
		DelegatedAdministrators: []emulator.EstateDelegate{{Account: "security"}},
		Callers:                 []emulator.EstateCaller{{AccessKey: delegatedKey, Account: "security"}},
	}}
	for i := range accounts {
		name := fmt.Sprintf("account-%03d", i)
		w.estate.Accounts = append(w.estate.Accounts, emulator.EstateAccount{ID: fmt.Sprintf("2%011d", i), Name: name})
		w.names = append(w.names, name)
		w.accs = append(w.accs, w.b.AddAccount(access.Account{Name: name}))
	}
	return w
}

const delegatedKey = "AKIDDELEGATEDOFWORLD"

// group has the group and its set in the first n accounts, in the config and in AWS.
func (w *world) group(name string, n int) {
	w.wantGroup(name, n)
	w.haveGroup(name, n)
}

func (w *world) wantGroup(name string, n int) {
	g := w.b.AddGroup(access.Group{Name: name, Owner: w.owner})
	s := w.b.AddSet(access.PermissionSet{Name: name, Tags: []access.Tag{{Key: access.OwnerTag, Value: w.owner}}})
	for _, a := range w.accs[:n] {
		w.b.AddGrant(access.Grant{Set: s, Account: a, Kind: access.GroupPrincipal, Principal: g})
	}
}

func (w *world) haveGroup(name string, n int) {
	w.estate.Groups = append(w.estate.Groups, emulator.EstateGroup{DisplayName: name, Description: access.Mark{Owner: w.owner}.String()})
	w.estate.PermissionSets = append(w.estate.PermissionSets, emulator.EstatePermissionSet{Name: name, Tags: map[string]string{access.OwnerTag: w.owner}})
	w.assign(name, emulator.EstateAssignment{Group: name}, w.names[:n]...)
}

func (w *world) assign(set string, to emulator.EstateAssignment, accounts ...string) {
	if len(accounts) == 0 {
		return
	}
	to.PermissionSet, to.Accounts = set, accounts
	w.estate.Assignments = append(w.estate.Assignments, to)
}

// ctxOf gives the context of a test or of a property.
func ctxOf(t any) context.Context {
	if t, ok := t.(interface{ Context() context.Context }); ok {
		return t.Context()
	}
	return context.Background()
}
