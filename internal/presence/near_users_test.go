package presence

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Members are also written by their addresses, or without what is behind the @: by a
// config that defines them, and by one that only refers to them.
func TestMembersThatAreWrittenOtherwise(t *testing.T) {
	john := access.User{Username: "john", Email: "john@company.com", ID: "u-1"}
	mary := access.User{Username: "mary@company.com", Email: "mary@company.com", ID: "u-2"}
	for name, c := range map[string]struct {
		defined, live []access.User
		member        string
		want, meant   string
	}{
		"the address of a user whom the config defines": {[]access.User{john}, nil, "John@company.com", "user John@company.com will_not_come same_email=john verify.other-name", "john"},
		"the same, who is in AWS":                       {[]access.User{john}, []access.User{john}, "john@company.com", "user john@company.com will_not_come same_email=john verify.other-name", "john"},
		"who is in AWS alone":                           {nil, []access.User{john, mary}, "john@company.com", "user john@company.com will_not_come same_email=john verify.other-name", "john"},
		"nearly the address":                            {nil, []access.User{john, mary}, "johm@company.com", "user johm@company.com will_not_come near_email=john verify.not-defined", "john"},
		"nothing behind the @":                          {nil, []access.User{john, mary}, "mary", "user mary will_not_come same_start=mary@company.com verify.not-defined", "mary@company.com"},
		"something else":                                {nil, []access.User{john, mary}, "john@other.example", "user john@other.example will_not_come same_start=john verify.not-defined", "john"},
		"nobody":                                        {nil, []access.User{john, mary}, "wei", "user wei will_not_come verify.not-defined", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var desired, live access.Builder
			for _, u := range c.defined {
				u.ID = ""
				desired.AddUser(u)
			}
			desired.AddUser(access.User{Username: c.member, Referenced: true})
			for _, u := range c.live {
				live.AddUser(u)
			}
			d, l := desired.State(), live.State()
			item := Ask(&d, &l, Options{SetUp: access.BuiltIn}).User(d.UserIndex(c.member))
			if diff := cmp.Diff(c.want, line(item)); diff != "" || item.Meaning(diag.Remedy{}).Name != c.meant {
				t.Errorf("meant %q: %s", item.Meaning(diag.Remedy{}).Name, diff)
			}
		})
	}
}

// What the config names as well is no remedy for a group, which would be there twice.
func TestWhatIsNamedTwiceIsNoRemedy(t *testing.T) {
	for claimed, want := range map[bool]string{false: "Operations", true: ""} {
		item := Item{Kind: GroupItem, Suggestions: []Suggestion{{Name: "Operations", Claimed: claimed}}}
		if got := item.Meaning(diag.Remedy{}).Name; got != want {
			t.Errorf("claimed %t: %q", claimed, got)
		}
	}
}

// Of several that are equally near, none is picked.
func TestNoneOfTwoIsPicked(t *testing.T) {
	var desired, live access.Builder
	desired.AddUser(access.User{Username: "bob.stone", Referenced: true})
	for i, name := range []string{"bob.stone@company.com", "bob.stone@company.org"} {
		live.AddUser(access.User{Username: name, ID: string(rune('a' + i))})
	}
	d, l := desired.State(), live.State()
	f := Ask(&d, &l, Options{SetUp: access.SCIMUsersOnly, IdP: "Okta"}).User(0).Finding
	if f.Remedy.Name != "" || !f.Remedy.Several || !strings.HasPrefix(f.Hint, "If one of these is meant, write that in the config. If not: Check") {
		t.Errorf("%+v: %s", f.Remedy, f.Hint)
	}
}

// What the config defines and AWS cannot make is no matter of an apply.
func TestWhatNoApplyMakes(t *testing.T) {
	for name, c := range map[string]struct {
		live access.User
		want diag.Way
	}{
		"another case":    {access.User{Username: "Jane", ID: "u"}, diag.WriteName},
		"a taken address": {access.User{Username: "smith", Email: "jane@company.com", ID: "u"}, diag.FreeAddress},
		"a slip":          {access.User{Username: "jame", ID: "u"}, diag.Apply},
		"nobody":          {access.User{Username: "wei", ID: "u"}, diag.Apply},
	} {
		var desired, live access.Builder
		desired.AddUser(access.User{Username: "jane", Email: "jane@company.com"})
		live.AddUser(c.live)
		d, l := desired.State(), live.State()
		r := Ask(&d, &l, Options{SetUp: access.BuiltIn}).User(0).Finding.Remedy
		if r.Way != c.want {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
