package tfprovider

import (
	"context"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// searchHow is how a plan is made.
type searchHow struct {
	norefresh, parallel, destroy bool
	replace                      map[string]bool
	imports                      map[string]string // ids by address
	order                        *rand.Rand
}

// searchPlan is what a plan walk gave.
type searchPlan struct {
	mu      sync.Mutex
	changes []*searchChange
	state   map[string]*searchObj // refreshed
	diags   map[string][]*tfprotov6.Diagnostic
	failed  bool
}

func (pl *searchPlan) note(addr string, diags []*tfprotov6.Diagnostic, ok bool) {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	pl.diags[addr] = append(pl.diags[addr], diags...)
	pl.failed = pl.failed || !ok
}

func (pl *searchPlan) add(addr string, ch *searchChange, diags []*tfprotov6.Diagnostic, ok bool) {
	pl.note(addr, diags, ok)
	if ok {
		pl.mu.Lock()
		defer pl.mu.Unlock()
		pl.changes = append(pl.changes, ch)
	}
}

// words returns all that was said.
func (pl *searchPlan) words() string {
	var out []string
	for _, addr := range searchSorted(pl.diags) {
		if len(pl.diags[addr]) > 0 {
			out = append(out, addr+": "+words(pl.diags[addr]))
		}
	}
	return strings.Join(out, "\n")
}

// acts returns the changes that do something.
func (pl *searchPlan) acts() (out []*searchChange) {
	for _, ch := range pl.changes {
		if ch.action != "no-op" {
			out = append(out, ch)
		}
	}
	return out
}

// keeps says that the plan changes nothing at an address.
func (pl *searchPlan) keeps(addr string) bool {
	return slices.ContainsFunc(pl.changes, func(ch *searchChange) bool { return ch.addr == addr && ch.action == "no-op" })
}

func (pl *searchPlan) empty() bool { return !pl.failed && len(pl.acts()) == 0 }

// plan is a walk of a plan in a process of its own.
func (c *searchCore) plan(o searchHow) *searchPlan {
	w := c.w
	pl := &searchPlan{state: searchCloneState(c.state), diags: map[string][]*tfprotov6.Diagnostic{}}
	y := &searchWay{w: w, parallel: o.parallel}
	p := w.start(y)
	for _, wave := range c.waves(o) {
		each := func(addr string) {
			before := y.calls.Load()
			c.planOne(p, addr, o, pl)
			if c.state[addr] != nil && !o.parallel && o.norefresh && y.calls.Load() > before && pl.keeps(addr) {
				w.violate("a plan without a refresh reads what is unchanged: "+c.state[addr].kind, "%s: %d calls", addr, y.calls.Load()-before)
			}
		}
		if o.parallel {
			var wg sync.WaitGroup
			for _, addr := range wave {
				wg.Go(func() { each(addr) })
			}
			wg.Wait()
		} else {
			for _, addr := range wave {
				each(addr)
			}
		}
		if pl.failed {
			break
		}
	}
	slices.SortFunc(pl.changes, func(x, y *searchChange) int { return strings.Compare(x.addr+x.action, y.addr+y.action) })
	w.noFlags(pl.words())
	return pl
}

// waves are the instances in an order that core may take: what others depend on
// first. What goes is anywhere.
func (c *searchCore) waves(o searchHow) [][]string {
	out := make([][]string, 3)
	for _, addr := range searchSorted(c.config) {
		rank := searchRank(c.config[addr].kind)
		out[rank] = append(out[rank], addr)
	}
	for _, addr := range searchSorted(c.state) {
		if c.config[addr] == nil {
			rank := o.order.IntN(3)
			out[rank] = append(out[rank], addr)
		}
	}
	for _, wave := range out {
		o.order.Shuffle(len(wave), func(i, j int) { wave[i], wave[j] = wave[j], wave[i] })
	}
	return out
}

// planOne refreshes and plans what is at an address.
func (c *searchCore) planOne(p *process, addr string, o searchHow, pl *searchPlan) {
	pl.mu.Lock()
	obj, res := pl.state[addr], c.config[addr]
	pl.mu.Unlock()
	if obj == nil {
		obj = &searchObj{kind: res.kind}
	}
	if id, ok := o.imports[addr]; ok && obj.cur == nil {
		read, diags := c.w.importOne(p, res.kind, id)
		if pl.note(addr, diags, read != nil); read == nil {
			return
		}
		obj.cur = read
	} else if !o.norefresh && !c.refresh(p, addr, obj, pl) {
		return
	}
	pl.mu.Lock()
	if pl.state[addr] = obj; obj.cur == nil && len(obj.deposed) == 0 {
		delete(pl.state, addr)
	}
	pl.mu.Unlock()
	for _, d := range obj.deposed {
		ch, diags, ok := c.w.planDestroy(p, addr, obj.kind, d)
		if ok {
			ch.deposed = d
		}
		pl.add(addr, ch, diags, ok)
	}
	switch {
	case res != nil:
		c.planConfigured(p, addr, obj, o, pl)
		if o.destroy && obj.cur != nil { // the walk of the config was for its errors
			pl.mu.Lock()
			pl.changes = slices.DeleteFunc(pl.changes, func(ch *searchChange) bool { return ch.addr == addr && ch.deposed == nil })
			pl.mu.Unlock()
		}
	case obj.cur != nil:
		ch, diags, ok := c.w.planDestroy(p, addr, obj.kind, obj.cur)
		pl.add(addr, ch, diags, ok)
	}
}

func (c *searchCore) refresh(p *process, addr string, obj *searchObj, pl *searchPlan) bool {
	if obj.cur != nil {
		read, diags := c.w.refreshOne(p, obj.cur)
		if pl.note(addr, diags, !hasErrors(diags)); hasErrors(diags) {
			return false
		}
		if obj.cur = read; read == nil {
			obj.tainted = false
		}
	}
	var left []*stored
	for _, d := range obj.deposed {
		read, diags := c.w.refreshOne(p, d)
		if pl.note(addr, diags, !hasErrors(diags)); hasErrors(diags) {
			return false
		}
		if read != nil {
			left = append(left, read)
		}
	}
	obj.deposed = left
	return true
}

func (c *searchCore) planConfigured(p *process, addr string, obj *searchObj, o searchHow, pl *searchPlan) {
	res := c.config[addr]
	typ := p.typeOf(res.kind)
	config := build(typ, res.object)
	valid, err := p.server.ValidateResourceConfig(context.Background(), &tfprotov6.ValidateResourceConfigRequest{TypeName: res.kind, Config: c.w.dynamic(typ, config)})
	if err != nil {
		c.w.t.Fatal(err)
	}
	if pl.note(addr, valid.Diagnostics, !hasErrors(valid.Diagnostics)); hasErrors(valid.Diagnostics) {
		return
	}
	ch, diags, ok := c.w.planInstance(p, searchInstance{addr: addr, kind: res.kind, config: config, cur: obj.cur, tainted: obj.tainted, force: o.replace[addr] && obj.cur != nil, cbd: res.cbd})
	pl.add(addr, ch, diags, ok)
}

// planDestroyAll is the plan of `terraform destroy`: the config's plan comes first, and
// an error in it ends all.
func (c *searchCore) planDestroyAll(o searchHow) *searchPlan {
	first := c.plan(o)
	if first.failed {
		return first
	}
	pl := &searchPlan{state: first.state, diags: map[string][]*tfprotov6.Diagnostic{}}
	p := c.w.start(&searchWay{w: c.w})
	for _, addr := range searchSorted(pl.state) {
		obj := pl.state[addr]
		if obj.cur != nil {
			ch, diags, ok := c.w.planDestroy(p, addr, obj.kind, obj.cur)
			pl.add(addr, ch, diags, ok)
		}
		for _, d := range obj.deposed {
			ch, diags, ok := c.w.planDestroy(p, addr, obj.kind, d)
			if ok {
				ch.deposed = d
			}
			pl.add(addr, ch, diags, ok)
		}
	}
	c.w.noFlags(pl.words())
	return pl
}

// searchImportBlock is what a refusal gives to import.
var searchImportBlock = regexp.MustCompile(`import \{\s*to\s*=\s*(\S+)[^\n]*\s+id\s*=\s*"((?:[^"\\]|\\.)*)"`)

var searchQuoted = regexp.MustCompile(`"[^"]*"`)

// searchSummaries returns the summaries of the errors, without names, to tell kinds of failures apart.
func searchSummaries(diags []*tfprotov6.Diagnostic) string {
	var out []string
	for _, d := range searchErrors(diags) {
		if text := searchQuoted.ReplaceAllString(d.Summary, "…"); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func (pl *searchPlan) summaries() string {
	var all []*tfprotov6.Diagnostic
	for _, diags := range pl.diags {
		all = append(all, diags...)
	}
	return searchSummaries(all)
}

// imports returns the ids that refusals name to import, by address.
func (pl *searchPlan) imports() map[string]string {
	out := map[string]string{}
	for addr, diags := range pl.diags {
		for _, d := range diags {
			if m := searchImportBlock.FindStringSubmatch(d.Summary + "\n" + d.Detail); m != nil && d.Severity == tfprotov6.DiagnosticSeverityError {
				out[addr] = m[2]
			}
		}
	}
	return out
}

var searchFlag = regexp.MustCompile(`--[a-z]`)

// noFlags judges that nothing names flags of the command.
func (w *searchWorld) noFlags(text string) {
	if at := searchFlag.FindStringIndex(text); at != nil {
		w.violate("a flag of the command is named", "%s", text)
	}
}
