package write

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

const (
	readOnly  = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	powerUser = "arn:aws:iam::aws:policy/PowerUserAccess"
	admin     = "arn:aws:iam::aws:policy/AdministratorAccess"
)

// between is an organization whose state a plan was made from, and somebody who
// changes it before the plan is carried out.
type between struct {
	t     *testing.T
	e     *emulator.Emulator
	c     *identitycenter.Client // of the run
	other *identitycenter.Client // of somebody else
	live  access.State
}

func newBetween(t *testing.T) *between {
	t.Helper()
	w := centertest.NewWorld("platform", 3)
	w.Group("Developers", 2)
	w.Group("Leaving", 0)
	s := &w.Estate.PermissionSets[0]
	s.AWSManagedPolicies, s.OutdatedIn = []string{readOnly}, []string{"account-000"}
	s.PermissionsBoundary = &emulator.EstateBoundary{AWSManagedPolicy: readOnly}
	w.Estate.Groups = append(w.Estate.Groups, emulator.EstateGroup{DisplayName: "Theirs"})
	for _, name := range []string{"ann", "bob"} {
		w.Estate.Users = append(w.Estate.Users, emulator.EstateUser{UserName: name, DisplayName: name, GivenName: "G", FamilyName: "F"})
	}
	w.Estate.Groups[0].Members = []string{"ann"}
	b := &between{t: t, e: centertest.Start(t, emulator.Options{Estate: w.Estate})}
	b.c, b.other = centertest.Client(t, b.e, emulator.ManagementKey), centertest.Client(t, b.e, emulator.ManagementKey)
	b.live = reads(t, b.c, read.Options{Desired: w.B.State(), Owner: "platform", Deep: true})
	return b
}

func (b *between) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *between) set() string { return b.live.Sets[b.live.SetIndex("Developers")].ARN }

func (b *between) group(name string) string {
	id, _, err := b.other.GetGroupID(b.t.Context(), name)
	b.must(err)
	return id
}

func (b *between) user(name string) string {
	id, _, err := b.other.GetUserID(b.t.Context(), identitycenter.ByUserName, name)
	b.must(err)
	return id
}

// updateGroup changes a group by hand.
func (b *between) updateGroup(name string, edit func(*access.Group)) {
	b.t.Helper()
	was, _, err := b.other.GroupBy(b.t.Context(), name)
	b.must(err)
	now := was
	edit(&now)
	b.must(b.other.UpdateGroup(b.t.Context(), was.ID, was, now))
}

func (b *between) attach(policy string) {
	b.t.Helper()
	b.must(b.other.AttachManagedPolicy(b.t.Context(), b.set(), policy))
}

func (b *between) detach(policy string) {
	b.t.Helper()
	b.must(b.other.DetachManagedPolicy(b.t.Context(), b.set(), policy))
}

func (b *between) provision() {
	b.t.Helper()
	_, err := b.other.ProvisionPermissionSet(b.t.Context(), b.set(), "")
	b.must(err)
}

func (b *between) tag(tags ...access.Tag) {
	b.t.Helper()
	b.must(b.other.TagResource(b.t.Context(), b.set(), tags))
}

func (b *between) account(change emulator.AccountChange) {
	b.t.Helper()
	change.Account = "200000000002"
	b.must(b.e.Change(emulator.Change{Account: &change}))
}

func (b *between) assign(group, account string) {
	b.t.Helper()
	b.assignTo(b.set(), access.GroupPrincipal, b.group(group), account)
}

func (b *between) assignTo(set string, kind access.PrincipalKind, principal, account string) {
	b.t.Helper()
	_, err := b.other.CreateAccountAssignment(b.t.Context(), access.AssignmentID{SetInAccount: access.SetInAccount{SetARN: set, Account: account}, Kind: kind, Principal: principal})
	b.must(err)
}

func (b *between) member(group, user string) {
	b.t.Helper()
	b.must(b.other.CreateGroupMembership(b.t.Context(), b.group(group), b.user(user)))
}

func (b *between) makeGroup(name string, m access.Mark) {
	b.t.Helper()
	_, err := b.other.CreateGroup(b.t.Context(), access.Group{Name: name, Owner: m.Owner, Unfinished: m.Unfinished})
	b.must(err)
}

