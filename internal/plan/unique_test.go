package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

func renamed(u access.UserSpec, former string) access.UserSpec {
	u.Previously = text(former)
	return u
}

func userConfig(removed []string, users ...access.UserSpec) access.Config {
	return access.Config{RemovedUsers: texts(removed...), Users: access.List[access.UserSpec]{Items: users}}
}

// Who has an address of the config in AWS, and keeps it, is in the way of whoever
// the config gives it to.
func TestAnAddressThatSomebodyKeepsIsRefused(t *testing.T) {
	people := map[string]string{"taro": "taro@company.com", "ann": "ann@company.com", "z": "z@company.com"}
	ann, z := addressed("ann", "ann@company.com"), addressed("z", "z@company.com")
	for name, c := range map[string]struct {
		config  access.Config
		refused int
		hint    string
	}{
		"another name":                 {userConfig(nil, ann, addressed("taro.y", "taro@company.com")), 1, "`previously = \"taro\"`"},
		"another name, by case":        {userConfig(nil, ann, addressed("taro.y", "Taro@Company.com")), 1, "`previously = \"taro\"`"},
		"a wrong former name":          {userConfig(nil, ann, renamed(addressed("taro.y", "taro@company.com"), "nobody")), 1, "`previously = \"taro\"`"},
		"an update":                    {userConfig(nil, addressed("ann", "taro@company.com")), 1, "removed_users"},
		"an update by a rename":        {userConfig(nil, renamed(addressed("ann.b", "taro@company.com"), "ann")), 1, "removed_users"},
		"in the way of two":            {userConfig(nil, addressed("z", "ann@company.com"), addressed("ann", "taro@company.com")), 2, "keeps it"},
		"the config says nothing else": {userConfig(nil, ann, z, addressed("z2", "z@company.com")), 1, "keeps it"},
		"renamed to a name in use":     {userConfig(nil, renamed(addressed("TARO", "t2@company.com"), "ann")), 1, "correct the user name"},
		"the former name":              {userConfig(nil, ann, renamed(addressed("taro.y", "taro@company.com"), "taro")), 0, ""},
		"removed":                      {userConfig([]string{"taro"}, ann, addressed("taro.y", "taro@company.com")), 0, ""},
		"its own":                      {userConfig(nil, ann, addressed("z", "Z@company.com")), 0, ""},
		"a chain":                      {userConfig([]string{"taro"}, addressed("ann", "taro@company.com"), renamed(addressed("zz", "ann@company.com"), "z"), addressed("new", "z@company.com")), 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			live := peopleWith(people)
			want := access.Desired(c.config, "me")
			p := Diff(&want, &live, options(access.BuiltIn))
			found := found(p, AddressTaken)
			if len(found) != c.refused || CheckOrder(p.Changes) != nil || len(refusals(p, Circle)) > 0 {
				t.Fatalf("%d refusals, findings %v", len(found), p.Findings)
			}
			hints := ""
			for _, d := range found {
				hints += d.Hint
			}
			if !strings.Contains(strings.ToLower(hints), strings.ToLower(c.hint)) {
				t.Errorf("the hint %q lacks %q", hints, c.hint)
			}
			if c.refused == 0 && len(p.Blocked) > 0 {
				t.Errorf("blocked: %v", p.Blocked)
			}
		})
	}
}

// Nobody loses a membership over a user who cannot be written: it may be the same
// person.
func TestWhoHasAnAddressStaysInTheGroup(t *testing.T) {
	var b access.Builder
	b.Observed = access.Observed{Read: "deep", Members: map[string]bool{"g-Dev": true}}
	group := b.AddGroup(access.Group{Name: "Dev", Description: "d", Owner: "me", ID: "g-Dev"})
	b.AddMembership(group, b.AddUser(access.User{Username: "taro", Email: "taro@company.com", ID: "u-taro"}), 0)
	live := b.State()
	taro := addressed("taro.y", "taro@company.com")
	taro.Groups = texts("Dev")
	config := userConfig(nil, taro)
	config.AccessGroups = access.List[access.GroupSpec]{Items: []access.GroupSpec{{Name: text("Dev"), Description: text("d")}}}
	want := access.Desired(config, "me")
	p := Diff(&want, &live, options(access.BuiltIn))
	leaves := func(c Change) bool { return c.Kind == Membership || c.Kind == User }
	if slices.ContainsFunc(p.Changes, leaves) || len(refusals(p, AddressTaken)) != 1 {
		t.Errorf("%v, %v", p.Changes, p.Findings)
	}
}

