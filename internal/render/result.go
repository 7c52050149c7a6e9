package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

// Result writes what an apply did: what is done, what failed, why in AWS's own
// words and what to do about it, what is left and why. Why a run stopped is a
// finding for Diagnostics.
func Result(w io.Writer, pl *plan.Plan, r *apply.Result, calls []quota.Use, s Style) error {
	p := newPage(s)
	byID := make(map[plan.ID]*plan.Change, len(pl.Changes))
	for i := range pl.Changes {
		byID[pl.Changes[i].ID] = &pl.Changes[i]
	}
	p.failed(slices.DeleteFunc(slices.Clone(r.Failed), isFutile), byID)
	p.futile(slices.DeleteFunc(slices.Clone(r.Failed), func(f apply.Failure) bool { return !isFutile(f) }))
	p.left(r.Left, byID)
	p.gap()
	took := spell(r.Stats.Seconds)
	if s.Verbose {
		took = statsLine(r.Stats) + "; " + CallsLine(calls)
	}
	p.prose(0, dim("Took: "), took+".")
	p.ending(pl, r, byID)
	p.followUps(due(pl, r))
	return p.writeTo(w)
}

// due returns what is to be done by hand, for whoever was made: of a run that did not
// end, too, as the next one makes only the others.
func due(pl *plan.Plan, r *apply.Result) []plan.FollowUp {
	done, made := make(map[plan.ID]bool, len(r.Done)), map[string]bool{}
	for _, id := range r.Done {
		done[id] = true
	}
	for i := range pl.Changes {
		if c := &pl.Changes[i]; c.Kind == plan.User && done[c.ID] {
			made[c.Key.User] = true
		}
	}
	var out []plan.FollowUp
	for _, f := range pl.FollowUps {
		f.Users = slices.DeleteFunc(slices.Clone(f.Users), func(u string) bool { return !made[u] })
		if len(f.Users) > 0 {
			out = append(out, f)
		}
	}
	return out
}

func isFutile(f apply.Failure) bool { return f.Cause == apply.Futile }

// failed says which changes failed, and why in AWS's own words.
func (p *page) failed(list []apply.Failure, byID map[plan.ID]*plan.Change) {
	p.failures(list, bad, counted(len(list), "change failed", "changes failed"), func(f apply.Failure) {
		p.line(2, in(bad, "! "), say(named(f.ID, byID)))
		p.prose(6, dim("# "), whyFailed(f, byID[f.ID]))
		if len(f.Accounts) > 0 {
			p.prose(6, dim("# "), "not up to date in "+listed(f.Accounts, maxNamed))
		}
	})
}

// futile says what AWS cannot do, which nobody has anything by.
func (p *page) futile(list []apply.Failure) {
	p.failures(list, change, "AWS cannot do "+counted(len(list), "change", "changes"), func(f apply.Failure) {
		p.prose(2, in(change, "! "), f.Finding.Summary)
		p.prose(6, dim("# "), f.Finding.Detail)
	})
}

// failures lists changes that were not made. A hint that several share stands under
// the last of them.
func (p *page) failures(list []apply.Failure, t tone, heading string, tell func(apply.Failure)) {
	if len(list) == 0 {
		return
	}
	p.gap()
	p.line(0, in(t, heading), say(":"))
	for i, f := range list {
		if i == limitFailures {
			p.more(2, len(list)-i)
			return
		}
		tell(f)
		if hint := f.Finding.Hint; hint != "" && (i+1 == len(list) || list[i+1].Finding.Hint != hint) {
			p.prose(6, in(info, "Hint: "), hint)
		}
	}
}

// limitFailures is how many failed changes are shown one by one: each needs
// somebody's attention.
const limitFailures = 50

func whyFailed(f apply.Failure, c *plan.Change) string {
	text := f.Reason
	if text == "" {
		text = f.Finding.Summary
		if f.Finding.Detail != "" {
			text += ": " + f.Finding.Detail
		}
	}
	if f.Attempts > 1 {
		text = strings.TrimSuffix(text, ".") + fmt.Sprintf("; tried %s times", number(f.Attempts))
	}
	if c != nil {
		if where := places([]*plan.Change{c}); where != "" {
			text += " (" + where + ")"
		}
	}
	return text
}

// named returns a change in words, or its id where the plan does not have it.
func named(id plan.ID, byID map[plan.ID]*plan.Change) string {
	c := byID[id]
	if c == nil {
		return string(id)
	}
	return c.Describe()
}

