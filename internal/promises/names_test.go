package promises

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
)

// allAccounts are the accounts of the small world, and those that only a crowded
// one has.
var allAccounts = func() []string {
	out := slices.Clone(accountNames)
	for i := range 240 {
		out = append(out, fmt.Sprintf("m%03d", i))
	}
	return out
}()

func accountID(at int) string { return fmt.Sprintf("1%011d", at) }

// accounts is how many the world of a config has.
func (c *conf) accounts() int {
	out := len(accountNames)
	for _, g := range c.groups {
		for _, a := range g.accounts {
			if a >= len(accountNames) {
				out = len(allAccounts)
			}
		}
	}
	return out
}

// crowd are the groups of a config that only a crowded world has.
func (c *conf) crowd() (out []string) {
	for _, g := range c.groups {
		if strings.HasPrefix(g.name, "crowd-") {
			out = append(out, g.name)
		}
	}
	return out
}

// crowded gives one set more groups than a record has room for, or one group
// more accounts; then two of them take each other's names.
func (c chance) crowded(s *scenario) {
	swap := "two accounts renamed into one another"
	g := &s.conf.groups[c.IntN(len(s.conf.groups))]
	g.set = 1
	if !c.one(4) {
		swap = "two groups renamed into one another"
		s.mode, s.conf.mode = scim, scim // its groups are there already, so it is cheap
		for i := range 44 {
			s.conf.groups = append(s.conf.groups, confGroup{name: fmt.Sprintf("crowd-%02d", i), set: 1, accounts: []int{1 + c.IntN(len(accountNames)-1)}})
		}
	} else {
		for a := len(accountNames); a < len(allAccounts); a++ {
			if a%6 > 0 {
				g.accounts = append(g.accounts, a)
			}
		}
	}
	s.jobs, s.late, s.caller = 0, 0, false
	s.ops = []op{{what: "run", how: auto, flags: flags{removals: true, lockout: true, replace: true}}}
	if c.one(2) {
		s.ops = append(s.ops, op{what: "edit", n: [4]int{c.IntN(len(edits)), c.IntN(12), c.IntN(12), c.IntN(12)}})
	}
	f := c.flags()
	f.only, f.rebind = nil, nil
	s.ops = append(s.ops, op{what: "act", n: c.actOf(swap)}, op{what: "wait", wait: 2 * time.Minute}, op{what: "run", how: auto, flags: f})
}

// nameActs take names: those that the config gives up or comes to, and those that
// lead to nothing for the moment.
var nameActs = []act{
	{"former name followed", func(w *world, a, b, d int) []string {
		g := w.renamed(a)
		id := w.last.GroupNamed(g.previously)
		w.rename(id, g.name)
		return []string{id}
	}},
	{"new name taken by another group", func(w *world, a, b, d int) []string {
		g := w.renamed(a)
		if g.name == "" {
			return nil
		}
		if b%2 == 0 { // the former one gets out of the way
			w.rename(w.last.GroupNamed(g.previously), "gone-"+g.previously)
		}
		return []string{w.createGroup(g.name, marks[d%len(marks)], w.last.UserNamed("mallory"))}
	}},
	{"former name taken by another group", func(w *world, a, b, d int) []string {
		g := w.renamed(a)
		if g.name == "" {
			return nil
		}
		old := w.last.GroupNamed(g.previously)
		if b%2 == 0 {
			w.rename(old, "gone-"+g.previously)
		} else {
			w.Store("DeleteGroup", map[string]any{"GroupId": old})
		}
		return []string{old, w.createGroup(g.previously, marks[d%len(marks)], w.last.UserNamed("mallory"))}
	}},
	{"missing group made", func(w *world, a, b, d int) []string {
		var names []string
		for _, g := range w.conf.groups {
			if w.last.GroupNamed(g.name) == "" {
				names = append(names, g.name)
			}
		}
		if len(names) == 0 {
			return nil
		}
		var in []string
		if b%3 > 0 {
			in = []string{w.last.UserNamed([]string{"mallory", personNames[b%len(personNames)]}[b%2])}
		}
		return []string{w.createGroup(names[a%len(names)], marks[d%len(marks)], in...)}
	}},
	{"missing account's name taken", func(w *world, a, b, d int) []string {
		var names []string
		for _, g := range w.conf.groups {
			for _, x := range g.accounts {
				if name := allAccounts[x]; w.last.accountNamed(name) == "" && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
		if len(names) == 0 {
			return nil
		}
		x := w.anyAccount(b)
		w.account(x, emulator.AccountChange{Name: names[a%len(names)]})
		return []string{x}
	}},
}

// renamed picks a group of the config that has a former name.
func (w *world) renamed(at int) confGroup {
	var all []confGroup
	for _, g := range w.conf.groups {
		if g.previously != "" {
			all = append(all, g)
		}
	}
	if len(all) == 0 {
		return confGroup{}
	}
	return all[at%len(all)]
}

// nameShapes counts where names led when a run began.
func (r *run) nameShapes() {
	for _, g := range r.conf.groups {
		now := r.start.GroupNamed(g.name)
		if was := r.w.meanings.groups[g.previously]; g.previously != "" && was != "" && now != "" && now != was {
			r.w.counts.shape("a former name, and the new one leads elsewhere")
		}
		if len(g.accounts) == 0 {
			continue
		}
		switch {
		case now == "" && r.w.meanings.groups[g.name] != "":
			r.w.missed[g.name] = true
		case now != "" && r.w.missed[g.name] && now != r.w.meanings.groups[g.name] && !r.w.made[now]:
			r.w.counts.shape("missing when granted, and made by others later")
			delete(r.w.missed, g.name)
		}
	}
	if r.start.crowdedSet() {
		r.w.counts.shape("a record without room")
	}
}

// crowdedSet says that a set of ours has more groups or accounts than a record
// has room for.
func (s *snap) crowdedSet() bool {
	type on struct{ set, id string }
	seen := map[on]bool{}
	groups, accounts := map[string]int{}, map[string]int{}
	if len(s.Assignments) <= 40 {
		return false
	}
	for g := range s.Assignments {
		if !onRecord(s.Sets[g.Set].Tags, g.Set) {
			continue
		}
		if !seen[on{g.Set, g.Principal}] {
			groups[g.Set]++
		}
		if !seen[on{g.Set, g.Account}] {
			accounts[g.Set]++
		}
		seen[on{g.Set, g.Principal}], seen[on{g.Set, g.Account}] = true, true
		if groups[g.Set] > 40 || accounts[g.Set] > 192 {
			return true
		}
	}
	return false
}

// shorter leaves out what only fills a crowded world.
func shorter(text string) string {
	lines := strings.SplitAfter(text, "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool {
		return strings.Contains(line, `"crowd-`) && !strings.Contains(line, `"crowd-00"`)
	})
	for i, line := range lines {
		if before, after, many := strings.Cut(line, `"m000", `); many {
			_, after, _ = strings.Cut(after, "]")
			lines[i] = before + "...]" + after
		}
	}
	return strings.Join(lines, "")
}