// Addresses and names are separate: who gives up a user name gives up no address.
func TestValuesOfUsersAreKeptApart(t *testing.T) {
	live := peopleWith(map[string]string{"a@company.com": "x@company.com", "b@company.com": "y@company.com"})
	config := userConfig(nil, renamed(addressed("a", "b@company.com"), "a@company.com"), renamed(addressed("b", "a@company.com"), "b@company.com"))
	want := access.Desired(config, "me")
	if p := Diff(&want, &live, options(access.BuiltIn)); len(p.Changes) != 2 || len(refusals(p, NameTaken))+len(refusals(p, AddressTaken)) > 0 {
		t.Errorf("%v, %v", p.Changes, p.Findings)
	}
}

// Two who wait for the same third, and that one for one of them, are a circle, too.
func TestExchangesOverSeveralValuesAreRefused(t *testing.T) {
	live := peopleWith(map[string]string{"a": "a@company.com", "b": "b@company.com", "c": "c@company.com"})
	// a takes the address of b, and the name of c; b takes that of a.
	config := userConfig([]string{"c"}, renamed(addressed("c2", "b@company.com"), "a"), addressed("b", "a@company.com"))
	want := access.Desired(config, "me")
	p := Diff(&want, &live, options(access.BuiltIn))
	found := found(p, NameTaken)
	if len(found) != 1 || len(refusals(p, Circle)) > 0 || !slices.ContainsFunc([]string{"b", "c2"}, func(n string) bool { return strings.Contains(found[0].Summary, n) }) {
		t.Errorf("%v", p.Findings)
	}
}

// A chain is as long as it likes, and in whatever order the config has it.
func TestLongChainsOfAddresses(t *testing.T) {
	people, users := map[string]string{}, []access.UserSpec{}
	for i := range 200 {
		name := fmt.Sprintf("u%03d", (i*37)%200)
		people[name] = fmt.Sprintf("a%03d@company.com", (i*37)%200)
		users = append(users, addressed(name, fmt.Sprintf("a%03d@company.com", (i*37)%200+1)))
	}
	live := peopleWith(people)
	want := access.Desired(userConfig(nil, users...), "me")
	p := Diff(&want, &live, options(access.BuiltIn))
	if len(p.Changes) != 200 || CheckOrder(p.Changes) != nil || p.Findings.HasErrors() {
		t.Fatalf("%d changes, %v", len(p.Changes), p.Findings)
	}
	if first := p.Changes[0].Key.User; first != "u199" {
		t.Errorf("the first change is of %s", first)
	}
}

func TestAFormerNameThatIsUnclear(t *testing.T) {
	live := peopleWith(map[string]string{"taro": "taro@company.com", "ann": "ann@company.com"})
	for name, c := range map[string]struct {
		user access.UserSpec
		code string
	}{
		"both are there":  {renamed(addressed("ann", "ann@company.com"), "taro"), string(RenameUnclear)},
		"differs in case": {renamed(addressed("taro.y", "new@company.com"), "Taro"), string(NameDiffersInCase)},
	} {
		config := userConfig(nil, c.user)
		want := access.Desired(config, "me")
		p := Diff(&want, &live, options(access.BuiltIn))
		if len(p.Changes) > 0 || len(p.Findings) == 0 || string(p.Findings[0].Code) != c.code {
			t.Errorf("%s: %v, %v", name, p.Changes, p.Findings)
		}
	}
}

func found(p *Plan, code diag.Code) []diag.Diagnostic {
	var out []diag.Diagnostic
	for _, d := range p.Findings {
		if d.Code == code {
			out = append(out, d)
		}
	}
	return out
}
