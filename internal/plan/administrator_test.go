package plan_test

import (
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// What somebody has put on a set and not provisioned may make nobody an
// administrator yet: the refusal says so, and only then.
func TestStagedAdministratorIsSaid(t *testing.T) {
	for _, staged := range []bool{true, false} {
		w := newWorld().account("dev").user("ann").group("Team", "me").member("Team", "ann").
			set("Team", "me", func(p *access.PermissionSet) { p.ManagedPolicies = []string{adminARN} }).assign("Team", "dev", "Team")
		live := w.b.State()
		if staged {
			live.Sets[0].Outdated = []string{live.Accounts[0].ID}
		}
		team := spec("Team", "dev")
		team.AWSManagedPolicies, team.Members = texts(readARN), texts("ann")
		want := internal(nil, team)
		p := Diff(&want, &live, options(access.BuiltIn))
		found := refusals(p, LastAdministrator)
		if len(found) != 1 {
			t.Fatalf("it is refused with %v", found)
		}
		if says := strings.Contains(textOf(p.Findings, LastAdministrator), "is not provisioned there as it is now"); says != staged {
			t.Errorf("staged %t, and that it may be is said: %t", staged, says)
		}
	}
}

// Resources that are all of IAM, however they are spelled, make an administrator of
// who may do iam:* on them; those that are only some do not.
func TestResourcesThatAreAllOfIAM(t *testing.T) {
	for resource, want := range map[string]Strength{
		"*": Administrator, "**": Administrator, "arn:*": Administrator, "arn:aws:*": Administrator, "arn:aws:*:*:*:*": Administrator, "arn:aws-cn:iam::*:*": Administrator, "arn:*:iam::*": Administrator,
		"arn:aws:iam::*:role/*": NotAdministrator, "arn:aws:iam::111122223333:*": NotAdministrator, "arn:aws:s3:::*": NotAdministrator, "?": NotAdministrator, "": NotAdministrator,
	} {
		p := access.PermissionSet{InlinePolicy: access.CanonicalPolicy(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"` + resource + `"}]}`)}
		if got := Administers(p); got != want {
			t.Errorf("%q: %v, want %v", resource, got, want)
		}
	}
}

// To agree to one way in which an account loses its administrators is not to agree
// to another.
func TestConsentToALastAdministratorIsToOneChange(t *testing.T) {
	ids := map[string]bool{}
	for _, edit := range []func(*access.GroupSpec){
		func(g *access.GroupSpec) { g.AWSManagedPolicies = texts(readARN) },
		func(g *access.GroupSpec) { g.Members = texts() },
		func(g *access.GroupSpec) { g.AccountsNames = texts() },
	} {
		w := newWorld().account("dev").user("ann").group("Team", "me").member("Team", "ann").
			set("Team", "me", func(p *access.PermissionSet) { p.ManagedPolicies = []string{adminARN} }).assign("Team", "dev", "Team")
		live, team := w.b.State(), spec("Team", "dev")
		team.AWSManagedPolicies, team.Members = texts(adminARN), texts("ann")
		edit(&team)
		want := internal(nil, team)
		p := Diff(&want, &live, options(access.BuiltIn))
		for _, f := range p.Findings {
			if f.Code == LastAdministrator {
				ids[f.ID] = true
			}
		}
	}
	if len(ids) != 3 {
		t.Errorf("three ways have the ids %v", ids)
	}
}

// A group of others that has access and somebody in it whom the config does not have
// is counted: AWS then does not give exactly the access of the config.
func TestStrangersInGroupsOfOthersAreCounted(t *testing.T) {
	for _, stranger := range []bool{true, false} {
		w := newWorld().account("dev").user("ann").user("eve").group("Team", "them").member("Team", "ann").set("Team", "me").assign("Team", "dev", "Team")
		if stranger {
			w.member("Team", "eve")
		}
		live, team := w.b.State(), spec("Team", "dev")
		team.Members = texts("ann")
		want := internal(nil, team)
		p := Diff(&want, &live, options(access.BuiltIn))
		if got := p.GroupsWithStrangers == 1; got != stranger {
			t.Errorf("a stranger %t, counted %d", stranger, p.GroupsWithStrangers)
		}
	}
}

// Who is deleted loses what others gave as well, which no plan reads: it says so.
func TestADeletedUserMayHaveMore(t *testing.T) {
	live := newWorld().account("dev").user("ann").state()
	want := internal(nil)
	want.Users = append(want.Users, access.User{Username: "ann", Remove: true})
	if got := textOf(Diff(&want, &live, options(access.BuiltIn)).Findings, UserHasMore); !strings.Contains(got, "was not looked at") {
		t.Errorf("it says %q", got)
	}
}

func textOf(list diag.List, code diag.Code) string {
	for _, f := range list {
		if f.Code == code {
			return f.Summary + f.Detail
		}
	}
	return ""
}
