package tfprovider

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/rolecall-dev/rolecall/emulator"
)

// searchNode is a step of an apply walk: an object goes, or comes or is changed.
type searchNode struct {
	ch      *searchChange
	destroy bool
	after   []*searchNode
	done    bool
	failed  bool // or skipped, because what it waits for failed
}

// searchApply is an apply walk in a process of its own.
type searchApply struct {
	c     *searchCore
	p     *process
	y     *searchWay
	ctx   context.Context
	mu    sync.Mutex
	diags []*tfprotov6.Diagnostic
}

// searchNodes returns the steps of a plan, and which wait for which: as core orders them
// where groups depend on users, and members of groups on both.
func searchNodes(pl *searchPlan) (out []*searchNode) {
	for _, ch := range pl.acts() {
		var come, go_ *searchNode
		if ch.action != "delete" {
			come = &searchNode{ch: ch}
			out = append(out, come)
		}
		if ch.action == "delete" || ch.action == "replace" {
			go_ = &searchNode{ch: ch, destroy: true}
			out = append(out, go_)
		}
		switch {
		case come == nil || go_ == nil:
		case ch.cbd:
			go_.after = append(go_.after, come)
		default:
			come.after = append(come.after, go_)
		}
	}
	for _, x := range out {
		for _, y := range out {
			if x.waitsFor(y) {
				x.after = append(x.after, y)
			}
		}
	}
	return out
}

func (x *searchNode) waitsFor(y *searchNode) bool {
	higher, lower := searchRank(x.ch.kind) > searchRank(y.ch.kind), searchRank(x.ch.kind) < searchRank(y.ch.kind)
	switch {
	case !x.destroy && !y.destroy:
		return higher
	case x.destroy && y.destroy:
		return lower
	case !x.destroy && y.destroy:
		return higher && !x.ch.cbd && !y.ch.cbd
	}
	return false
}

// apply carries out a plan and returns what was said.
func (c *searchCore) apply(pl *searchPlan, o searchHow, r *searchRun, trouble searchTrouble) *searchApply {
	c.state = searchCloneState(pl.state)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	y := &searchWay{w: c.w, run: r, trouble: trouble, cancel: cancel, parallel: o.parallel}
	a := &searchApply{c: c, p: c.w.start(y), y: y, ctx: ctx}
	nodes := searchNodes(pl)
	for {
		ready := searchReady(nodes)
		if len(ready) == 0 || y.dead.Load() || y.stopped.Load() {
			break
		}
		if o.parallel {
			var wg sync.WaitGroup
			for _, n := range ready {
				wg.Go(func() { a.step(n) })
			}
			wg.Wait()
			continue
		}
		a.step(ready[o.order.IntN(len(ready))])
	}
	c.w.noFlags(words(a.diags))
	return a
}

func searchReady(nodes []*searchNode) (out []*searchNode) {
	for _, n := range nodes {
		if n.failed = n.failed || slices.ContainsFunc(n.after, func(x *searchNode) bool { return x.failed }); n.failed || n.done {
			continue
		}
		if !slices.ContainsFunc(n.after, func(x *searchNode) bool { return !x.done }) {
			out = append(out, n)
		}
	}
	return out
}

func (a *searchApply) failed() bool {
	return hasErrors(a.diags) || a.y.dead.Load() || a.y.stopped.Load()
}

func (a *searchApply) note(diags []*tfprotov6.Diagnostic) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.diags = append(a.diags, diags...)
}

func (a *searchApply) object(addr, kind string) *searchObj {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.c.state[addr] == nil {
		a.c.state[addr] = &searchObj{kind: kind}
	}
	return a.c.state[addr]
}