func (b *between) makeSet(name string, tags ...access.Tag) {
	b.t.Helper()
	_, _, err := b.other.CreatePermissionSet(b.t.Context(), access.PermissionSet{Name: name, Tags: tags})
	b.must(err)
}

// planned returns the change that a plan would have of the names, by their ids.
func (b *between) planned(what string) plan.Change {
	b.t.Helper()
	devs := plan.Key{PermissionSet: "Developers"}
	grant := plan.Key{PermissionSet: "Developers", Group: "Developers", Account: "200000000002", AccountName: "account-002"}
	join := plan.Key{Group: "Developers", User: "bob"}
	group := func(name, description string) *plan.Value {
		return &plan.Value{Group: &access.Group{Name: name, Description: description, Owner: "platform"}}
	}
	tags := []access.Tag{{Key: access.OwnerTag, Value: "platform"}}
	ch, ok := map[string]plan.Change{
		"assign":    {Kind: plan.Assignment, Action: plan.Create, Key: grant},
		"user's":    {Kind: plan.Assignment, Action: plan.Create, Key: plan.Key{PermissionSet: "Developers", User: "bob", Account: "200000000002", AccountName: "account-002"}},
		"revoke":    {Kind: plan.Assignment, Action: plan.Delete, Key: plan.Key{PermissionSet: "Developers", Group: "Developers", Account: "200000000000"}},
		"attach":    {Kind: plan.ManagedPolicy, Action: plan.Create, Key: plan.Key{PermissionSet: "Developers", Policy: powerUser}},
		"detach":    {Kind: plan.ManagedPolicy, Action: plan.Delete, Key: plan.Key{PermissionSet: "Developers", Policy: readOnly}},
		"inline":    {Kind: plan.InlinePolicy, Action: plan.Create, Key: devs, After: &plan.Value{Document: `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`}},
		"boundary":  {Kind: plan.PermissionsBoundary, Action: plan.Delete, Key: devs, Before: &plan.Value{Boundary: &access.Boundary{ManagedPolicy: readOnly}}},
		"describe":  {Kind: plan.PermissionSet, Action: plan.Update, Key: devs, Before: setValue(b.live.Sets[b.live.SetIndex("Developers")]), After: setValue(access.PermissionSet{Name: "Developers", Description: "new"})},
		"tags":      {Kind: plan.Tags, Action: plan.Update, Key: devs, Before: &plan.Value{Tags: tags}, After: &plan.Value{Tags: append(tags, access.Tag{Key: "team", Value: "a"})}},
		"record":    {Kind: plan.Record, Action: plan.Update, Key: devs, After: &plan.Value{Record: &access.Record{}}},
		"provision": {Kind: plan.Provisioning, Action: plan.Update, Key: devs, After: &plan.Value{Accounts: []string{"200000000000", "200000000001"}}},
		"no set":    {Kind: plan.PermissionSet, Action: plan.Delete, Key: plan.Key{PermissionSet: "Developers"}},
		"join":      {Kind: plan.Membership, Action: plan.Create, Key: join},
		"leave":     {Kind: plan.Membership, Action: plan.Delete, Key: plan.Key{Group: "Developers", User: "ann"}},
		"rename":    {Kind: plan.Group, Action: plan.Update, Key: plan.Key{Group: "Developers"}, Before: group("Developers", ""), After: group("Developers", "new")},
		"no group":  {Kind: plan.Group, Action: plan.Delete, Key: plan.Key{Group: "Leaving"}, Before: group("Leaving", "")},
		"group":     {Kind: plan.Group, Action: plan.Create, Key: plan.Key{Group: "New"}, After: group("New", "")},
		"set":       {Kind: plan.PermissionSet, Action: plan.Create, Key: plan.Key{PermissionSet: "New"}, After: setValue(access.PermissionSet{Name: "New", Owner: "platform", Tags: tags})},
		"user":      {Kind: plan.User, Action: plan.Create, Key: plan.Key{User: "new"}, After: &plan.Value{User: &access.User{Username: "new", DisplayName: "new", GivenName: "G", FamilyName: "F"}}},
		"no user":   {Kind: plan.User, Action: plan.Delete, Key: plan.Key{User: "bob"}, Before: &plan.Value{User: &access.User{Username: "bob", DisplayName: "bob", GivenName: "G", FamilyName: "F"}}},
	}[what]
	if !ok {
		b.t.Fatalf("no change %q", what)
	}
	ch.ID = plan.ID(what)
	return withRefs(b.t, New(b.c, Options{Owner: "platform"}), ch)
}

