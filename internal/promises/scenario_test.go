package promises

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
)

// flags are those of one run.
type flags struct {
	removals, lockout, replace, missing, deep bool
	adopt, only, rebind                       []string
	adoptAll                                  bool // what is there unmarked under a name of the config
}

func (f flags) args() (out []string) {
	for _, x := range []struct {
		name string
		on   bool
	}{{"--allow-removals", f.removals}, {"--allow-lockout", f.lockout}, {"--allow-replace", f.replace}, {"--allow-missing", f.missing}, {"--deep", f.deep}} {
		if x.on {
			out = append(out, x.name)
		}
	}
	for _, x := range []struct {
		name   string
		values []string
	}{{"--adopt", f.adopt}, {"--only", f.only}, {"--allow-rebind", f.rebind}} {
		for _, v := range x.values {
			out = append(out, x.name, v)
		}
	}
	if f.adoptAll {
		out = append(out, "(--adopt what is unmarked)")
	}
	return out
}

// resolved names what is adopted.
func (f flags) resolved(w *world) flags {
	if !f.adoptAll {
		return f
	}
	f.adoptAll, f.adopt = false, slices.Clone(f.adopt)
	for _, g := range w.conf.groups {
		if id := w.last.GroupNamed(g.name); w.conf.mode != scim && id != "" && w.last.Groups[id].Owner == "" {
			f.adopt = append(f.adopt, g.name)
		}
		name := w.conf.setName(g)
		if arn := w.last.SetNamed(name); arn != "" && w.last.Sets[arn].Owner == "" && !slices.Contains(f.adopt, name) {
			f.adopt = append(f.adopt, name)
		}
	}
	return f
}

// How a run is approved.
const (
	auto = iota
	prompt
	planFile
	replay
	check
	hows
)

// op is one step of a scenario: an edit of the config, an act, a wait or a run.
type op struct {
	what   string // edit, act, wait, run
	n      [4]int // of an edit or act
	wait   time.Duration
	how    int
	flags  flags
	during []during
	open   []during // acts while the approval is open
	long   bool     // it is open longer than the permitted look
	tamper int      // of a plan file: 0 is left alone
}

func (o op) String() string {
	switch o.what {
	case "edit":
		return fmt.Sprintf("edit %q %v", edits[o.n[0]%len(edits)].name, o.n[1:])
	case "act":
		return fmt.Sprintf("act %q %v", acts[o.n[0]%len(acts)].name, o.n[1:])
	case "wait":
		return "wait " + o.wait.String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", []string{"apply", "apply (asked)", "plan file", "plan file again", "plan"}[o.how], strings.Join(o.flags.args(), " "))
	for _, d := range o.open {
		fmt.Fprintf(&b, " [while open: %q %v]", acts[d.act[0]%len(acts)].name, d.act[1:])
	}
	if o.long {
		b.WriteString(" [open for 5m]")
	}
	if o.tamper > 0 {
		b.WriteString(" [file edited]")
	}
	for _, d := range o.during {
		if d.trouble >= 0 {
			fmt.Fprintf(&b, " [write %d: %s]", d.n, []string{"request lost", "answer lost", "throttled", "internal error", "job fails", "job stops halfway", "killed before", "killed after", "answer late"}[d.trouble])
			continue
		}
		fmt.Fprintf(&b, " [%s %d: %q %v stall=%t]", []string{"before write", "after write", "after call"}[d.place], d.n, acts[d.act[0]%len(acts)].name, d.act[1:], d.stall)
	}
	return b.String()
}

// scenario is a world and what happens in it.
type scenario struct {
	seed   uint64
	mode   mode
	caller bool // the runs are somebody's who came through a set of the config
	jobs   time.Duration
	late   time.Duration // reads
	conf   *conf
	ignore []string // from the second step on
	ops    []op
}

func (s *scenario) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, jobs %s, reads %s late, caller %t, ignore %q\n%s", s.mode, s.jobs, s.late, s.caller, s.ignore, shorter(s.conf.text()))
	for i, o := range s.ops {
		fmt.Fprintf(&b, "%2d. %s\n", i+1, o)
	}
	return b.String()
}

// play carries the scenario out, in a bubble of virtual time, and returns what it
// found.
func (s *scenario) play(w *world) {
	for i, o := range s.ops {
		w.log("%d. %s", i+1, o)
		if i == 1 && s.ignore != nil {
			w.conf.ignore = s.ignore
			w.write()
		}
		switch o.what {
		case "edit":
			w.conf.edit(o.n[0], o.n[1], o.n[2], o.n[3])
			w.write()
			w.edited = true
		case "act":
			w.act(o.n[0], o.n[1], o.n[2], o.n[3])
		case "wait":
			time.Sleep(o.wait)
		case "run":
			w.key = emulator.ManagementKey
			if s.caller && i > 0 {
				w.key = caller
			}
			w.perform(o)
		}
	}
}

