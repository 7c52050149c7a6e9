package presence

import (
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// A group whose id is known goes by its new name: that is no wait, whatever is near.
func TestRenamedGroupIsNotWaitedFor(t *testing.T) {
	desired := expectGroups(true, access.Group{Name: "AWS-Team", SCIM: true})
	var b access.Builder
	b.AddGroup(access.Group{Name: "Builders", ID: "id-1"})
	live := b.State()
	o := Options{SetUp: access.SCIM, IdP: "Okta", Renamed: map[string]access.Renamed{"AWS-Team": {Name: "AWS-Team", Now: "Builders", ID: "id-1", Set: "Team", Recorded: true}}}
	r := Check(desired, live, o)
	if got := lines(r); !slices.Equal(got, []string{"group AWS-Team will_not_come same_id=Builders verify.renamed"}) || r.Verdict() != WillNotCome {
		t.Errorf("%v", got)
	}
	if f := r.Items[0].Finding; f.Range.Start.Line != 1 || !strings.Contains(f.Hint, "previously") || len(f.Evidence) != 2 {
		t.Errorf("%+v", f)
	}
	o.Renamed = nil
	if got := Check(desired, live, o); got.Verdict() != NotYet {
		t.Errorf("without that it is waited for: %v", lines(got))
	}
}

// A user whom the identity provider renamed is known by no id; who is in the
// group instead is named, and left to people.
func TestWhoIsInAUsersPlaceIsNamed(t *testing.T) {
	state := func(members ...string) access.State {
		var b access.Builder
		group := b.AddGroup(access.Group{Name: "Dev", ID: "g"})
		for _, name := range members {
			b.AddMembership(group, b.AddUser(access.User{Username: name, Referenced: true, ID: "u-" + name}), 0)
		}
		return b.State()
	}
	for _, c := range []struct {
		wanted, have []string
		want         bool
	}{
		{[]string{"ann", "taro"}, []string{"ann", "t.suzuki"}, true},
		{[]string{"ann", "taro"}, []string{"t.suzuki", "eve"}, false},
		{[]string{"ann", "taro"}, []string{"ann", "t.suzuki", "eve"}, false},
		{[]string{"ann", "taro"}, []string{"ann"}, false},
	} {
		r := Check(state(c.wanted...), state(c.have...), Options{SetUp: access.SCIMUsersOnly, IdP: "Okta"})
		text := strings.Join(lines(r), "\n")
		if strings.Contains(text, "user taro not_yet same_group=t.suzuki") != c.want {
			t.Errorf("%v for %v: %s", c.have, c.wanted, text)
		}
	}
}
