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

// foreign gives permission sets of somebody else, each in use.
func foreign(n int) emulator.EstateContents {
	e := emulator.EstateContents{Groups: []emulator.EstateGroup{{DisplayName: "Theirs"}}}
	for i := range n {
		name := fmt.Sprintf("Theirs-%04d", i)
		e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: name})
		e.Assignments = append(e.Assignments, emulator.EstateAssignment{PermissionSet: name, Accounts: []string{fmt.Sprintf("account-%03d", i%100)}, Group: "Theirs"})
	}
	return e
}

// amongForeignSets plans the same where most permission sets are not ours.
func amongForeignSets(m *meter) {
	sets, accounts, theirs := m.size(50, 10), 100, m.size(3450, 300)
	alone := newCloud(m.T, accounts, emulator.EstateContents{}, emulator.Options{})
	c := newCloud(m.T, accounts, foreign(theirs), emulator.Options{})
	for _, c := range []*cloud{alone, c} {
		c.write(groups(sets, accounts))
		c.apply()
	}
	without := alone.noChange().sso()
	what := fmt.Sprintf("the same among %s foreign sets", number(theirs))
	for _, key := range []string{emulator.ManagementKey, emulator.DelegatedKey} {
		who := "management account"
		if key == emulator.DelegatedKey {
			who = "delegated administrator"
			alone.key = key
			without = alone.noChange().sso()
		}
		c.key, c.cache = key, filepath.Join(m.TempDir(), "cache")
		more := pages(theirs+sets) - pages(sets)
		d := c.noChange()
		m.atMost(what+", cold cache, "+who+": calls of sso-admin", d.sso(), without+more, without+more+theirs)
		m.within(what+", cold cache, "+who+": time", d.took, atTPS(d.sso()), 0.10)
		d = c.noChange()
		m.atMost(what+", warm cache, "+who+": calls of sso-admin", d.sso(), without+more, without+100)
		m.within(what+", warm cache, "+who+": time", d.took, atTPS(d.sso()), 0.10)
	}
}

// planOfOneGroup plans one group of many.
func planOfOneGroup(m *meter) {
	sets, accounts := m.size(50, 10), 100
	c := newCloud(m.T, accounts, emulator.EstateContents{}, emulator.Options{})
	c.write(groups(sets, accounts))
	c.apply()
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
