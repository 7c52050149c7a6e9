package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
)

// atTPS is how long calls take at the quota: the floor of whatever reads.
func atTPS(calls int) time.Duration {
	return time.Duration(float64(calls) / tps * float64(time.Second))
}

// contentCalls is the least that reading a set takes: tags, name, managed and
// customer managed policies, inline policy, boundary, accounts, outdated
// accounts.
const contentCalls = 8

func pages(n int) int { return (n + 99) / 100 }

// noChangePlan plans what is there already.
func noChangePlan(m *meter) {
	sets, accounts := m.size(50, 10), 100
	c := newCloud(m.T, accounts, emulator.EstateContents{}, emulator.Options{})
	c.write(groups(sets, accounts))
	c.apply()
	c.record(groups(sets, accounts))
	what := fmt.Sprintf("%d groups x %d accounts = %s assignments", sets, accounts, number(sets*accounts))

	d := c.noChange()
	floor := 1 + pages(sets) + sets*(contentCalls+pages(accounts))
	m.atMost(what+", management account: calls of sso-admin", d.sso(), floor, m.size(500, 102))
	m.within(what+", management account: time", d.took, atTPS(d.sso()), 0.10)

	c.key = emulator.DelegatedKey
	d = c.noChange()
	floor = 1 + pages(sets) + sets*contentCalls + sets*accounts
	m.atMost(what+", delegated administrator: calls of sso-admin", d.sso(), floor, sets*accounts*11/10)
	m.within(what+", delegated administrator: time", d.took, atTPS(d.sso()), 0.10)
}

// completeness measures what the rule of completeness adds to the same plan: all
// users and all groups are asked as long as that costs at most twice the calls,
// or 200 more. Groups of others are in the store, and so many users.
func completeness(m *meter) {
	sets, accounts := m.size(50, 10), 100
	for _, users := range []int{0, 100, 300, 5000} {
		contents := emulator.EstateContents{Groups: []emulator.EstateGroup{{DisplayName: "Theirs"}}}
		for i := range users {
			contents.Users = append(contents.Users, emulator.EstateUser{UserName: fmt.Sprintf("user-%04d", i)})
		}
		c := newCloud(m.T, accounts, contents, emulator.Options{})
		c.write(groups(sets, accounts))
		c.apply()
		c.record(groups(sets, accounts))
		fast := 1 + pages(sets) + sets*(contentCalls+pages(accounts))
		what := fmt.Sprintf("the same among %s users", number(users))
		d := c.noChange()
		m.atMost(what+": calls of sso-admin", d.sso(), fast, fast+max(fast, 200))
		m.atMost(what+", what completeness adds: calls of sso-admin", d.sso()-fast, 0, max(fast, 200))
	}
}

// afterUpgrade plans the same where no permission set has a record yet: each is
// read with everybody alive who has it.
func afterUpgrade(m *meter) {
	sets, accounts := m.size(50, 10), 100
	contents := emulator.EstateContents{}
	for i := range 300 {
		contents.Users = append(contents.Users, emulator.EstateUser{UserName: fmt.Sprintf("user-%04d", i)})
	}
	c := newCloud(m.T, accounts, contents, emulator.Options{})
	c.write(groups(sets, accounts))
	c.apply()
	c.forgetRecords()
	fast := 1 + pages(sets) + sets*(contentCalls+pages(accounts))
	what := fmt.Sprintf("first plan after an upgrade, %d groups x %d accounts, 300 users", sets, accounts)
	d := c.must(0, "plan", c.dir)
	m.atMost(what+", management account: calls of sso-admin", d.sso(), fast, fast+sets*accounts)
	c.key = emulator.DelegatedKey
	d = c.must(0, "plan", c.dir)
	m.atMost(what+", delegated administrator: calls of sso-admin", d.sso(), fast, sets*accounts*12/10)
}

// foreign returns permission sets of somebody else, each in use.
func foreign(n int) emulator.EstateContents {
	e := emulator.EstateContents{Groups: []emulator.EstateGroup{{DisplayName: "Theirs"}}}
	for i := range n {
		name := fmt.Sprintf("Theirs-%04d", i)
		e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: name})
		e.Assignments = append(e.Assignments, emulator.EstateAssignment{PermissionSet: name, Accounts: []string{fmt.Sprintf("account-%03d", i%100)}, Group: "Theirs"})
	}
	return e
}

// amongForeignSets plans the same where most permission sets are not ours. A
// read that is complete asks their holder, too, a page for each hundred; and
// reads their marks, though a cache remembers them, where that does not double
// the calls, as it does not for a delegated administrator.
func amongForeignSets(m *meter) {
	sets, accounts, theirs := m.size(50, 10), 100, m.size(3450, 300)
	alone := newCloud(m.T, accounts, emulator.EstateContents{}, emulator.Options{})
	c := newCloud(m.T, accounts, foreign(theirs), emulator.Options{})
	for _, c := range []*cloud{alone, c} {
		c.write(groups(sets, accounts))
		c.apply()
		c.record(groups(sets, accounts))
	}
	without := alone.noChange().sso()
	what := fmt.Sprintf("the same among %s foreign sets", number(theirs))
	for _, key := range []string{emulator.ManagementKey, emulator.DelegatedKey} {
		who, marks := "management account", 100
		if key == emulator.DelegatedKey {
			who, marks = "delegated administrator", theirs
			alone.key = key
			without = alone.noChange().sso()
		}
		c.key, c.cache = key, filepath.Join(m.TempDir(), "cache")
		more := pages(theirs+sets) - pages(sets)
		d := c.noChange()
		m.atMost(what+", cold cache, "+who+": calls of sso-admin", d.sso(), without+more, without+more+theirs+pages(theirs))
		m.within(what+", cold cache, "+who+": time", d.took, atTPS(d.sso()), 0.10)
		d = c.noChange()
		m.atMost(what+", warm cache, "+who+": calls of sso-admin", d.sso(), without+more, without+more+marks)
		m.within(what+", warm cache, "+who+": time", d.took, atTPS(d.sso()), 0.10)
	}
}

// planOfOneGroup plans one group of many.
func planOfOneGroup(m *meter) {
	sets, accounts := m.size(50, 10), 100
	c := newCloud(m.T, accounts, emulator.EstateContents{}, emulator.Options{})
	c.write(groups(sets, accounts))
	c.apply()
	c.record(groups(sets, accounts))
	c.cache = filepath.Join(m.TempDir(), "cache")
	floor := 1 + pages(sets) + contentCalls + pages(accounts)
	what := fmt.Sprintf("plan --only one of %d groups, %d accounts", sets, accounts)
	d := c.noChange("--only", "group-03")
	m.atMost(what+", cold cache: calls of sso-admin", d.sso(), floor, floor+5)
	c.noChange()
	d = c.noChange("--only", "group-03")
	m.atMost(what+", warm cache: calls of sso-admin", d.sso(), floor, floor)
	m.reach(d.took < 2*time.Second, what+": time", seconds(d.took), seconds(0), "under 2 s")
}
