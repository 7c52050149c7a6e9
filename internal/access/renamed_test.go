package access

import (
	"strings"
	"testing"
)

// renamedWorld is a config with the groups Dev and Ops on the set Team, and an AWS
// in which so many groups have it, by id and name; recorded are names on record.
func renamedWorld(owner string, live map[string]string, recorded map[string]string) (desired, have State) {
	var d, l Builder
	set, account := d.AddSet(PermissionSet{Name: "Team", Owner: owner}), d.AddAccount(Account{Name: "prod"})
	for _, name := range []string{"Dev", "Ops"} {
		d.AddAssignment(Assignment{Set: set, Account: account, Kind: GroupPrincipal, Principal: d.AddGroup(Group{Name: name, Referenced: true})})
	}
	p := PermissionSet{Name: "Team", ARN: "arn:team"}
	if owner != "" {
		p.Tags = []Tag{{Key: OwnerTag, Value: owner}}
	}
	if recorded != nil {
		var r Record
		for name, id := range recorded {
			r.Principals = append(r.Principals, RecordedPrincipal{Kind: GroupPrincipal, Name: name, ID: id})
		}
		r.Normalize()
		p.Record = ParseRecord(r.Tags(owner, p.ARN))
	}
	liveSet, liveAccount := l.AddSet(p), l.AddAccount(Account{Name: "prod", ID: "111122223333"})
	for id, name := range live {
		l.AddAssignment(Assignment{Set: liveSet, Account: liveAccount, Kind: GroupPrincipal, Principal: l.AddGroup(Group{Name: name, ID: id})})
	}
	return d.State(), l.State()
}

func TestRenamedGroups(t *testing.T) {
	recorded := map[string]string{"Dev": "id-dev", "Ops": "id-ops"}
	for name, c := range map[string]struct {
		owner    string
		live     map[string]string
		recorded map[string]string
		want     string // of Dev
		known    bool
	}{
		"by the record":            {"me", map[string]string{"id-dev": "Builders", "id-ops": "Ops"}, recorded, "Builders", false},
		"into a name of another":   {"me", map[string]string{"id-dev": "Ops"}, recorded, "Ops", true},
		"gone":                     {"me", map[string]string{"id-ops": "Ops"}, recorded, "", false},
		"there":                    {"me", map[string]string{"id-dev": "Dev", "id-ops": "Ops"}, recorded, "", false},
		"in other case":            {"me", map[string]string{"id-dev": "dev", "id-ops": "Ops"}, recorded, "dev", false},
		"the same, no record":      {"me", map[string]string{"id-dev": "dev", "id-ops": "Ops"}, nil, "", false},
		"another in other case":    {"me", map[string]string{"id-dev": "Builders", "id-new": "dev", "id-ops": "Ops"}, recorded, "Builders", false},
		"a stranger beside":        {"me", map[string]string{"id-new": "Builders", "id-ops": "Ops"}, recorded, "", false},
		"no record, one stranger":  {"me", map[string]string{"id-dev": "Builders", "id-ops": "Ops"}, nil, "Builders", false},
		"no record, two strangers": {"me", map[string]string{"id-dev": "Builders", "id-x": "X", "id-ops": "Ops"}, nil, "", false},
		"no record, two missing":   {"me", map[string]string{"id-dev": "Builders"}, nil, "", false},
		"nobody's":                 {"", map[string]string{"id-dev": "Builders", "id-ops": "Ops"}, nil, "", false},
	} {
		desired, live := renamedWorld(c.owner, c.live, c.recorded)
		got := RenamedGroups(&desired, &live, c.owner)["Dev"]
		if got.Now != c.want || got.Known != c.known || c.want != "" && got.Recorded != (c.recorded != nil) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What is only probable is said so, and who makes the group is asked to rename it.
func TestRenamedSaysWhatToCheck(t *testing.T) {
	for _, c := range []struct {
		r      Renamed
		theirs bool
		has    []string
	}{
		{Renamed{Name: "Dev", Now: "Builders", ID: "id-1", Set: "Team", Recorded: true}, true, []string{`is now called "Builders"`, "who is in it", "in Okta", "id-1"}},
		{Renamed{Name: "Dev", Now: "Builders", ID: "id-1", Set: "Team"}, false, []string{"probably", "console", "id-1"}},
		{Renamed{Name: "Dev", Now: "Ops", ID: "id-1", Known: true, Recorded: true}, true, []string{"names have moved"}},
	} {
		d := c.r.Finding("x", c.theirs, "Okta")
		text := d.Summary + d.Detail + d.Hint + d.Evidence[0].Saw
		for _, want := range c.has {
			if !strings.Contains(text, want) {
				t.Errorf("%+v lacks %q: %s", c.r, want, text)
			}
		}
	}
}
