package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

func TestNarrowing(t *testing.T) {
	inline := func(before, after string) Change {
		c := Change{Kind: InlinePolicy, Action: Update, Before: Document(before), After: Document(after)}
		switch {
		case before == "":
			c.Action = Create
		case after == "":
			c.Action = Delete
		}
		return c
	}
	sid := func(s, sid string) string { return strings.Replace(s, "{", `{"Sid":"`+sid+`",`, 1) }
	for name, c := range map[string]struct {
		change Change
		want   bool
	}{
		"a managed policy comes":       {Change{Kind: ManagedPolicy, Action: Create, Key: Key{Policy: readARN}}, false},
		"a managed policy goes":        {Change{Kind: ManagedPolicy, Action: Delete, Key: Key{Policy: readARN}}, true},
		"AWSDenyAll comes":             {Change{Kind: ManagedPolicy, Action: Create, Key: Key{Policy: denyARN}}, true},
		"a quarantine comes":           {Change{Kind: ManagedPolicy, Action: Create, Key: Key{Policy: quietARN}}, true},
		"a customer policy comes":      {Change{Kind: CustomerManagedPolicy, Action: Create, Key: Key{Policy: "P"}}, true},
		"a customer policy goes":       {Change{Kind: CustomerManagedPolicy, Action: Delete, Key: Key{Policy: "P"}}, true},
		"a boundary comes":             {Change{Kind: PermissionsBoundary, Action: Create}, true},
		"a boundary is replaced":       {Change{Kind: PermissionsBoundary, Action: Update}, true},
		"a boundary goes":              {Change{Kind: PermissionsBoundary, Action: Delete}, false},
		"a session gets shorter":       {Change{Kind: PermissionSet, Action: Update}, false},
		"the first Allow":              {inline("", policyJSON(allowS3)), false},
		"the first Deny":               {inline("", policyJSON(denyS3)), true},
		"one more Allow":               {inline(policyJSON(denyS3, allowS3), policyJSON(allowIAM, allowS3, denyS3)), false},
		"one more Deny":                {inline(policyJSON(allowS3), policyJSON(allowS3, denyS3)), true},
		"another Sid":                  {inline(policyJSON(sid(allowS3, "A")), policyJSON(sid(allowS3, "B"), allowIAM)), false},
		"one of two equal ones goes":   {inline(policyJSON(sid(allowS3, "A"), sid(allowS3, "B")), policyJSON(allowS3)), true},
		"an Allow goes":                {inline(policyJSON(allowS3, allowIAM), policyJSON(allowS3)), true},
		"a Deny goes":                  {inline(policyJSON(allowS3, denyS3), policyJSON(allowS3)), true}, // not understood
		"all goes":                     {inline(policyJSON(allowS3), ""), true},
		"another version":              {inline(policyJSON(allowS3), strings.Replace(policyJSON(allowS3), "2012-10-17", "2008-10-17", 1)), true},
		"what is no policy":            {inline("", `["Statement"]`), true},
		"a key that nobody knows":      {inline("", policyJSON(`{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}`)), true},
		"an effect that nobody knows":  {inline("", policyJSON(`{"Effect":"allow","Action":"*","Resource":"*"}`)), true},
		"a policy without a statement": {inline("", `{"Version":"2012-10-17","Statement":[]}`), true},
	} {
		if got := Narrows(c.change); got != c.want {
			t.Errorf("%s: narrows %v, want %v", name, got, c.want)
		}
	}
}

