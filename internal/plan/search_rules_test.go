package plan_test

import (
	"fmt"
	"math/bits"

	"github.com/rolecall-dev/rolecall/internal/access"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// rules are what has to hold of every plan besides the order: each returns nil, or
// what is wrong.
var rules = []func(c *compiled, s sketch) *problem{
	(*compiled).usedBeforeMade,
	(*compiled).suspended,
	(*compiled).keptAssignments,
	(*compiled).beyondConfig,
	(*compiled).endsAsConfig,
	(*compiled).deletedInUse,
	(*compiled).veto,
	(*compiled).provisionedTwice,
	(*compiled).needlessDetour,
	(*compiled).prefixes,
}

func (c *compiled) id(i int) ID { return c.plan.Changes[i].ID }

// usedBeforeMade: what names something that the plan makes waits for it.
func (c *compiled) usedBeforeMade(sketch) *problem {
	for i, o := range c.ops {
		for j, made := range c.ops {
			if i == j || made.action != Create || o.ancestors&(1<<j) != 0 {
				continue
			}
			uses := made.kind == User && o.user == made.user ||
				made.kind == Group && o.group == made.group ||
				made.kind == PermissionSet && o.set == made.set
			if uses {
				return &problem{kind: "uses what is not made yet", text: fmt.Sprintf("%s does not wait for %s", c.id(i), c.id(j))}
			}
		}
	}
	return nil
}

// suspended: AWS changes nothing in a suspended account.
func (c *compiled) suspended(sketch) *problem {
	for i, o := range c.ops {
		if o.accounts&c.suspendedAccounts != 0 {
			return &problem{kind: fmt.Sprintf("a change in a suspended account: %s.%s", o.kind, o.action), text: string(c.id(i))}
		}
	}
	return nil
}

// keptAssignments: an assignment of which set, account and principal stay is not
// deleted, and none that is there is made.
func (c *compiled) keptAssignments(sketch) *problem {
	for i, o := range c.ops {
		if o.kind != Assignment {
			continue
		}
		a := bits.TrailingZeros8(o.accounts)
		there := c.start.sets[o.set].holders[a]&o.holder != 0
		stays := c.end.sets[o.set].holders[a]&o.holder != 0
		switch {
		case there && o.action == Create:
			return &problem{kind: "an assignment is made that is there", text: string(c.id(i))}
		case there && stays:
			return &problem{kind: "an assignment that stays is deleted", text: string(c.id(i))}
		case !there && o.action == Delete:
			return &problem{kind: "an assignment is deleted that is not there", text: string(c.id(i))}
		}
	}
	return c.unlikeConfig()
}

// unlikeConfig: what the config keeps is not deleted. The names are the sketch's
// own, not the planner's.
func (c *compiled) unlikeConfig() *problem {
	for i, o := range c.ops {
		change := c.plan.Changes[i]
		if o.kind != Assignment || o.action != Delete || change.Key.Group == "" {
			continue
		}
		for _, g := range c.want.Assignments {
			if g.Kind != access.GroupPrincipal || c.want.Sets[g.Set].Name != change.Key.PermissionSet {
				continue
			}
			group := c.want.Groups[g.Principal]
			named := group.Name == change.Key.Group || group.Previously == change.Key.Group && c.want.GroupIndex(change.Key.Group) < 0
			if named && c.want.Accounts[g.Account].Name == change.Key.AccountName {
				return &problem{kind: "an assignment that the config keeps is deleted", text: string(change.ID)}
			}
		}
	}
	return nil
}

// beyondConfig: in the end nobody has more than they had and what the config
// gives them, so that the promise above is not kept by a wrong after. In a
// suspended account nothing can be revoked, so whoever joins has what is left.
func (c *compiled) beyondConfig(s sketch) *problem {
	meant := c.meant(s)
	for u := range c.users {
		for a := range c.accounts {
			if more := c.after[u][a] &^ (c.before[u][a] | meant[u][a]); more != 0 && c.suspendedAccounts&(1<<a) == 0 {
				return &problem{kind: "after the plan more than before and the config", text: fmt.Sprintf("%s can do %s in %s", c.users[u], more, c.accountName(a))}
			}
		}
	}
	return nil
}

// meant returns what the config means by the sketch alone, and what its groups
// hold besides on sets that are not ours. Members of groups that are not ours
// stay in them, and those whose removal is blocked.
func (c *compiled) meant(s sketch) (out [roomUsers][roomAccounts]acts) {
	for _, w := range s.Config {
		allow := c.dict.allows(c.dict.of(wantedSet(s, w.Set)))
		for u, id := range c.users {
			if !c.meantMember(s, w, u, id) {
				continue
			}
			for a, account := range c.accounts {
				out[u][a] |= c.ofOthers(s, w, a)
				for _, name := range w.Accounts {
					if sketchAccountID(name) == account {
						out[u][a] |= allow
					}
				}
			}
		}
	}
	return out
}

// ofOthers returns what a group of the config holds on sets that are not ours.
func (c *compiled) ofOthers(s sketch, w wantSketch, account int) (out acts) {
	for i, p := range c.live.Sets {
		if p.Owner == "me" || c.start.sets[i].docContent != c.end.sets[i].docContent {
			continue
		}
		for g, group := range c.live.Groups {
			named := group.Name == w.Name || group.Name == w.Previously
			if named && c.start.sets[i].holders[account]&groupBit(g) != 0 {
				out |= c.start.sets[i].roles[account].allow
			}
		}
	}
	return out
}

func wantedSet(s sketch, name string) access.PermissionSet {
	g := s.wantContent(name).spec()
	g.Name = text(name)
	return g.PermissionSet()
}

func (c *compiled) meantMember(s sketch, w wantSketch, u int, id string) bool {
	for _, m := range w.Members {
		if !s.External && (id == "u-"+m || id == "new:"+m) {
			return true
		}
	}
	for _, g := range s.Groups {
		if g.Name != w.Name && g.Name != w.Previously {
			continue
		}
		for _, m := range g.Members {
			if id != "u-"+m {
				continue
			}
			if s.External || g.Owner != "me" || c.staysBlocked(g.Name, m) {
				return true
			}
		}
	}
	return false
}

func (c *compiled) staysBlocked(group, user string) bool {
	for _, b := range c.plan.Blocked {
		if b.Change.Kind == Membership && b.Change.Action == Delete && b.Change.Key.User == user && b.Change.Refs.GroupID == "g-"+group {
			return true
		}
	}
	return false
}

// deletedInUse: what is deleted is not in use any more by then: AWS refuses that
// of a set, and leaves orphans of a group.
func (c *compiled) deletedInUse(sketch) *problem {
	for i, o := range c.ops {
		if o.action != Delete || o.kind != PermissionSet && o.kind != Group {
			continue
		}
		for set := range c.sets {
			for a := range c.accounts {
				held := c.start.sets[set].holders[a]
				for j, r := range c.ops {
					if o.ancestors&(1<<j) != 0 && r.kind == Assignment && r.action == Delete && r.set == set && r.accounts == 1<<a {
						held &^= r.holder
					}
				}
				if o.kind == PermissionSet && o.set == set && held != 0 || o.kind == Group && held&groupBit(o.group) != 0 {
					return &problem{kind: fmt.Sprintf("a %s is deleted while it is in use", o.kind), text: string(c.id(i))}
				}
			}
		}
	}
	return nil
}

// veto: where what replaces an assignment allows less, the revocation does not wait
// for it, or the group could keep what it has by making the assignment fail.
func (c *compiled) veto(s sketch) *problem {
	for i, o := range c.ops {
		if o.kind != Assignment || o.action != Delete || o.group < 0 {
			continue
		}
		a := bits.TrailingZeros8(o.accounts)
		old := c.start.sets[o.set]
		if old.roles[a].allow != c.dict.allows(old.docContent) {
			continue // staged: what is taken away is not what the set says
		}
		for j, g := range c.ops {
			instead := g.kind == Assignment && g.action == Create && g.holder == o.holder && g.accounts == o.accounts && g.set != o.set
			meant := c.dict.of(wantedSet(s, c.plan.Changes[j].Key.PermissionSet)) // an edit may be blocked
			if instead && o.ancestors&(1<<j) != 0 && c.plainlyLess(meant, old.docContent) && c.plainlyLess(c.end.sets[g.set].docContent, old.docContent) {
				return &problem{kind: "a downgrade waits for its replacement", text: fmt.Sprintf("%s waits for %s", c.id(i), c.id(j))}
			}
		}
	}
	return nil
}

// plainlyLess says that anybody sees that a allows less than b: the same but for
// managed policies, or an inline policy without Deny, that are gone.
func (c *compiled) plainlyLess(a, b simContent) bool {
	if a == b || a.customer != b.customer || a.boundary != b.boundary || (a.managed^b.managed)&(1<<denyAll) != 0 || a.managed&^b.managed != 0 {
		return false
	}
	return a.inline == b.inline || a.inline == 0 && c.dict.inline[b.inline].deny == 0
}

// provisionedTwice: a set without a detour is provisioned at most once in each
// account.
func (c *compiled) provisionedTwice(sketch) *problem {
	var seen [roomSets]map[Level]uint8
	for i, o := range c.ops {
		if o.kind != Provisioning {
			continue
		}
		if seen[o.set] == nil {
			seen[o.set] = map[Level]uint8{}
		}
		if seen[o.set][o.level]&o.accounts != 0 || o.level == "" && len(seen[o.set]) > 0 && seen[o.set][""] == 0 {
			return &problem{kind: "a set is provisioned twice", text: string(c.id(i))}
		}
		seen[o.set][o.level] |= o.accounts
	}
	return nil
}

// needlessDetour: a set is provisioned at two levels only where its docContent both
// gains and loses, or is not what its roles have, and where a revocation on it
// would wait, by way of other sets or at once, for an assignment that has to wait for
// the edit. Other changes may have levels for reasons of their own.
func (c *compiled) needlessDetour(sketch) *problem {
	for i, o := range c.ops {
		if o.level == "" || o.kind != Provisioning {
			continue
		}
		widens, narrows := c.direction(o.set)
		if c.isStaged(o.set) {
			widens, narrows = true, true
		}
		switch {
		case o.level == Down && !narrows:
			return &problem{kind: "pure widening passes a level down", text: string(c.id(i))}
		case o.level == Up && !widens:
			return &problem{kind: "pure narrowing passes a level up", text: string(c.id(i))}
		case !c.couldBlock(o.set):
			return &problem{kind: "a detour that nothing asks for", text: string(c.id(i))}
		}
	}
	return nil
}

func (c *compiled) isStaged(set int) bool {
	return set < len(c.live.Sets) && len(c.live.Sets[set].Outdated) > 0
}

// direction says on its face how the plan changes a set: what can be seen
// without knowing a policy.
func (c *compiled) direction(set int) (widens, narrows bool) {
	a, b := c.start.sets[set].docContent, c.end.sets[set].docContent
	if !c.start.sets[set].exists {
		return true, false
	}
	const deny = 1 << denyAll
	widens = b.managed&^a.managed&^deny != 0 || a.managed&^b.managed&deny != 0
	narrows = a.managed&^b.managed&^deny != 0 || b.managed&^a.managed&deny != 0
	if a.customer != b.customer || a.inline != b.inline || a.boundary != b.boundary && a.boundary != 0 && b.boundary != 0 {
		return true, true // who knows
	}
	return widens || a.boundary > b.boundary, narrows || a.boundary < b.boundary
}

// couldBlock says whether the edit of a set, the revocations that it waits for
// and the assignments that these wait for can wait for one another in a ring. A
// revocation waits for what its holder gets instead, and for whoever comes in its
// place on the same set, because AWS takes the role away with the last.
func (c *compiled) couldBlock(set int) bool {
	reached := uint64(0)
	for again := true; again; {
		again = false
		for _, revoked := range c.ops {
			mine := revoked.kind == Assignment && revoked.action == Delete && (revoked.set == set || reached&(1<<revoked.set) != 0)
			if !mine {
				continue
			}
			for _, made := range c.ops {
				replaces := made.kind == Assignment && made.action == Create && made.accounts == revoked.accounts &&
					(made.holder == revoked.holder || made.set == revoked.set)
				if replaces && reached&(1<<made.set) == 0 {
					reached |= 1 << made.set
					again = true
				}
			}
		}
	}
	return reached&(1<<set) != 0
}

// prefixes: the parts of a set are written in an order in which it is never more
// than before and after together, whoever provisions it meanwhile. There is no
// such order where policies that nobody knows change, or a boundary and a
// document at once; of those nothing is said, nor of a set that the plan makes,
// which nobody holds before it is whole.
func (c *compiled) prefixes(sketch) *problem {
	for set := range c.sets {
		a, b := c.start.sets[set].docContent, c.end.sets[set].docContent
		unknown := c.writesCustomer(set) || a.inline != b.inline && a.boundary != b.boundary
		if a == b || unknown || !c.start.sets[set].exists || !c.end.sets[set].exists {
			continue
		}
		if found := c.prefixesOf(set, c.dict.allows(a)|c.dict.allows(b)); found != nil {
			return found
		}
	}
	return nil
}

// writesCustomer: a detour can take a policy off that it puts back.
func (c *compiled) writesCustomer(set int) bool {
	for _, o := range c.ops {
		if o.set == set && o.kind == CustomerManagedPolicy {
			return true
		}
	}
	return false
}

func (c *compiled) prefixesOf(set int, both acts) *problem {
	p := &projection{compiled: c, set: set, seen: map[moment]bool{}}
	p.take(func(o op) bool { return o.set == set && o.edits() })
	p.look = func(p *projection, s *sim) *problem {
		now := c.dict.allows(s.sets[set].docContent)
		if now&^both == 0 {
			return nil
		}
		return &problem{kind: "half of an edit allows more than before and after", order: p.real(),
			text: fmt.Sprintf("%s allows %s, too much: %s", c.sets[set], now, now&^both)}
	}
	return p.visit(moment{0, c.start})
}

// nothingLost looks at each state: whoever keeps an assignment keeps what its role
// allowed, as far as the set says so now and will, but on a set with a detour.
func nothingLost(p *projection, s *sim) *problem {
	who := p.start.identities(p.user) & p.end.identities(p.user)
	kept := p.start.sets[p.set].holders[p.account] & p.end.sets[p.set].holders[p.account]
	if who&kept == 0 {
		return nil
	}
	for _, o := range p.ops {
		if o.set == p.set && o.kind == Provisioning && o.level != "" {
			return nil
		}
	}
	must := p.start.sets[p.set].roles[p.account].allow & p.end.sets[p.set].roles[p.account].allow &
		p.dict.allows(p.start.sets[p.set].docContent)
	has := acts(0)
	if s.sets[p.set].holders[p.account]&s.identities(p.user) != 0 {
		has = s.sets[p.set].roles[p.account].allow
	}
	if less := must &^ has; less != 0 {
		return &problem{kind: "who keeps a grant loses something meanwhile", order: p.real(),
			text: fmt.Sprintf("%s cannot do %s in %s", p.users[p.user], less, p.accountName(p.account))}
	}
	return nil
}

// oneEnd looks at each state: whatever the order, all changes done is one state.
func oneEnd(p *projection, s *sim) *problem {
	if len(p.order) < len(p.mine) || !p.end.sets[p.set].exists {
		return nil
	}
	at, end := s.sets[p.set], p.end.sets[p.set]
	if at.docContent != end.docContent || at.holders[p.account] != end.holders[p.account] || at.roles[p.account] != end.roles[p.account] {
		return &problem{kind: "the order decides how it ends", order: p.real(),
			text: fmt.Sprintf("%s in %s: %v and not %v", p.sets[p.set], p.accountName(p.account), at.roles[p.account], end.roles[p.account])}
	}
	return nil
}