// perform carries a run out and judges it.
func (w *world) perform(o op) (got ended) {
	time.Sleep(5 * time.Second) // what AWS shows late is shown
	if o.how == check {
		return w.lookForNothing(o.flags)
	}
	o.flags = o.flags.resolved(w)
	r := w.newRun(o.flags)
	r.during, r.opened = o.during, o.how != prompt
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	defer cancel()
	args := append([]string{"apply", w.dir}, o.flags.args()...)
	switch o.how {
	case auto:
		w.run = r
		got = w.command(ctx, way{r}, w.key, strings.NewReader(""), append(args, "--auto-approve", "--json")...)
		r.plan = planOf(got.stdout)
	case prompt:
		w.run = r
		p := &answerer{r: r, o: o, open: func() {
			shown := w.command(ctx, w.direct(), w.key, strings.NewReader(""), append(append([]string{"plan", w.dir}, o.flags.args()...), "--json")...)
			r.plan = planOf(shown.stdout)
		}}
		got = w.command(ctx, way{r}, w.key, p, args...)
	case planFile:
		file := filepath.Join(w.dir, "..", filepath.Base(w.dir)+".plan")
		shown := w.command(ctx, w.direct(), w.key, strings.NewReader(""), append(append([]string{"plan", w.dir}, o.flags.args()...), "--json", "--out", file)...)
		plan := planOf(shown.stdout)
		if plan == nil || shown.code == 1 { // no file
			return shown
		}
		w.planned, w.shown, w.plannedConf, w.plannedFlags, w.carried = file, plan, w.conf.clone(), o.flags, false
		r = w.newRun(o.flags)
		r.during, r.cancel, r.opened = o.during, cancel, true
		r.approved = w.last
		w.run = r
		w.leaveOpen(r, o)
		r.edited = w.tamper(o.tamper)
		w.plannedEdited = r.edited
		r.plan = w.shown
		got = w.command(ctx, way{r}, w.key, strings.NewReader(""), "apply", file, "--json")
		w.carried = got.code == 0
	case replay:
		if w.planned == "" {
			return got
		}
		w.counts.shape("plan file replayed")
		r.conf, r.plan, r.flags, r.edited = w.plannedConf, w.shown, w.plannedFlags, w.plannedEdited
		r.again, r.replayed = w.carried, true
		w.run = r
		got = w.command(ctx, way{r}, w.key, strings.NewReader(""), "apply", w.planned, "--json")
	}
	w.finish(r, o, got)
	return got
}

func (w *world) finish(r *run, o op, got ended) {
	w.observe(nil)
	if w.latency > 0 || r.dead {
		time.Sleep(20 * w.latency) // jobs that were started go on
		w.observe(nil)
	}
	defer func() { w.run = nil }()
	w.counts.runs++
	w.counts.exits[got.code]++
	w.log("  exit %d", got.code)
	r.rebindShape()
	r.nameShapes()
	r.ignoredShape()
	if len(r.events) > 0 {
		r.shapes(o)
		r.markShapes()
		r.judge()
		r.judgeIgnored()
		r.judgeGuards(o)
		r.remember()
	}
	r.guardOnly(got)
	r.settled(got)
	for arn, s := range w.last.Sets { // of a run that was killed: as `rolecall unlock` does
		if s.Lock && s.Owner == "" {
			w.SSO("DeletePermissionSet", map[string]any{"PermissionSetArn": arn})
		}
	}
	w.last = snapshot(w.em)
	w.edited = false
}

// answerer is the person at the prompt: while it is open, others act.
type answerer struct {
	r    *run
	o    op
	open func()
	done bool
}

func (a *answerer) Read(p []byte) (int, error) {
	if a.done {
		return 0, io.EOF
	}
	a.done = true
	a.alone(func() {
		a.r.w.observe(nil)
		a.r.approved = a.r.w.last
	})
	a.open()
	a.alone(func() {
		a.r.opened = true
		a.r.w.observe(nil)
		a.r.w.actWhileOpen(a.r, a.o)
	})
	a.r.w.pause(a.o)
	a.alone(func() { a.r.closed = a.r.w.last })
	return copy(p, "yes\n"), nil
}

// alone does something while no call of the run is under way: it keeps its lock
// meanwhile.
func (a *answerer) alone(do func()) {
	a.r.sem <- struct{}{}
	defer func() { <-a.r.sem }()
	do()
}

func (w *world) leaveOpen(r *run, o op) {
	w.actWhileOpen(r, o)
	w.pause(o)
	r.closed = w.last
}

func (w *world) actWhileOpen(_ *run, o op) {
	for _, d := range o.open {
		switch acts[d.act[0]%len(acts)].name {
		case "set handed to another owner", "set's mark taken away":
			w.counts.shape("set handed over while open")
		case "account renamed", "two accounts renamed into one another":
			w.counts.shape("account renamed while open")
		}
		was := w.last
		w.act(d.act[0], d.act[1], d.act[2], d.act[3])
		w.arrivalShapes(was, o)
	}
}

// arrivalShapes counts who came to something of ours while the approval was open,
// longer than the permitted look.
func (w *world) arrivalShapes(was *snap, o op) {
	for _, x := range was.Diff(w.last.Snapshot) {
		switch {
		case !o.long:
		case x.Kind == "assignment+" && w.last.Sets[x.Assignment.Set].Owner == owner:
			w.counts.shape("assigned by hand while open")
		case x.Kind == "member+" && w.conf.isStranger(w.last.Groups[x.Membership.Group].Name, w.last.Users[x.Membership.User]):
			w.counts.shape("put into a group by hand while open")
		}
	}
}

func (w *world) pause(o op) {
	time.Sleep(2 * time.Second)
	if o.long {
		time.Sleep(5 * time.Minute)
	}
}

// tamper edits a plan file: one id becomes another of its kind, under the name
// that stands there.
func (w *world) tamper(how int) bool {
	if how == 0 {
		return false
	}
	text, err := os.ReadFile(w.planned)
	if err != nil {
		return false
	}
	for _, ids := range [][]string{sorted(w.last.Groups), sorted(w.last.Accounts), sorted(w.last.Sets)} {
		for i, id := range ids {
			if other := ids[(i+how)%len(ids)]; other != id && strings.Contains(string(text), id) {
				if err := os.WriteFile(w.planned, []byte(strings.ReplaceAll(string(text), id, other)), 0o600); err != nil {
					w.t.Fatal(err)
				}
				w.counts.shape("plan file edited")
				return true
			}
		}
	}
	return false
}