func TestAdministers(t *testing.T) {
	managed := func(arn string) access.PermissionSet { return access.PermissionSet{ManagedPolicies: []string{arn}} }
	inline := func(s ...string) access.PermissionSet { return access.PermissionSet{InlinePolicy: policyJSON(s...)} }
	action := func(a string) access.PermissionSet {
		return inline(`{"Effect":"Allow","Action":["` + a + `"],"Resource":"*"}`)
	}
	bounded := managed(adminARN)
	bounded.Boundary = access.Boundary{CustomerPolicy: access.CustomerPolicy{Path: "/", Name: "Limits"}}
	unbounded := managed(adminARN)
	unbounded.Boundary = access.Boundary{ManagedPolicy: adminARN}
	custom := managed(adminARN)
	custom.CustomerPolicies = []access.CustomerPolicy{{Path: "/", Name: "P"}}
	denied := managed(adminARN)
	denied.ManagedPolicies = append(denied.ManagedPolicies, denyARN)
	for name, c := range map[string]struct {
		set  access.PermissionSet
		want Strength
	}{
		"AdministratorAccess":           {managed(adminARN), Administrator},
		"AdministratorAccess elsewhere": {managed(govARN), Administrator},
		"a namesake":                    {managed("arn:aws:iam::aws:policy/AdministratorAccess-Amplify"), NotAdministrator},
		"a customer's namesake":         {managed("arn:aws:iam::111122223333:policy/AdministratorAccess"), NotAdministrator},
		"PowerUserAccess":               {managed("arn:aws:iam::aws:policy/PowerUserAccess"), NotAdministrator},
		"with a boundary":               {bounded, Perhaps},
		"with a boundary of all":        {unbounded, Administrator},
		"with a customer policy":        {custom, Perhaps},
		"with AWSDenyAll":               {denied, Perhaps},
		"*":                             {action("*"), Administrator},
		"iam:*":                         {action("iam:*"), Administrator},
		"IAM:*":                         {action("IAM:*"), Administrator},
		"iam*":                          {action("iam*"), Administrator},
		"?am:*":                         {action("?am:*"), Administrator},
		"*:*":                           {action("*:*"), Administrator},
		"iam:Get*":                      {action("iam:Get*"), NotAdministrator},
		"iam:?":                         {action("iam:?"), NotAdministrator},
		"s3:*":                          {action("s3:*"), NotAdministrator},
		"on one resource":               {inline(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::x"}`), NotAdministrator},
		"on all but one resource":       {inline(`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::x"}`), Perhaps},
		"NotAction":                     {inline(allowNotS3), Perhaps},
		"with a condition":              {inline(allowIAMMFA), Perhaps},
		"a Deny of another service":     {inline(allowIAM, denyS3), Administrator},
		"a Deny of IAM":                 {inline(allowIAM, denyIAM), Perhaps},
		"a Deny of all but something":   {inline(allowIAM, `{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}`), Perhaps},
		"a Deny alone":                  {inline(denyIAM), NotAdministrator},
	} {
		if got := Administers(c.set); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestLastAdministrator: somebody has to be left who can administer the account.
func TestLastAdministrator(t *testing.T) {
	for name, c := range map[string]struct {
		live func(*world)
		edit func(admins, other *access.GroupSpec)
		want int
	}{
		"another group administers": {func(w *world) { w.member("Other", "joe") }, func(a, _ *access.GroupSpec) { a.AccountsNames = texts() }, 0},
		"the other group is empty":  {func(*world) {}, func(a, _ *access.GroupSpec) { a.AccountsNames = texts() }, 1},
		"the other's members go": {func(w *world) { w.member("Other", "joe") }, func(a, o *access.GroupSpec) {
			a.AccountsNames, o.Members = texts(), texts()
		}, 1},
		"the other's members come": {func(*world) {}, func(a, o *access.GroupSpec) {
			a.AccountsNames, o.Members = texts(), texts("joe")
		}, 0},
		"the last member goes":     {func(*world) {}, func(a, _ *access.GroupSpec) { a.Members = texts() }, 1},
		"the last member changes":  {func(*world) {}, func(a, _ *access.GroupSpec) { a.Members = texts("joe") }, 0},
		"an unused one was nobody": {func(*world) {}, func(_, o *access.GroupSpec) { o.AccountsNames = texts() }, 0},
		"only an orphan is left":   {func(w *world) { w.orphan("Other", "dev", "gone") }, func(a, _ *access.GroupSpec) { a.AccountsNames = texts() }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld().account("dev").user("jane").user("joe").group("Admins", "me").group("Other", "me").member("Admins", "jane")
			for _, n := range []string{"Admins", "Other"} {
				w.set(n, "me", func(p *access.PermissionSet) { p.ManagedPolicies = []string{adminARN} }).assign(n, "dev", n)
			}
			c.live(w)
			live := w.b.State()
			admins, other := spec("Admins", "dev"), spec("Other", "dev")
			admins.AWSManagedPolicies, other.AWSManagedPolicies, admins.Members = texts(adminARN), texts(adminARN), texts("jane")
			if live.GroupIndex("Other") >= 0 && len(live.Members(live.GroupIndex("Other"))) > 0 {
				other.Members = texts("joe")
			}
			c.edit(&admins, &other)
			want := internal(nil, admins, other)
			if got := refusals(Diff(&want, &live, options(access.BuiltIn)), LastAdministrator); len(got) != c.want {
				t.Errorf("%d refusals, want %d: %v", len(got), c.want, got)
			}
		})
	}
}

// TestLockoutOfTheCaller: what needs more than the set and the group by name.
func TestLockoutOfTheCaller(t *testing.T) {
	long := strings.Repeat("j", 70)
	w := newWorld().account("dev").account("prod").user("jane").user("joe").user(long).group("Admins", "me").member("Admins", "jane").member("Admins", long).
		set("Admins", "me", func(p *access.PermissionSet) { p.ManagedPolicies = []string{readARN} }).assign("Admins", "dev", "Admins")
	live := w.b.State()
	dev := accountID(live, "dev")
	live.Sets[0].Provisioned, live.Sets[0].Outdated = []string{dev}, []string{dev}
	admins := spec("Admins", "dev")
	admins.AWSManagedPolicies, admins.Members = texts(readARN), texts("jane", long)
	for name, c := range map[string]struct {
		caller Caller
		users  []access.UserSpec
		edit   func(*access.GroupSpec)
		want   string
	}{
		"another case":                  {Caller{PermissionSet: "ADMINS", User: "Jane"}, nil, func(s *access.GroupSpec) { s.Members = texts(long) }, "removes you from"},
		"a session that AWS cut off":    {Caller{PermissionSet: "Admins", User: long[:64]}, nil, func(s *access.GroupSpec) { s.Members = texts("jane") }, "removes you from"},
		"staged content is provisioned": {Caller{PermissionSet: "Admins", User: "jane"}, nil, func(*access.GroupSpec) {}, "content that is not in use there yet"},
		"my user is renamed": {Caller{PermissionSet: "Unread", User: "jane"}, []access.UserSpec{{Email: text("janet"), DisplayName: text("J"), GivenName: text("J"), FamilyName: text("J"), Previously: text("jane")}},
			func(s *access.GroupSpec) { s.Members = texts("janet", long) }, "renames the user"},
	} {
		t.Run(name, func(t *testing.T) {
			s := admins
			c.edit(&s)
			c.caller.Account, c.caller.Management = dev, true
			want := internal(c.users, s)
			o := options(access.BuiltIn)
			o.Guards.Caller = c.caller
			got := refusals(Diff(&want, &live, o), Lockout)
			if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, c.want) }) {
				t.Errorf("refused %q, want %q", got, c.want)
			}
		})
	}
}

