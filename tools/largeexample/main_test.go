package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestExampleIsFresh(t *testing.T) {
	files, err := generate(company())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		path := filepath.Join("..", "..", "examples", "large", name)
		have, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(have) != want {
			t.Errorf("%s is stale; run in tools/: go run ./largeexample", path)
		}
	}
}

func TestCompanyIsAsLargeAsItSays(t *testing.T) {
	o := company()
	if len(o.groups) != 40 || len(o.accounts) != 25 || len(o.users) != 120 {
		t.Errorf("%d groups, %d accounts, %d users", len(o.groups), len(o.accounts), len(o.users))
	}
	members, used, ids := map[string]int{}, map[string]bool{}, map[string]bool{}
	mails := map[string]bool{}
	for _, u := range o.users {
		mails[u.mail()] = true
		for _, g := range u.groups {
			members[g]++
		}
	}
	for _, g := range o.groups {
		if members[g.name] == 0 || len(g.name) > 32 {
			t.Errorf("the group %q has %d members, or a name that AWS would cut", g.name, members[g.name])
		}
		for _, a := range g.accounts {
			used[a] = true
		}
	}
	for _, a := range o.accounts {
		ids[a.id] = true
		if len(a.id) != 12 || !used[a.name] {
			t.Errorf("the account %q has the id %s, or no group uses it", a.name, a.id)
		}
	}
	if len(ids) != 25 || len(mails) != 120 || len(members) != 40 {
		t.Errorf("%d ids, %d mail addresses, %d groups with members", len(ids), len(mails), len(members))
	}
}
