package promises

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// nameMeanings is what the names of the config meant when a run of ours granted by them
// last. It lasts until the config gives a name up in a run that did all, or
// --allow-rebind consents to another meaning, whatever AWS still shows of it.
type nameMeanings struct {
	groups, accounts map[string]string // name -> id
	// lost are the names whose record others took away. Whoever may delete sets and
	// records is beyond what the promise is about, but for what else there is to see.
	lost map[missingName]bool
}

type missingName struct {
	kind string // group or account
	name string
}

func newNameMeanings() nameMeanings {
	return nameMeanings{map[string]string{}, map[string]string{}, map[missingName]bool{}}
}

// act notes what evidence an act of others took.
func (m nameMeanings) act(was, is *snap) {
	for name, id := range m.groups {
		if was.recordNames(id) && !is.recordNames(id) {
			m.lost[missingName{"group", name}] = true
		}
	}
	for name, id := range m.accounts {
		if was.recordIn(id) && !is.recordIn(id) {
			m.lost[missingName{"account", name}] = true
		}
	}
}

// recordNames says that a record of ours has the group's id, or had no room for
// ids and is on a set that the group, or its orphan, has.
func (s *snap) recordNames(group string) bool {
	for arn, x := range s.Sets {
		if x.Owner != owner || !onRecord(x.Tags, arn) {
			continue
		}
		ids, room := recordedIDs(x.Tags)
		if slices.Contains(ids, group) || !room && s.hasAssignment(arn, group) {
			return true
		}
	}
	return false
}

// recordedIDs are the principals of a record: as many as it says, of pairs of a
// name's hash and an id. What follows is of an earlier, longer record. Where it
// says more than there are ids, it had no room for them.
func recordedIDs(tags map[string]string) (ids []string, room bool) {
	count := 0
	for _, field := range strings.Fields(tags["rolecall:record"]) {
		if n, err := strconv.Atoi(strings.TrimPrefix(field, "p")); err == nil && field[0] == 'p' {
			count = n
		}
	}
	for i := range 8 {
		for _, pair := range strings.Fields(tags[fmt.Sprintf("rolecall:principals-%d", i+1)]) {
			if _, id, ok := strings.Cut(pair, "="); ok && len(ids) < count {
				ids = append(ids, id)
			}
		}
	}
	return ids, len(ids) == count
}

func (s *snap) hasAssignment(set, group string) bool {
	for g := range s.Assignments {
		if g.Set == set && g.Principal == group {
			return true
		}
	}
	return false
}

// recordIn says that a set of ours with a record is assigned in the account.
func (s *snap) recordIn(account string) bool {
	for g := range s.Assignments {
		if x := s.Sets[g.Set]; g.Account == account && x.Owner == owner && onRecord(x.Tags, g.Set) {
			return true
		}
	}
	return false
}

// group is what a name of the config meant, or what the former name of its group
// did: who is called so now is to be who was called so before.
func (m nameMeanings) group(c *conf, name string) (id, by string) {
	if old := c.formerly(name); m.groups[old] != "" {
		return m.groups[old], ", by its former name"
	}
	return m.groups[name], ""
}

// formerly is the former name of a group of the config.
func (c *conf) formerly(name string) string {
	for _, g := range c.groups {
		if g.name == name {
			return g.previously
		}
	}
	return ""
}

// guardRebind: a name under which we granted to one id leads to another one now.
func (r *run) guardRebind() {
	for _, e := range r.events {
		for _, x := range e.effects {
			if x.Kind != "assignment+" || x.Assignment.Kind != "GROUP" || r.w.made[x.Assignment.Principal] {
				continue
			}
			name := e.is.Groups[x.Assignment.Principal].Name
			meant, how := r.w.meanings.group(r.conf, name)
			lost := r.w.meanings.lost[missingName{"group", name}] || r.w.meanings.lost[missingName{"group", r.conf.formerly(name)}]
			if meant == "" || meant == x.Assignment.Principal || slices.Contains(r.flags.rebind, name) || r.w.recent(e.at, x.Assignment.Principal) {
				continue
			}
			held, orphan := r.start.hasHeld(meant)
			if orphan {
				how += ", made again"
			}
			if shown := r.start.evidence(meant); !shown || !held {
				// With --only, records of other sets are not read.
				if lost || len(r.flags.only) > 0 {
					continue
				}
				how += map[bool]string{true: ", which has nothing now", false: ", and what showed it is gone"}[shown]
			}
			if r.start.Groups[x.Assignment.Principal].Owner == owner {
				how += ", with our mark"
			}
			if slices.Contains(r.flags.adopt, name) {
				how += ", adopted"
			}
			if r.start.Assignments[searchtest.Assignment{Set: x.Assignment.Set, Account: x.Assignment.Account, Kind: "GROUP", Principal: meant}] {
				how += ", on the same set and account"
			}
			r.w.violate("guard rebind: the name leads to another group"+how, "%q meant %s and is %s now, granted %q in %s", name, meant, x.Assignment.Principal,
				e.is.Sets[x.Assignment.Set].Name, e.is.Accounts[x.Assignment.Account])
		}
	}
}