// TestProtectedGroupIsFollowed: to its set, whatever that is called, and under
// both names of a rename.
func TestProtectedGroupIsFollowed(t *testing.T) {
	live := newWorld().account("dev").user("ann").group("Guards", "me").group("Other", "me").member("Guards", "ann").
		set("Shared", "me", func(p *access.PermissionSet) { p.ManagedPolicies = []string{readARN, denyARN} }).assign("Shared", "dev", "Guards").assign("Shared", "dev", "Other").b.State()
	guards, other := spec("Guards", "dev"), spec("Other", "dev")
	for _, s := range []*access.GroupSpec{&guards, &other} {
		s.PermissionSetName, s.AWSManagedPolicies = text("Shared"), texts(readARN, denyARN)
	}
	guards.Members = texts("ann")
	renamed := func(g, _ *access.GroupSpec) { g.Name, g.Previously = text("Watch"), text("Guards") }
	for name, c := range map[string]struct {
		protected string
		edits     []func(g, o *access.GroupSpec)
		want      int
	}{
		"nothing":                  {"Guards", nil, 0},
		"a rename alone":           {"Guards", []func(g, o *access.GroupSpec){renamed}, 0},
		"its set is narrowed":      {"Guards", []func(g, o *access.GroupSpec){narrower}, 1},
		"a member's set":           {"ann", []func(g, o *access.GroupSpec){narrower}, 1},
		"the set itself":           {"Shared", []func(g, o *access.GroupSpec){narrower}, 1},
		"the account's set":        {"dev", []func(g, o *access.GroupSpec){narrower}, 1},
		"renamed, by the old name": {"Guards", []func(g, o *access.GroupSpec){renamed, narrower}, 1},
		"renamed, by the new name": {"Watch", []func(g, o *access.GroupSpec){renamed, narrower}, 1},
		"renamed, and a member":    {"Guards", []func(g, o *access.GroupSpec){renamed, func(g, _ *access.GroupSpec) { g.Members = texts() }}, 1},
		"renamed, and its grant":   {"Watch", []func(g, o *access.GroupSpec){renamed, func(g, _ *access.GroupSpec) { g.AccountsNames = texts() }}, 1},
		"another's grant":          {"Guards", []func(g, o *access.GroupSpec){func(_, o *access.GroupSpec) { o.AccountsNames = texts() }}, 0},
		"its grant":                {"Guards", []func(g, o *access.GroupSpec){func(g, _ *access.GroupSpec) { g.AccountsNames = texts() }}, 1},
		"its member's grant":       {"ann", []func(g, o *access.GroupSpec){func(g, _ *access.GroupSpec) { g.AccountsNames = texts() }}, 1},
		"in another case":          {"guards", []func(g, o *access.GroupSpec){narrower}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			g, other := guards, other
			for _, e := range c.edits {
				e(&g, &other)
			}
			want := internal(nil, g, other)
			o := options(access.BuiltIn)
			o.Guards.Protected = []string{c.protected}
			if got := refusals(Diff(&want, &live, o), Lockout); len(got) != c.want {
				t.Errorf("%d refusals, want %d: %v", len(got), c.want, got)
			}
		})
	}
}

func narrower(g, o *access.GroupSpec) {
	g.AWSManagedPolicies, o.AWSManagedPolicies = texts(denyARN), texts(denyARN)
}

// A name stays protected after its group was renamed, as long as the config says
// what it was called.
func TestProtectedUnderItsFormerName(t *testing.T) {
	live := newWorld().account("dev").account("prod").group("New", "me").set("New", "me").assign("New", "dev", "New").assign("New", "prod", "New").state()
	renamed := spec("New", "dev")
	renamed.Previously = text("Old")
	want := internal(nil, renamed)
	o := options(access.BuiltIn)
	o.Guards.Protected = []string{"Old"}
	if p := Diff(&want, &live, o); len(refusals(p, Lockout)) != 1 {
		t.Errorf("%v: %v", ids(p), p.Findings)
	}
}
