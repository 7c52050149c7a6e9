package tfprovider

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
)

// play carries a scenario out.
func (s *searchScenario) play(w *searchWorld) {
	one, two := newSearchCore(w, "one"), newSearchCore(w, "two")
	one.first()
	for i := range s.ops {
		if len(w.found) > 0 {
			return // what comes after is about what is broken already
		}
		op := &s.ops[i]
		w.log("round %d", i+1)
		w.counts.rounds++
		if op.beside != nil {
			w.counts.shape("two states at the same time")
			w.both(one, two, op)
			continue
		}
		one.round(op)
	}
}

// first is the config that a scenario begins with.
func (c *searchCore) first() {
	for i, edit := range searchEdits() {
		if edit.name == "a new group" || edit.name == "a new user, in a group" {
			edit.do(c, i, 3+i, i)
		}
	}
}

// edited edits and returns what is meant; several edits of a round are ordinary only
// together.
func (c *searchCore) edited(op *searchOp) searchIntent {
	intent := searchIntent{ordinary: true}
	edits := searchEdits()
	for _, n := range op.edits {
		for next := range 8 { // until one can be made
			e := edits[(n[0]+7*next)%len(edits)]
			if x, ok := e.do(c, n[1], n[2], n[3]); ok {
				if x.name = e.name; e.name != "nothing" {
					intent = intent.and(x)
				}
				break
			}
		}
	}
	c.w.log("  %s: edit: %s", c.name, intent.name)
	return intent
}

// and is both in one round: what either alone is refused for may hide the other.
func (x searchIntent) and(y searchIntent) searchIntent {
	if x.name == "" {
		return y
	}
	out := searchIntent{name: x.name + "; " + y.name, ordinary: x.ordinary && y.ordinary, destroy: x.destroy || y.destroy, then: searchBoth(x.then, y.then),
		replace: maps.Clone(x.replace), imports: maps.Clone(x.imports)}
	if y.replace != nil {
		out.replace = y.replace
	}
	if y.imports != nil {
		out.imports = y.imports
	}
	return out
}

func searchBoth(a, b func()) func() {
	return func() {
		if b != nil {
			b()
		}
		if a != nil {
			a()
		}
	}
}

func (c *searchCore) how(op *searchOp, intent searchIntent) searchHow {
	return searchHow{norefresh: op.norefresh && c.began, parallel: op.parallel, destroy: intent.destroy, replace: intent.replace, imports: intent.imports,
		order: rand.New(rand.NewPCG(op.order, 3))}
}

func (c *searchCore) planBy(o searchHow) *searchPlan {
	pl := c.plan
	if o.destroy {
		pl = c.planDestroyAll
	}
	out := pl(o)
	c.w.log("  %s: plan%s: %s", c.name, map[bool]string{true: " -refresh=false"}[o.norefresh], out)
	if !out.failed && !o.norefresh && !o.destroy {
		c.unchanged(out)
	}
	return out
}

// String is for the trace.
func (pl *searchPlan) String() string {
	if pl.failed {
		return "refused\n" + pl.words()
	}
	var out []string
	for _, ch := range pl.acts() {
		out = append(out, fmt.Sprintf("%s %s\n        from %s\n        to   %s", ch.action, ch.addr, show(ch.before), show(ch.planned)))
	}
	return strings.Join(out, "\n      ") + "\n" + pl.words()
}

// plans edits as a round has it, and plans.
func (c *searchCore) plans(op *searchOp) (searchIntent, searchHow, *searchPlan) {
	c.before = searchCloneState(c.state)
	intent := c.edited(op)
	o := c.how(op, intent)
	return intent, o, c.planBy(o)
}

// round is a round of one state alone.
func (c *searchCore) round(op *searchOp) {
	w := c.w
	for _, a := range op.first {
		w.act(a)
		w.pass(nil)
	}
	calm := !w.acted
	intent, o, pl := c.plans(op)
	if pl.failed {
		c.refused(op, intent, pl, calm)
		return
	}
	c.planned(intent, pl, calm)
	r := w.newRun(pl)
	defer r.end()
	before := len(w.trace)
	for _, a := range op.between {
		w.act(a)
	}
	if len(w.trace) > before {
		w.settled()
		w.counts.shape("somebody acts between the plan and the apply")
	}
	c.carryOut(op, o, r, pl, calm)
}

// allNew says that somebody asks for the replacement of an external group: it is planned
// only with another permission set, and then all of it is new anyway.
func (c *searchCore) allNew(ch *searchChange, replace map[string]bool) bool {
	before := c.state[ch.addr]
	return ch.kind == externalGroup && before != nil && (before.tainted || replace[ch.addr])
}

