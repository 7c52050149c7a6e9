package plan_test

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// The rooms of a simulated world. They are arrays, so that a state is a value:
// copied by assignment, compared and hashed as a whole.
const (
	roomGroups   = 10
	roomUsers    = 8
	roomSets     = 10
	roomAccounts = 3
	roomOrphans  = 6
	roomChanges  = 64
)

// simSet is a permission set: what hangs on it now, who holds it in each
// account, and what its role there allows, which is what was provisioned last.
type simSet struct {
	exists     bool
	docContent simContent
	holders    [roomAccounts]uint32 // groups, then users, then orphans
	roles      [roomAccounts]role
}

// role is a role: not there, or there with what it allows.
type role struct {
	there bool
	allow acts
}

// sim is who can do what: membership x assignment x role.
type sim struct {
	members [roomGroups]uint8 // users
	sets    [roomSets]simSet
}

func groupBit(g int) uint32  { return 1 << g }
func userBit(u int) uint32   { return 1 << (roomGroups + u) }
func orphanBit(o int) uint32 { return 1 << (roomGroups + roomUsers + o) }

// op is a change in the numbers of its world.
type op struct {
	kind        Kind
	action      Action
	set         int
	accounts    uint8 // of an assignment one, of a provisioning several
	group, user int   // -1 where there is none
	holder      uint32
	policy      uint8 // managed, customer: a bit; inline, boundary: a number
	needs       uint64
	ancestors   uint64 // of needs, and theirs
	level       Level
}

// problem is a plan that is wrong.
type problem struct {
	kind  string // what is wrong, the same for all that are alike
	text  string
	order []int // the changes that have happened when it is wrong
}

// String says it in a line.
func (p *problem) String() string { return p.kind + ": " + p.text }

// compiled is a plan in the numbers of its world.
type compiled struct {
	dict              *dictionary
	live, want        *access.State
	plan              *Plan
	accounts          []string // ids
	users             []string // ids, or "new:" and the name
	groups, sets      []string
	orphans           []string
	ops               []op
	start, end        sim
	before, after     [roomUsers][roomAccounts]acts
	suspendedAccounts uint8
}

func number(list *[]string, id string, room int) int {
	if i := slices.Index(*list, id); i >= 0 {
		return i
	}
	if len(*list) == room {
		panic("the world is larger than the oracle has room for: " + id)
	}
	*list = append(*list, id)
	return len(*list) - 1
}

func orNew(id, name string) string {
	if id != "" {
		return id
	}
	return "new:" + name
}

// compile brings a plan and the world it is for into numbers. It finds what is
// wrong with the graph on the way: ids said twice, needs that are not there,
// cycles, and what is used before it is made.
func compile(s sketch, live, want *access.State, p *Plan) (*compiled, *problem) {
	c := &compiled{dict: newDictionary(s.Meaning), live: live, want: want, plan: p}
	c.begin(s)
	if err := CheckOrder(p.Changes); err != nil {
		return nil, &problem{kind: "graph: not in topological order", text: err.Error()}
	}
	if len(p.Changes) > roomChanges {
		return c, &problem{kind: "too large"}
	}
	index := map[ID]int{}
	for i, change := range p.Changes {
		o := c.op(change)
		for _, need := range change.DependsOn {
			j, ok := index[need]
			if !ok {
				return nil, &problem{kind: "graph: a need that is not there", text: fmt.Sprintf("%s needs %s", change.ID, need)}
			}
			o.needs |= 1 << j
			o.ancestors |= 1<<j | c.ops[j].ancestors
		}
		index[change.ID] = i
		c.ops = append(c.ops, o)
	}
	c.end = c.start
	for i := range c.ops {
		c.apply(&c.end, i)
	}
	for u := range c.users {
		for a := range c.accounts {
			c.before[u][a], c.after[u][a] = c.start.power(u, a), c.end.power(u, a)
		}
	}
	return c, nil
}

// begin fills in what AWS has.
func (c *compiled) begin(s sketch) {
	for _, a := range c.live.Accounts {
		i := number(&c.accounts, a.ID, roomAccounts)
		if a.State == "SUSPENDED" {
			c.suspendedAccounts |= 1 << i
		}
	}
	for _, u := range c.live.Users {
		number(&c.users, u.ID, roomUsers)
	}
	for _, g := range c.live.Groups {
		number(&c.groups, g.ID, roomGroups)
	}
	for _, m := range c.live.Memberships {
		c.start.members[m.Group] |= 1 << m.User
	}
	for i, p := range c.live.Sets {
		number(&c.sets, p.ARN, roomSets)
		set := &c.start.sets[i]
		set.exists, set.docContent = true, c.dict.of(p)
		for _, account := range p.Provisioned {
			a := number(&c.accounts, account, roomAccounts)
			set.roles[a] = role{true, c.dict.allows(c.roleContent(s, p, account, set.docContent))}
		}
	}
	for _, g := range c.live.Assignments {
		c.start.sets[g.Set].holders[g.Account] |= c.principalBit(g)
	}
}

func (c *compiled) principalBit(g access.Assignment) uint32 {
	switch g.Kind {
	case access.GroupPrincipal:
		return groupBit(int(g.Principal))
	case access.UserPrincipal:
		return userBit(int(g.Principal))
	default:
		return orphanBit(number(&c.orphans, c.live.Orphans[g.Principal].ID, roomOrphans))
	}
}