// left says what was not tried, what waits for the same thing said once.
func (p *page) left(list []apply.Left, byID map[plan.ID]*plan.Change) {
	type cause struct {
		why apply.LeftReason
		by  plan.ID
	}
	var order []cause
	of := map[cause][]apply.Left{}
	for _, l := range list {
		k := cause{l.Why, l.BlockedBy}
		if of[k] == nil {
			order = append(order, k)
		}
		of[k] = append(of[k], l)
	}
	for _, k := range order {
		p.gap()
		p.prose(0, say(""), counted(len(of[k]), "change", "changes")+" "+leftWords(k.why, k.by, byID)+":")
		items := make([]string, len(of[k]))
		for i, l := range of[k] {
			items[i] = named(l.ID, byID)
			if len(l.Jobs) > 0 {
				items[i] += "; AWS's request " + strings.Join(l.Jobs, ", ")
			}
		}
		p.list(20, items)
	}
}

func leftWords(why apply.LeftReason, by plan.ID, byID map[plan.ID]*plan.Change) string {
	switch why {
	case apply.Blocked:
		return fmt.Sprintf("skipped because this failed: %s", named(by, byID))
	case apply.AccountBusy:
		return fmt.Sprintf("skipped because AWS did not report how this ended: %s", named(by, byID))
	case apply.Unknown:
		return "with an unknown outcome; the next run finds out"
	default:
		return "not started before the run stopped"
	}
}

func statsLine(s apply.Stats) string {
	jobs := ""
	if s.JobsDone > 0 {
		jobs = counted(s.JobsDone, "job", "jobs")
		if s.JobSeconds > 0 {
			jobs += " of about " + spell(s.JobSeconds)
		}
	}
	retries := ""
	if s.Retries > 0 {
		retries = counted(s.Retries, "retry", "retries")
	}
	return sentence(spell(s.Seconds), jobs, retries)
}

func (p *page) ending(pl *plan.Plan, r *apply.Result, byID map[plan.ID]*plan.Change) {
	made, records := map[plan.Action]int{}, 0
	for _, id := range r.Done {
		switch c := byID[id]; {
		case c == nil:
		case c.Kind == plan.Record:
			records++
		default:
			made[c.Action]++
		}
	}
	done := sentence(number(made[plan.Create])+" created", number(made[plan.Update])+" updated", number(made[plan.Delete])+" deleted")
	alone := r.Stopped == nil || r.Stopped.Reason != apply.StopLease
	if r.Complete() && !alone {
		p.line(0, in(bad, "Apply ended without the lock: "), say(sentence(done)+recorded(records)+"."))
		p.prose(0, say(""), "Others may have made changes in the meantime. Plan again to see the current state of AWS.")
		return
	}
	if r.Complete() {
		word := "Apply complete: "
		if n := len(pl.Blocked); n > 0 {
			done += ", " + number(n) + " blocked"
			word = "Apply complete except for what is blocked: "
		}
		if n := len(r.Failed); n > 0 {
			done += ", " + number(n) + " impossible in AWS"
		}
		p.line(0, in(good, word), say(done+recorded(records)+"."))
		p.looksNow(scope{Plan: withOrphans(pl, r, byID)})
		return
	}
	p.line(0, in(bad, "Apply incomplete: "), say(sentence(done, number(len(r.Failed))+" failed", number(len(r.Left))+" left")+recorded(records)+"."))
	next := "Run apply again to do what is left."
	if len(r.Failed) > 0 {
		next = "Fix what failed, then run apply again: it does what is left."
	}
	p.prose(0, say(""), "Completed changes stay in place. "+next)
}

// withOrphans returns the plan with the orphans that AWS did not remove.
func withOrphans(pl *plan.Plan, r *apply.Result, byID map[plan.ID]*plan.Change) *plan.Plan {
	now := *pl
	for _, f := range r.Failed {
		switch c := byID[f.ID]; {
		case c == nil || c.Kind != plan.Assignment:
		case c.Key.OrphanID != "":
			now.KeptOrphans++
		default:
			now.StillListed++
		}
	}
	return &now
}

// looksNow says that AWS is as the config says, where everything was looked at
// and everything was done, and else what was not looked at.
func (p *page) looksNow(s scope) {
	if s.Read.Complete && !s.narrow() && len(s.Blocked) == 0 {
		p.prose(0, say(""), "Based on what was read and written: "+s.claim()+".")
	}
	p.coverageElsewhere(s) // the plan above says what --only bounds
}