// hasHeld says that a group, or its orphan, has anything.
func (s *snap) hasHeld(group string) (held, orphan bool) {
	for g, gone := range s.Assignments {
		if g.Principal == group {
			held, orphan = true, orphan || gone
		}
	}
	return held, orphan
}

// evidence says that AWS shows what a name meant: by a record of ours, or by an
// orphan on a set of ours.
func (s *snap) evidence(group string) bool {
	for g, orphan := range s.Assignments {
		if orphan && g.Principal == group && s.Sets[g.Set].Owner == owner {
			return true
		}
	}
	return s.recordNames(group)
}

// guardAccounts: the same for the name of an account.
func (r *run) guardAccounts() {
	for _, e := range r.events {
		for _, x := range e.effects {
			if x.Kind != "assignment+" {
				continue
			}
			name := e.is.Accounts[x.Assignment.Account]
			meant := r.w.meanings.accounts[name]
			lost := r.w.meanings.lost[missingName{"account", name}] // the account may be on record again, by another name
			if meant == "" || meant == x.Assignment.Account || lost || slices.Contains(r.flags.rebind, name) || r.w.recent(e.at, x.Assignment.Account) {
				continue
			}
			if r.withoutRoom(meant) {
				continue
			}
			how := ""
			if !r.accountShown(meant, x.Assignment.Set) {
				if len(r.flags.only) > 0 {
					continue
				}
				how = ", and what showed it is gone"
			}
			r.w.violate("guard rebind: the name leads to another account"+how, "%q meant %s and is %s now", name, meant, x.Assignment.Account)
		}
	}
}

// withoutRoom says that an account is only on records that have more accounts than
// they have room for, of sets whose accounts the config changes: its bucket need not
// tell then, as docs/promises.md says.
func (r *run) withoutRoom(account string) bool {
	accounts := map[string]map[string]bool{} // by set
	for g := range r.start.Assignments {
		if accounts[g.Set] == nil {
			accounts[g.Set] = map[string]bool{}
		}
		accounts[g.Set][g.Account] = true
	}
	found := false
	for arn, in := range accounts {
		found = found || in[account]
		wants := map[string]bool{}
		for k := range r.conf.wants() {
			if k.set == r.start.Sets[arn].Name {
				wants[k.account] = true
			}
		}
		if in[account] && (len(in) <= 192 || len(in) == len(wants)) {
			return false
		}
	}
	return found
}

// accountShown says that a set of ours with a record is assigned in the account
// that a name meant. With --only, records of other sets than that of the assignment
// are not read.
func (r *run) accountShown(meant, set string) bool {
	for g := range r.start.Assignments {
		if g.Account == meant && r.owned(g) && onRecord(r.start.Sets[g.Set].Tags, g.Set) && (len(r.flags.only) == 0 || g.Set == set) {
			return true
		}
	}
	return false
}

// remember keeps to whom we granted by which name.
func (r *run) remember() {
	m := r.w.meanings
	for _, name := range r.flags.rebind {
		delete(m.groups, name)
		delete(m.groups, r.conf.formerly(name))
		delete(m.accounts, name)
	}
	for _, e := range r.events {
		for _, x := range e.effects {
			switch {
			case x.Kind == "member+":
				r.w.joined[x.Membership] = true
			case x.Kind == "assignment+":
				if x.Assignment.Kind == "GROUP" {
					name := e.is.Groups[x.Assignment.Principal].Name
					m.groups[name] = x.Assignment.Principal
					delete(m.groups, r.conf.formerly(name))
					delete(m.lost, missingName{"group", name})
				}
				name := e.is.Accounts[x.Assignment.Account]
				m.accounts[name] = x.Assignment.Account
				delete(m.lost, missingName{"account", name})
			}
		}
	}
}

// settled forgets, after a run that did all, the names that the config does not
// have, and takes what was adopted for ours. A run that did not do all may have
// given them up as well, if AWS shows nothing of them any more.
func (r *run) settled(got ended) {
	now := r.w.last
	for arn, s := range now.Sets {
		if was, ok := r.start.Sets[arn]; ok && was.Owner == "" && s.Owner == owner && slices.Contains(r.flags.adopt, s.Name) {
			r.w.made[arn] = true
		}
	}
	for id, g := range now.Groups {
		if was, ok := r.start.Groups[id]; ok && was.Owner == "" && g.Owner == owner && slices.Contains(r.flags.adopt, g.Name) {
			r.w.made[id] = true
		}
	}
	all := got.code == 0 && len(r.flags.only) == 0
	for name, id := range r.w.meanings.accounts {
		named := slices.ContainsFunc(r.conf.groups, func(g confGroup) bool { return slices.Contains(g.accounts, slices.Index(allAccounts, name)) })
		if !named && (all || !now.recordIn(id)) {
			delete(r.w.meanings.accounts, name)
		}
	}
	for name, id := range r.w.meanings.groups {
		named := slices.ContainsFunc(r.conf.groups, func(g confGroup) bool { return (g.name == name || g.previously == name) && len(g.accounts) > 0 })
		if !named && (all || !now.recordNames(id) || now.Groups[id].Name != name) {
			delete(r.w.meanings.groups, name)
		}
	}
}
