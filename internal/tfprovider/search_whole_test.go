package tfprovider

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// whole judges an apply that ended without errors and without anybody else: nothing is
// left to plan, and AWS has what the config says.
func (c *searchCore) whole(o searchHow) {
	c.good = searchCloneConfig(c.config)
	c.remember()
	c.strays()
	if c.clean = !o.destroy; o.destroy {
		c.judgeNothing()
		c.w.acted = c.w.acted || len(c.state) > 0
		return
	}
	c.w.counts.wholes++
	again := c.plan(searchHow{order: o.order, parallel: o.parallel})
	if !again.empty() {
		c.w.violate("P4 after an apply, the plan is not empty", "%s", again)
	}
	c.exact()
}

// calmed looks whether all is clean again after somebody else acted.
func (c *searchCore) calmed(o searchHow) {
	c.good = searchCloneConfig(c.config)
	if o.destroy {
		return
	}
	again := c.plan(searchHow{order: o.order})
	if c.clean = again.empty(); !c.clean {
		c.w.violate("P4 after an apply of drift, the plan is not empty", "%s", again)
		return
	}
	c.w.acted = slices.ContainsFunc(searchSorted(again.diags), func(addr string) bool { return len(again.diags[addr]) > 0 })
	if !c.w.acted {
		c.exact()
	}
}

// remember notes the groups and sets that the state has.
func (c *searchCore) remember() {
	for _, obj := range c.state {
		if obj.cur != nil && searchIsGroup(obj.kind) {
			c.owned[searchText(obj.cur.value, "permission_set_arn")] = true
			c.owned[searchText(obj.cur.value, "id")] = obj.kind == accessGroup
		}
	}
}

// strays judges that nothing that the state once had is still there and out of it.
func (c *searchCore) strays() {
	has := map[string]bool{}
	for _, obj := range c.state {
		for _, s := range append(obj.deposed, obj.cur) {
			if s != nil {
				has[searchText(s.value, "permission_set_arn")], has[searchText(s.value, "id")] = true, true
			}
		}
	}
	for id, owned := range c.owned {
		owner := c.w.last.Groups[id].Owner // what has lost our mark stays
		if owned && !has[id] && (owner == searchOwner || c.w.last.Sets[id].Tags["rolecall:owner"] == searchOwner) {
			c.w.violate("P4 something is out of the state and still there", "%q (%s)", c.w.last.name(id), id)
		}
	}
}

func (c *searchCore) judgeNothing() {
	for addr := range c.state {
		c.w.violate("P4 something is left in the state after a destroy", "%s", addr)
	}
	c.w.counts.shape("destroy all")
}

// exact judges that AWS has what the config says, and what the state says.
func (c *searchCore) exact() {
	for _, addr := range searchSorted(c.config) {
		res, obj := c.config[addr], c.state[addr]
		if obj == nil || obj.cur == nil || obj.tainted || len(obj.deposed) > 0 {
			c.w.violate("P4 the state lacks what was applied", "%s", addr)
			continue
		}
		if searchIsGroup(res.kind) {
			c.exactGroup(addr, res, obj)
		}
		if name, ok := res.object["username"].(string); ok && (c.w.last.UserNamed(name) != "") != (res.kind == user) {
			c.w.violate("P4 a user is not as the config says", "%s", addr)
		}
	}
	for addr := range c.state {
		if c.config[addr] == nil {
			c.w.violate("P4 the state has what the config has not", "%s", addr)
		}
	}
}

// unchanged judges that what a plan says nothing of is as its config says.
func (c *searchCore) unchanged(pl *searchPlan) {
	for _, ch := range pl.changes {
		if res := c.config[ch.addr]; ch.action == "no-op" && searchIsGroup(ch.kind) && len(pl.diags[ch.addr]) == 0 {
			c.w.counts.unchanged++
			c.exactGroup(ch.addr, res, pl.state[ch.addr])
		}
	}
}