// roleContent is what was provisioned last: where AWS says outdated, what the
// sketch says is still there.
func (c *compiled) roleContent(s sketch, p access.PermissionSet, account string, now simContent) simContent {
	for _, set := range s.Sets {
		for _, staged := range set.Staged {
			if set.Name == p.Name && sketchAccountID(staged.Account) == account {
				g := staged.Role.spec()
				g.Name = text(p.Name)
				return c.dict.of(g.PermissionSet())
			}
		}
	}
	return now
}

func (c *compiled) op(change Change) op {
	o := op{kind: change.Kind, action: change.Action, set: -1, group: -1, user: -1, level: change.Key.Level}
	k, r := change.Key, change.Refs
	if k.PermissionSet != "" {
		o.set = number(&c.sets, orNew(r.PermissionSetARN, k.PermissionSet), roomSets)
	}
	if k.Group != "" {
		o.group = number(&c.groups, orNew(r.GroupID, k.Group), roomGroups)
		o.holder = groupBit(o.group)
	}
	if k.User != "" {
		o.user = number(&c.users, orNew(r.UserID, k.User), roomUsers)
		if o.group < 0 {
			o.holder = userBit(o.user)
		}
	}
	if k.OrphanID != "" {
		o.holder = orphanBit(number(&c.orphans, k.OrphanID, roomOrphans))
	}
	if k.Account != "" {
		o.accounts = 1 << number(&c.accounts, k.Account, roomAccounts)
	}
	c.part(&o, change)
	return o
}

func (c *compiled) part(o *op, change Change) {
	switch change.Kind {
	case Provisioning:
		for _, a := range change.After.Accounts {
			o.accounts |= 1 << number(&c.accounts, a, roomAccounts)
		}
	case ManagedPolicy:
		o.policy = 1 << indexOf(managedNames, change.Key.Policy[len(managedPrefix):])
	case CustomerManagedPolicy:
		o.policy = 1 << indexOf(customerNames, access.ParseCustomerPolicy(change.Key.Policy).String())
	case InlinePolicy:
		if change.After != nil {
			o.policy = c.dict.document(change.After.Document)
		}
	case PermissionsBoundary:
		if change.After != nil && change.After.Boundary != nil {
			o.policy = boundaryIndex(*change.After.Boundary)
		}
	}
}

// edits says whether the change is to the docContent of a set.
func (o op) edits() bool {
	switch o.kind {
	case ManagedPolicy, CustomerManagedPolicy, InlinePolicy, PermissionsBoundary:
		return true
	default:
		return false
	}
}

// apply carries one change out, as AWS would.
func (c *compiled) apply(s *sim, i int) {
	o := &c.ops[i]
	switch o.kind {
	case User:
		if o.action == Delete {
			s.endUser(o.user)
		}
	case Group:
		if o.action == Delete {
			s.members[o.group] = 0
		}
	case Membership:
		s.members[o.group] &^= 1 << o.user
		if o.action == Create {
			s.members[o.group] |= 1 << o.user
		}
	case PermissionSet:
		c.applySet(s, o)
	case Assignment:
		c.assign(s, o)
	case Provisioning:
		set := &s.sets[o.set]
		for a := range c.accounts {
			if o.accounts&(1<<a) != 0 && set.roles[a].there {
				set.roles[a].allow = c.dict.allows(set.docContent)
			}
		}
	default:
		o.edit(&s.sets[o.set].docContent)
	}
}

func (s *sim) endUser(u int) {
	for g := range s.members {
		s.members[g] &^= 1 << u
	}
}

func (c *compiled) applySet(s *sim, o *op) {
	set := &s.sets[o.set]
	switch o.action {
	case Create:
		set.exists = true
	case Delete:
		if set.holders == [roomAccounts]uint32{} { // else AWS refuses
			*set = simSet{}
		}
	}
}

// assign gives or takes. AWS provisions a set in an account with every
// assignment, and takes the role away with the last.
func (c *compiled) assign(s *sim, o *op) {
	set, a := &s.sets[o.set], bits.TrailingZeros8(o.accounts)
	if o.action == Create {
		set.holders[a] |= o.holder
		set.roles[a] = role{true, c.dict.allows(set.docContent)}
		return
	}
	set.holders[a] &^= o.holder
	if set.holders[a] == 0 {
		set.roles[a] = role{}
	}
}

func (o *op) edit(c *simContent) {
	switch o.kind {
	case ManagedPolicy:
		c.managed &^= o.policy
		if o.action == Create {
			c.managed |= o.policy
		}
	case CustomerManagedPolicy:
		c.customer &^= o.policy
		if o.action == Create {
			c.customer |= o.policy
		}
	case InlinePolicy:
		c.inline = o.policy
	case PermissionsBoundary:
		c.boundary = o.policy
	}
}

// power returns what a person can do in an account.
func (s *sim) power(user, account int) acts {
	who := s.identities(user)
	var out acts
	for i := range s.sets {
		if s.sets[i].holders[account]&who != 0 {
			out |= s.sets[i].roles[account].allow
		}
	}
	return out
}

// identities are the principals that a person is.
func (s *sim) identities(user int) uint32 {
	who := userBit(user)
	for g, members := range s.members {
		if members&(1<<user) != 0 {
			who |= groupBit(g)
		}
	}
	return who
}
