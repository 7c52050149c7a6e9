package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// Whatever a scope, a pattern or a mark keeps from a plan is in none of its
// changes, and would be without it: else the case says nothing.
func TestWhatIsKeptFromAPlan(t *testing.T) {
	const otherPolicy = "arn:aws:iam::aws:policy/SecurityAudit"
	team := func(edit ...func(*access.GroupSpec)) access.State {
		g := spec("Team", "dev")
		for _, e := range edit {
			e(&g)
		}
		return internal(nil, g)
	}
	edited := func(g *access.GroupSpec) { g.AWSManagedPolicies = texts(otherPolicy) }
	base := func() *world {
		return newWorld().account("dev").account("prod").user("ann").user("eve").group("Team", "me").group("Other", "me").set("Team", "me").assign("Team", "dev", "Team")
	}
	own := func(w *world, user string) *world {
		w.b.AddAssignment(access.Assignment{Set: w.ps["Team"], Account: w.accounts["dev"], Kind: access.UserPrincipal, Principal: w.users[user]})
		return w
	}
	terraform := func(p *access.PermissionSet) {
		p.Tags = append(p.Tags, access.Tag{Key: access.ViaTag, Value: "terraform"})
	}
	stranger := func(_ *Options, s *access.State) {
		s.Memberships = append(s.Memberships, access.Membership{Group: int32(s.GroupIndex("Team")), User: int32(s.UserIndex("eve"))})
	}
	only := Scope{Groups: []string{"Team"}, Sets: []string{"Team"}, Only: true}
	sharing := only
	sharing.Sharing = map[string][]string{"Team": {"Other"}}
	for name, c := range map[string]struct {
		live access.State
		want access.State
		keep func(*Options, *access.State)
		not  string // how the ids of what is not done begin
	}{
		"--only: a set that somebody else holds": {base().assign("Team", "prod", "Other").state(), team(edited),
			func(o *Options, _ *access.State) { o.Scope = only }, "managed_policy.create set=Team"},
		"--only: a set that the config gives somebody else, too": {base().state(), team(edited),
			func(o *Options, _ *access.State) { o.Scope = sharing }, "managed_policy.create set=Team"},
		"--only: what somebody else holds": {base().assign("Team", "prod", "Other").state(), team(),
			func(o *Options, _ *access.State) { o.Scope = only }, "account_assignment.delete set=Team"},
		"--only: what somebody else holds of a former set": {base().set("Old", "me").assign("Old", "dev", "Other").state(), team(),
			func(o *Options, _ *access.State) { o.Scope = only }, "account_assignment.delete set=Old"},
		"an ignored group's grant": {base().assign("Team", "prod", "Other").state(), team(),
			func(o *Options, _ *access.State) { o.Ignore = []string{"group:Other"} }, "account_assignment.delete set=Team"},
		"an ignored user's grant": {own(base(), "eve").state(), team(),
			func(o *Options, _ *access.State) { o.Ignore = []string{"user:eve"} }, "account_assignment.delete set=Team"},
		"a grant in an ignored account": {base().assign("Team", "prod", "Other").state(), team(),
			func(o *Options, _ *access.State) { o.Ignore = []string{"account:prod"} }, "account_assignment.delete set=Team"},
		"a new grant of an ignored group": {base().state(), team(func(g *access.GroupSpec) { g.AccountsNames = texts("dev", "prod") }),
			func(o *Options, _ *access.State) { o.Ignore = []string{"group:Team"} }, "account_assignment.create set=Team"},
		"a new grant in an ignored account": {base().state(), team(func(g *access.GroupSpec) { g.AccountsNames = texts("dev", "prod") }),
			func(o *Options, _ *access.State) { o.Ignore = []string{"account:prod"} }, "account_assignment.create set=Team"},
		"an ignored set's content": {base().state(), team(edited),
			func(o *Options, _ *access.State) { o.Ignore = []string{"set:Team"} }, "managed_policy.create set=Team"},
		"an ignored group that is left over": {base().state(), team(),
			func(o *Options, _ *access.State) { o.Ignore = []string{"group:Other"} }, "group.delete group=Other"},
		"an ignored set that is left over": {base().set("Old", "me").state(), team(),
			func(o *Options, _ *access.State) { o.Ignore = []string{"set:Old"} }, "permission_set.delete set=Old"},
		"an ignored member": {base().member("Team", "eve").state(), team(),
			func(o *Options, _ *access.State) { o.Ignore = []string{"user:eve"} }, "membership.delete group=Team user=eve"},
		"a set whose assignments were not read": {base().set("Old", "me").state(), team(),
			func(_ *Options, s *access.State) { delete(s.Observed.SetUses, s.Sets[s.SetIndex("Old")].ARN) }, "permission_set.delete set=Old"},
		"members of a group that were not read": {base().member("Team", "eve").state(), team(),
			func(_ *Options, s *access.State) { delete(s.Observed.Members, "g-Team") }, "membership.delete group=Team"},
		"a grant to an unmarked group whose members were not read": {newWorld().account("dev").group("Team", "").set("Team", "me").state(), team(),
			func(_ *Options, s *access.State) { delete(s.Observed.Members, "g-Team") }, "account_assignment.create set=Team"},
		"a grant to an unmarked group with a stranger": {newWorld().account("dev").group("Team", "").user("eve").set("Team", "me").state(), team(), stranger, "account_assignment.create set=Team"},
		"a grant to another owner's group with a stranger": {newWorld().account("dev").group("Team", "them").user("eve").set("Team", "me").state(), team(), stranger,
			"account_assignment.create set=Team"},
		"a grant to a group of SCIM with a stranger": {newWorld().account("dev").group("Team", "", func(g *access.Group) { g.SCIM = true }).user("eve").set("Team", "me").state(),
			team(), stranger, "account_assignment.create set=Team"},
		"a set that another owner's group has, and widens, with a stranger": {newWorld().account("dev").group("Team", "them").user("eve").set("Team", "me").assign("Team", "dev", "Team").state(),
			team(edited), stranger, "managed_policy.create set=Team"},
		"a set of the config that Terraform made": {base().state(), team(edited),
			func(_ *Options, s *access.State) { terraform(&s.Sets[0]); s.Sets[0].Via = "terraform" }, "managed_policy.create set=Team"},
		"a set that Terraform made and that is left over": {base().set("Old", "me").state(), team(),
			func(_ *Options, s *access.State) { s.Sets[s.SetIndex("Old")].Via = "terraform" }, "permission_set.delete set=Old"},
		"a member of a group of the config that Terraform made": {base().member("Team", "eve").state(), team(),
			func(_ *Options, s *access.State) { s.Groups[s.GroupIndex("Team")].Via = "terraform" }, "membership.delete group=Team"},
		"a set without a mark": {base().state(), team(edited),
			func(_ *Options, s *access.State) { s.Sets[0].Owner = "" }, "managed_policy.create set=Team"},
		"a set of another owner": {base().state(), team(edited),
			func(_ *Options, s *access.State) { s.Sets[0].Owner = "you" }, "managed_policy.create set=Team"},
		"a set of another owner than --from-owner says": {base().state(), team(edited),
			func(o *Options, s *access.State) {
				s.Sets[0].Owner, o.Adopt, o.FromOwner = "you", []string{"Team"}, "them"
			}, "managed_policy.create set=Team"},
		"a set of another owner without --from-owner": {base().state(), team(edited),
			func(o *Options, s *access.State) { s.Sets[0].Owner, o.Adopt = "you", []string{"Team"} }, "managed_policy.create set=Team"},
	} {
		t.Run(name, func(t *testing.T) {
			planned := func(o Options) []string {
				return slices.DeleteFunc(ids(Diff(&c.want, &c.live, o)), func(id string) bool { return !strings.HasPrefix(id, c.not) })
			}
			if got := planned(options(access.BuiltIn)); len(got) == 0 {
				t.Fatalf("without it there is no %s, so this shows nothing", c.not)
			}
			o := options(access.BuiltIn)
			c.keep(&o, &c.live)
			if got := planned(o); len(got) > 0 {
				t.Errorf("%v is planned all the same", got)
			}
		})
	}
}

// What a group that --only names had of a set which the config no longer gives it
// goes; what others have of that set stays.
func TestOnlyTakesWhatItsGroupHadBefore(t *testing.T) {
	live := newWorld().account("dev").group("Team", "me").group("Other", "me").set("Team", "me").assign("Team", "dev", "Team").
		set("Old", "me").assign("Old", "dev", "Team").assign("Old", "dev", "Other").state()
	want := internal(nil, spec("Team", "dev"))
	o := options(access.BuiltIn)
	o.Scope = Scope{Groups: []string{"Team"}, Sets: []string{"Team"}, Only: true}
	if got := ids(Diff(&want, &live, o)); len(got) != 1 || got[0] != "account_assignment.delete set=Old account="+accountID(live, "dev")+" group=Team" {
		t.Errorf("planned %v", got)
	}
}