func (b *between) run(changes ...plan.Change) *apply.Result {
	b.t.Helper()
	target := New(b.c, Options{Owner: "platform", Run: "0123abcd", Live: &b.live, Changes: changes})
	result, err := apply.New(target, apply.Options{Deadline: 3 * time.Second}).Run(b.t.Context(), changes)
	b.must(err)
	return result
}

// refuses says that a change is not made because its object is not the one that
// the plan showed.
func (b *between) refuses(what string, ch plan.Change) {
	b.t.Helper()
	if result := b.run(ch); len(result.Failed) != 1 || result.Failed[0].Finding.Code != identitycenter.CodeChanged {
		b.t.Errorf("%s: %+v", what, result)
	}
}

// Whatever somebody changes between plan and write stops what is about it, and
// what hangs on that; nothing is written.
func TestChangedBetweenPlanAndWrite(t *testing.T) {
	forged := []access.Tag{{Key: access.OwnerTag, Value: "platform"}, {Key: access.UnfinishedTag, Value: "ffffffff"}}
	onSet := []string{"assign", "user's", "attach", "detach", "inline", "boundary", "describe", "tags", "record", "provision"}
	// Where somebody else has provisioned what they changed, there is nothing left
	// to provision, so nothing is written.
	written := slices.DeleteFunc(slices.Clone(onSet), func(what string) bool { return what == "provision" })
	for _, test := range []struct {
		name   string
		change func(*between)
		stops  []string
	}{
		{"group renamed", func(b *between) { b.updateGroup("Developers", func(g *access.Group) { g.Name = "Others" }) }, []string{"assign", "join", "leave", "rename"}},
		{"two groups renamed into one another", func(b *between) {
			b.updateGroup("Developers", func(g *access.Group) { g.Name = "Others" })
			b.updateGroup("Theirs", func(g *access.Group) { g.Name = "Developers" })
		}, []string{"assign", "join", "leave", "rename"}},
		{"group made again under the name", func(b *between) {
			b.must(b.other.DeleteGroup(t.Context(), b.group("Developers")))
			b.makeGroup("Developers", access.Mark{Owner: "platform"})
		}, []string{"assign", "join", "rename"}},
		{"group handed to another owner", func(b *between) { b.updateGroup("Developers", func(g *access.Group) { g.Owner = "other" }) }, []string{"assign", "join", "leave", "rename"}},
		{"group handed to Terraform", func(b *between) { b.updateGroup("Developers", func(g *access.Group) { g.Via = "terraform" }) }, []string{"assign", "join", "rename"}},
		{"mark of another version", func(b *between) {
			b.updateGroup("Developers", func(g *access.Group) { g.Owner, g.Description = "", "[rolecall:platform strange]" })
		}, []string{"assign", "join", "rename"}},
		{"group described otherwise", func(b *between) { b.updateGroup("Developers", func(g *access.Group) { g.Description = "by hand" }) }, []string{"rename"}},
		{"account renamed", func(b *between) { b.account(emulator.AccountChange{Name: "other"}) }, []string{"assign", "user's"}},
		{"account suspended", func(b *between) { b.account(emulator.AccountChange{State: "SUSPENDED"}) }, []string{"assign", "user's"}},
		{"set handed to another owner", func(b *between) { b.tag(access.Tag{Key: access.OwnerTag, Value: "other"}) }, append(onSet, "revoke", "no set")},
		{"set handed to Terraform", func(b *between) { b.tag(access.Tag{Key: access.ViaTag, Value: "terraform"}) }, append(onSet, "revoke", "no set")},
		{"set made a lock", func(b *between) { b.tag(access.Tag{Key: access.LockTag, Value: "x"}) }, append(onSet, "revoke", "no set")},
		{"tags changed", func(b *between) { b.tag(access.Tag{Key: "team", Value: "b"}) }, []string{"tags"}},
		{"policy attached and not provisioned", func(b *between) { b.attach(admin) }, onSet},
		{"policy attached, provisioned and detached again", func(b *between) {
			b.attach(admin)
			b.provision()
			b.detach(admin)
		}, onSet},
		{"policy detached", func(b *between) { b.detach(readOnly) }, []string{"assign", "attach", "provision"}},
		{"policy of the plan attached early", func(b *between) { b.attach(powerUser) }, []string{"assign", "provision"}},
		{"boundary swapped", func(b *between) {
			b.must(b.other.PutPermissionsBoundary(t.Context(), b.set(), access.Boundary{ManagedPolicy: admin}))
			b.provision() // else the accounts in which it is not the latest tell
		}, written},
		{"inline policy put", func(b *between) {
			b.must(b.other.PutInlinePolicy(t.Context(), b.set(), `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`))
			b.provision()
		}, written},
		{"session prolonged", func(b *between) {
			_, err := b.other.UpdatePermissionSet(t.Context(), access.PermissionSet{ARN: b.set(), SessionDuration: "PT12H"})
			b.must(err)
			b.provision()
		}, written},
		{"user renamed", func(b *between) {
			for _, name := range []string{"ann", "bob"} {
				b.must(b.other.UpdateUser(t.Context(), b.user(name), access.User{Username: name}, access.User{Username: "other-" + name}))
			}
		}, []string{"user's", "join", "leave", "no user"}},
		{"user described otherwise", func(b *between) {
			b.must(b.other.UpdateUser(t.Context(), b.user("bob"), access.User{}, access.User{DisplayName: "Robert"}))
		}, []string{"no user"}},
		{"group made under a name", func(b *between) { b.makeGroup("New", access.Mark{Owner: "platform"}) }, []string{"group"}},
		{"group made under a name with a forged mark", func(b *between) { b.makeGroup("New", access.Mark{Owner: "platform", Unfinished: "ffffffff"}) }, []string{"group"}},
		{"set made under a name", func(b *between) { b.makeSet("New", forged[0]) }, []string{"set"}},
		{"set made under a name with forged tags", func(b *between) { b.makeSet("New", forged...) }, []string{"set"}},
		{"set of another owner made under a name with this run's tag", func(b *between) {
			b.makeSet("New", access.Tag{Key: access.OwnerTag, Value: "other"}, access.Tag{Key: access.UnfinishedTag, Value: "0123abcd"})
		}, []string{"set"}},
		{"group of another owner made under a name with this run's mark", func(b *between) { b.makeGroup("New", access.Mark{Owner: "other", Unfinished: "0123abcd"}) }, []string{"group"}},
		{"user made under a name, equal", func(b *between) {
			_, err := b.other.CreateUser(t.Context(), access.User{Username: "new", DisplayName: "new", GivenName: "G", FamilyName: "F"})
			b.must(err)
		}, []string{"user"}},
		{"assignment of a group that goes", func(b *between) { b.assign("Leaving", "200000000000") }, []string{"no group"}},
		{"member of a group that goes", func(b *between) { b.member("Leaving", "ann") }, []string{"no group"}},
		{"application of a group that goes", func(b *between) {
			b.must(b.e.Change(emulator.Change{App: &emulator.EstateApplication{Name: "app", Groups: []string{"Leaving"}}}))
		}, []string{"no group"}},
	} {
		for _, what := range test.stops {
			t.Run(test.name+", "+what, func(t *testing.T) {
				b := newBetween(t)
				ch := b.planned(what)
				next := plan.Change{ID: "next", Kind: plan.Group, Action: plan.Create, Key: plan.Key{Group: "Next"}, After: &plan.Value{Group: &access.Group{Name: "Next"}}, DependsOn: []plan.ID{ch.ID}}
				test.change(b)
				before := b.e.State()
				result := b.run(ch, next)
				if len(result.Failed) != 1 || result.Failed[0].Finding.Code != identitycenter.CodeChanged || result.Failed[0].Finding.Detail == "" || result.Failed[0].Attempts != 1 {
					t.Errorf("failed %+v, want that something changed, at once", result.Failed)
				} else if strings.Contains(result.Failed[0].Finding.Detail, "[rolecall:") {
					t.Errorf("%s: a mark is for machines", result.Failed[0].Finding.Detail)
				}
				if len(result.Left) != 1 || result.Left[0].BlockedBy != ch.ID {
					t.Errorf("left %+v, want what hangs on it", result.Left)
				}
				if diff := cmp.Diff(before, b.e.State()); diff != "" {
					t.Errorf("it was written all the same (-before +after):\n%s", diff)
				}
			})
		}
	}
}