// planned judges a plan that was not refused.
func (c *searchCore) planned(intent searchIntent, pl *searchPlan, calm bool) {
	if intent.refuse && calm {
		c.w.violate("not refused: "+intent.name, "%s", pl)
	}
	for _, ch := range pl.acts() {
		if ch.action == "replace" && (searchIsGroup(ch.kind) || ch.kind == user) && !c.allNew(ch, intent.replace) {
			c.w.violate("a replacement is planned", "%s: %s", intent.name, pl)
		}
	}
	if intent.imports != nil {
		for _, ch := range pl.acts() {
			if _, imported := intent.imports[ch.addr]; imported && len(searchTexts(ch.before, "members")) > len(both(searchTexts(ch.before, "members"), searchTexts(ch.planned, "members"))) {
				c.w.counts.shape("an import takes somebody out")
			}
		}
	}
}

// carryOut applies and judges what came of it.
func (c *searchCore) carryOut(op *searchOp, o searchHow, r *searchRun, pl *searchPlan, calm bool) {
	w := c.w
	a := c.apply(pl, o, r, op.trouble)
	if !a.y.dead.Load() {
		w.pass(r)
	} else if w.jobs > 0 {
		w.counts.shape("killed while jobs may run")
	}
	r.end()
	c.remember()
	c.began = true
	c.ended(a)
	if a.failed() {
		for _, act := range op.after {
			w.act(act)
		}
		w.pass(r)
	}
	acted := w.acted
	switch {
	case acted && !calm && len(op.between)+len(op.trouble.during) == 0 && !o.norefresh && !a.failed():
		c.calmed(o)
	case acted:
		w.counts.shape("a round in a hostile world")
		if len(r.touched) > 0 && a.failed() && !a.y.dead.Load() && !a.y.stopped.Load() {
			w.counts.shape("an apply stops because of what somebody did")
		}
		if !a.failed() {
			c.good = searchCloneConfig(c.config)
		}
	case a.failed():
		if !a.y.dead.Load() && !a.y.stopped.Load() {
			w.violate("an apply fails, and nothing happened: "+searchSummaries(a.diags), "%s", words(a.diags))
		}
		what := "after " + op.trouble.what
		if !a.y.dead.Load() && !a.y.stopped.Load() {
			what = "after a failure"
		}
		c.converge(o, what, op.again)
	default:
		c.whole(o)
	}
}

func (c *searchCore) ended(a *searchApply) {
	if len(a.diags) > 0 {
		c.w.log("  %s: apply said: %s", c.name, words(a.diags))
	}
	if a.y.dead.Load() {
		c.w.log("  %s: nobody hears of what the killed provider did", c.name)
	}
}

// refused judges a refusal, and goes back to where nothing is refused.
func (c *searchCore) refused(op *searchOp, intent searchIntent, pl *searchPlan, calm bool) {
	w := c.w
	w.counts.refusals++
	if intent.refuse {
		w.counts.shape("refused: " + intent.name)
	}
	if calm && intent.ordinary {
		w.violate("an ordinary edit is refused: "+intent.name, "%s", pl.words())
	}
	if ids := pl.imports(); len(ids) > 0 && op.followed && !intent.destroy && !intent.refuse {
		w.log("  %s: import as the refusal says: %v", c.name, ids)
		w.counts.shape("an import block of a refusal is followed")
		o := c.how(op, searchIntent{imports: ids})
		if again := c.planBy(o); !again.failed {
			r := w.newRun(again)
			c.carryOut(&searchOp{order: op.order}, o, r, again, calm)
			return
		}
	}
	c.config, c.state = searchCloneConfig(c.good), c.before
	if intent.then != nil {
		intent.then()
	}
	if calm && c.clean {
		if again := c.planBy(searchHow{order: rand.New(rand.NewPCG(op.order, 4))}); !again.empty() {
			w.violate("after a refusal, nothing is empty any more: "+intent.name, "%s", again)
		}
		c.good = searchCloneConfig(c.config)
	}
}

// both plans and applies two states at the same time.
func (w *searchWorld) both(one, two *searchCore, op *searchOp) {
	w.acted = true // to each, the other is somebody else
	var wg sync.WaitGroup
	type half struct {
		c *searchCore
		o searchHow
		r *searchRun
		p *searchPlan
		t searchTrouble
	}
	var halves []half
	for i, c := range []*searchCore{one, two} {
		part := []*searchOp{op, op.beside}[i]
		intent, o, p := c.plans(part)
		if p.failed {
			c.refused(part, intent, p, false)
			continue
		}
		halves = append(halves, half{c, o, w.newRun(p), p, part.trouble})
	}
	for _, h := range halves {
		wg.Go(func() {
			a := h.c.apply(h.p, h.o, h.r, h.t)
			h.c.began = true
			w.sem <- struct{}{}
			h.c.ended(a)
			if !a.failed() {
				h.c.good = searchCloneConfig(h.c.config)
			}
			<-w.sem
		})
	}
	wg.Wait()
	for _, h := range halves {
		h.r.end()
	}
}