func (a *searchApply) step(n *searchNode) {
	obj := a.object(n.ch.addr, n.ch.kind)
	ok := false
	if n.destroy {
		ok = a.destroy(n.ch, obj)
	} else {
		ok = a.come(n.ch, obj)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	n.done, n.failed = ok, !ok
	if obj.cur == nil && len(obj.deposed) == 0 {
		delete(a.c.state, n.ch.addr)
	}
}

// destroy carries out that an object goes: the current one, or one that was deposed.
func (a *searchApply) destroy(ch *searchChange, obj *searchObj) bool {
	deposed := ch.deposed
	if ch.action == "replace" && ch.cbd && len(obj.deposed) > 0 {
		deposed = obj.deposed[len(obj.deposed)-1]
	}
	a.c.w.log("  %s: destroy %s", a.c.name, ch.addr)
	typ := a.p.typeOf(ch.kind)
	null := build(typ, nil)
	w := a.c.w
	resp, err := a.p.server.ApplyResourceChange(a.ctx, &tfprotov6.ApplyResourceChangeRequest{TypeName: ch.kind,
		PriorState: w.dynamic(typ, ch.before), PlannedState: w.dynamic(typ, null), Config: w.dynamic(typ, null), PlannedPrivate: ch.private})
	if err != nil {
		w.t.Fatal(err)
	}
	if a.y.dead.Load() {
		return false // nobody hears of it
	}
	a.note(resp.Diagnostics)
	left := w.decode(typ, resp.NewState)
	var now *stored
	switch failed := hasErrors(resp.Diagnostics); {
	case failed && left.IsNull():
		return false
	case failed:
		now = &stored{ch.kind, left, resp.Private}
	case !left.IsNull():
		w.violate("something is left after a destroy without an error", "%s: %s", ch.addr, show(left))
		return false
	}
	if deposed == nil {
		obj.cur, obj.tainted = now, obj.tainted && now != nil
		return now == nil
	}
	if at := slices.Index(obj.deposed, deposed); now == nil && at >= 0 {
		obj.deposed = slices.Delete(obj.deposed, at, at+1)
	}
	return now == nil
}

// come carries out a creation or an update. Core plans once more, and takes it for a
// bug of the provider where what was known then is another thing now.
func (a *searchApply) come(ch *searchChange, obj *searchObj) bool {
	w := a.c.w
	w.log("  %s: %s %s", a.c.name, ch.action, ch.addr)
	restore := obj.cur
	tainted := obj.tainted
	replaces := ch.action == "replace" && ch.cbd && obj.cur != nil
	if replaces {
		obj.deposed, obj.cur, obj.tainted = append(obj.deposed, obj.cur), nil, false
		w.counts.shape("deposed")
	}
	ok := a.comeNow(ch, obj)
	if !ok && replaces && obj.cur == nil {
		obj.deposed, obj.cur, obj.tainted = obj.deposed[:len(obj.deposed)-1], restore, tainted
	}
	return ok
}

func (a *searchApply) comeNow(ch *searchChange, obj *searchObj) bool {
	w := a.c.w
	again, diags, ok := w.planInstance(a.p, searchInstance{addr: ch.addr, kind: ch.kind, config: ch.config, cur: obj.cur, tainted: obj.tainted, force: ch.force, cbd: ch.cbd, planned: ch})
	if a.y.dead.Load() {
		return false
	}
	if a.note(searchErrors(diags)); !ok {
		return false
	}
	if again.action != ch.action && (ch.action != "update" || again.action != "no-op") {
		w.violate("inconsistent final plan: another action", "%s: %s, and now %s", ch.addr, ch.action, again.action)
		return false
	}
	if other := differing(ch.planned, again.planned); ch.action == "create" && slices.Equal(other, []string{"id"}) && w.groupMoved(ch) {
		// docs/decisions/0036: nothing of a plan to create comes back to the provider, so core
		// refuses what the plan did not show.
		w.counts.shape("core refuses a group that is another one now")
		a.note([]*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Provider produced inconsistent final plan"}})
		return false
	} else if len(other) > 0 {
		w.violate("inconsistent final plan: "+strings.Join(other, ", "), "%s: planned %s\nand now %s", ch.addr, show(ch.planned), show(again.planned))
		return false
	}
	if again.action == "no-op" {
		return true
	}
	typ := a.p.typeOf(ch.kind)
	prior := again.before
	if ch.action == "replace" {
		prior = build(typ, nil)
	}
	resp, err := a.p.server.ApplyResourceChange(a.ctx, &tfprotov6.ApplyResourceChangeRequest{TypeName: ch.kind,
		PriorState: w.dynamic(typ, prior), PlannedState: w.dynamic(typ, again.planned), Config: w.dynamic(typ, ch.config), PlannedPrivate: again.private})
	if err != nil {
		w.t.Fatal(err)
	}
	if a.y.dead.Load() {
		return false
	}
	return a.result(ch, again, obj, resp, prior.IsNull())
}

// groupMoved says that no group has both the id that a plan promised and its name.
func (w *searchWorld) groupMoved(ch *searchChange) bool {
	planned := &stored{value: ch.planned}
	name := planned.get("name")
	if ch.kind == groupMembers {
		name = planned.get("group")
	}
	return !slices.ContainsFunc(w.e.State().Instances[0].Groups, func(g emulator.StateGroup) bool {
		return g.ID == planned.get("id") && (g.DisplayName == name || g.DisplayName == planned.get("previously"))
	})
}

// result takes what an apply gave into the state, as core does.
func (a *searchApply) result(ch, again *searchChange, obj *searchObj, resp *tfprotov6.ApplyResourceChangeResponse, creates bool) bool {
	w := a.c.w
	a.note(resp.Diagnostics)
	failed := hasErrors(resp.Diagnostics)
	now := w.decode(a.p.typeOf(ch.kind), resp.NewState)
	if now.IsNull() {
		if !failed {
			w.violate("inconsistent result after apply: nothing", "%s", ch.addr)
		}
		return !failed
	}
	if !now.IsFullyKnown() {
		w.violate("unknown after apply", "%s: %s", ch.addr, show(now))
		return false
	}
	if other := differing(again.planned, now); !failed && len(other) > 0 {
		w.violate("inconsistent result after apply: "+strings.Join(other, ", "), "%s: planned %s\ngot %s", ch.addr, show(again.planned), show(now))
	}
	obj.cur = &stored{ch.kind, now, resp.Private}
	if obj.tainted = failed && creates; obj.tainted {
		w.counts.shape("tainted by a failed create")
	}
	return !failed
}

func searchErrors(diags []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	return slices.DeleteFunc(slices.Clone(diags), func(d *tfprotov6.Diagnostic) bool { return d.Severity != tfprotov6.DiagnosticSeverityError })
}