// An id that belongs to another name than the plan's is not acted upon.
func TestIDUnderAnotherName(t *testing.T) {
	b := newBetween(t)
	before := b.e.State()
	for _, what := range []string{"assign", "revoke", "join", "leave", "rename", "no group"} {
		ch := b.planned(what)
		ch.Refs.GroupID = b.group("Theirs")
		b.refuses(what, ch)
	}
	for _, what := range []string{"assign", "attach", "describe", "no set"} {
		ch := b.planned(what)
		ch.Refs.PermissionSetARN = b.live.Sets[b.live.SetIndex("Leaving")].ARN
		b.refuses(what+" on another set", ch)
	}
	if diff := cmp.Diff(before, b.e.State()); diff != "" {
		t.Error(diff)
	}
}

// What a plan has no id of, and this run has not made, is not looked for by its
// name.
func TestNamesAreNotLookedUp(t *testing.T) {
	b := newBetween(t)
	before := b.e.State()
	for what, forget := range map[string]func(*plan.Refs){
		"join": func(r *plan.Refs) { r.GroupID = "" }, "leave": func(r *plan.Refs) { r.UserID = "" }, "rename": func(r *plan.Refs) { r.GroupID = "" },
		"assign": func(r *plan.Refs) { r.GroupID = "" }, "attach": func(r *plan.Refs) { r.PermissionSetARN = "" }, "no user": func(r *plan.Refs) { r.UserID = "" },
	} {
		ch := b.planned(what)
		forget(&ch.Refs)
		b.refuses(what, ch)
	}
	if diff := cmp.Diff(before, b.e.State()); diff != "" {
		t.Error(diff)
	}
}