func (c *searchCore) exactGroup(addr string, res *searchRes, obj *searchObj) {
	s := c.w.last
	name := fmt.Sprint(res.object["name"])
	setName := name
	if given, ok := res.object["permission_set_name"].(string); ok {
		setName = given
	}
	group, set := s.GroupNamed(name), s.SetNamed(setName)
	if group != searchText(obj.cur.value, "id") || set != searchText(obj.cur.value, "permission_set_arn") {
		c.w.violate("P4 the state has other ids than AWS", "%s: AWS has %q and %q, the state %s", addr, group, set, show(obj.cur.value))
		return
	}
	var has, wants []string
	for g := range s.Assignments {
		if g.Set == set {
			has = append(has, s.Accounts[g.Account]+" for "+s.name(g.Principal))
		}
	}
	for _, account := range searchList(res.object["accounts_names"]) {
		wants = append(wants, account+" for "+name)
	}
	if res.kind == accessGroup {
		for m := range s.Memberships {
			if m.Group == group {
				has = append(has, "member "+s.Users[m.User])
			}
		}
		for _, m := range searchList(res.object["members"]) {
			wants = append(wants, "member "+m)
		}
		if g := s.Groups[group]; g.Owner != searchOwner || strings.Contains(g.Words, "unfinished") {
			c.w.violate("P4 the group's mark is not whole", "%s: %q", addr, g.Description)
		}
	}
	slices.Sort(has)
	slices.Sort(wants)
	if !slices.Equal(has, wants) {
		c.w.violate("P4 AWS has other access than the config", "%s: %v, want %v", addr, has, wants)
	}
	if want := searchValueBits(build(searchSchema().ResourceSchemas[res.kind].ValueType(), res.object)); searchContentBits(s.Sets[set].Content) != want {
		c.w.violate("P4 the set allows other things than the config", "%s: %05b, want %05b", addr, searchContentBits(s.Sets[set].Content), want)
	}
	if tags := s.Sets[set].Tags; tags["rolecall:owner"] != searchOwner || tags["rolecall:unfinished"] != "" {
		c.w.violate("P4 the set's mark is not whole", "%s: %v", addr, tags)
	}
}

// converge goes on after a provider that was killed, interrupted or failed, in a world
// where nobody else did anything: the plan completes it, or names what to import.
func (c *searchCore) converge(o searchHow, what string, again searchTrouble) {
	w := c.w
	destroy := o.destroy
	for n := range 5 {
		o := searchHow{order: rand.New(rand.NewPCG(uint64(n), 5)), destroy: destroy}
		pl := c.planBy(o)
		if pl.failed {
			ids := pl.imports()
			if len(ids) == 0 {
				w.violate("refused without an import block, "+what+": "+pl.summaries(), "%s", pl.words())
				w.acted = true
				return
			}
			w.log("  %s: import as the refusal says: %v", c.name, ids)
			w.counts.shape("an import block of a refusal is followed")
			o = searchHow{order: rand.New(rand.NewPCG(uint64(n), 6)), imports: ids}
			if pl = c.planBy(o); pl.failed && len(pl.imports()) > 0 {
				for addr, id := range pl.imports() {
					o.imports[addr] = id
				}
				pl = c.planBy(o)
			}
			if pl.failed {
				w.violate("the import that a refusal gives is refused: "+pl.summaries(), "%s", pl.words())
				w.acted = true
				return
			}
		}
		for _, ch := range pl.acts() {
			if ch.action == "replace" && !c.allNew(ch, nil) {
				w.violate("a replacement is planned "+what, "%s", pl)
			}
		}
		if strings.Contains(pl.words(), "nfinished") || strings.Contains(pl.words(), "goes on") {
			w.counts.shape("an unfinished creation is gone on with")
		}
		r := w.newRun(pl)
		a := c.apply(pl, o, r, again)
		w.pass(r)
		r.end()
		c.ended(a)
		if !a.failed() {
			w.counts.shape("converged " + what)
			c.whole(searchHow{order: o.order, destroy: destroy})
			return
		}
		if a.y.dead.Load() || a.y.stopped.Load() {
			w.counts.shape("killed or interrupted once more")
			again = searchTrouble{}
			continue
		}
		w.violate("an apply "+what+" does not complete: "+searchSummaries(a.diags), "%s", words(a.diags))
		w.acted = true
		return
	}
}