// Nor is a set's ARN that belongs to another name.
func TestSetUnderAnotherName(t *testing.T) {
	b := newBetween(t)
	b.makeSet("Other", access.Tag{Key: access.OwnerTag, Value: "platform"})
	before := b.e.State()
	for _, what := range []string{"assign", "revoke", "attach", "inline", "tags", "record", "no set"} {
		ch := b.planned(what)
		ch.Refs.PermissionSetARN = arnsOf(b.e)["Other"]
		b.refuses(what, ch)
	}
	if diff := cmp.Diff(before, b.e.State()); diff != "" {
		t.Error(diff)
	}
}

// Undisturbed, each of these changes goes through.
func TestUnchangedBetweenPlanAndWrite(t *testing.T) {
	for _, what := range []string{"assign", "user's", "revoke", "attach", "detach", "inline", "boundary", "describe", "tags", "record", "provision",
		"join", "leave", "rename", "no group", "group", "set", "user", "no user"} {
		b := newBetween(t)
		if result := b.run(b.planned(what)); !result.Complete() {
			t.Errorf("%s: failed %+v", what, result.Failed)
		}
	}
}

// What is as wanted already is no difference.
func TestAsWantedAlready(t *testing.T) {
	b := newBetween(t)
	attach, tags, detach := b.planned("attach"), b.planned("tags"), b.planned("detach")
	b.attach(powerUser)
	b.detach(readOnly)
	b.tag(access.Tag{Key: "team", Value: "a"})
	if result := b.run(tags); len(result.Failed) == 0 {
		t.Error("the tags were written on a set whose policies the plan did not see")
	}
	b = newBetween(t)
	b.attach(powerUser)
	if result := b.run(attach); !result.Complete() {
		t.Errorf("attach: %+v", result.Failed)
	}
	b = newBetween(t)
	b.detach(readOnly)
	if result := b.run(detach); !result.Complete() {
		t.Errorf("detach: %+v", result.Failed)
	}
}
