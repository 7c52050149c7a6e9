package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

// Plan writes a plan for people: what changes and why, by permission set and
// group, what is blocked, what the guards say, what is to be done by hand, and
// what it all costs. A long list is cut, and says by how much; JSON has all.
func Plan(w io.Writer, d PlanData, calls []quota.Use, sources diag.Sources, s Style) error {
	d = d.whole()
	p := newPage(s)
	p.planChanges(d)
	p.replaced(d.Replaced)
	p.sessions(d.Sessions)
	p.strangers(d.UnmanagedUsers)
	if len(d.Findings) > 0 {
		p.gap()
		p.diagnostics(d.Findings, sources)
	}
	p.followUps(d.FollowUps)
	p.planEnd(d, calls)
	return p.writeTo(w)
}

func (p *page) planChanges(d PlanData) {
	pl := d.Plan
	if len(pl.Changes)+len(pl.Blocked) == 0 {
		return
	}
	p.prose(0, say(""), "rolecall will make these changes in AWS "+whose(pl)+":")
	for _, sec := range sections(d) {
		p.gap()
		p.section(sec, limitOf(pl))
	}
	p.records(pl)
}

func (p *page) section(sec section, limit limits) {
	p.line(0, bold(sec.title), dim(p.style.id(sec.id)))
	if sec.twoStep != nil {
		p.prose(2, say(""), clean(twoStepText(*sec.twoStep)))
	}
	for i, b := range sec.blocks {
		if title := b.step.title(); sec.twoStep != nil && title != "" && b.action != blocked && (i == 0 || sec.blocks[i-1].step != b.step) {
			p.line(2, bold(title))
		}
		symbol, t := mark(b.action)
		lead := symbol + " " + plan.Verb(b.kind, b.wanted)
		if b.action == blocked {
			lead = symbol + " " + string(blocked) + " " + plan.Verb(b.kind, b.wanted)
		}
		p.line(2, in(t, lead), say(" "+b.head(p.style, sec.names)))
		if !(sec.made && b.partOfSet()) {
			p.why(b)
		}
		p.details(b, sec.names, limit)
	}
}

// partOfSet says that a block is about what hangs on a permission set: where
// the set itself is made, there is no more to say about why.
func (b *block) partOfSet() bool {
	switch b.kind {
	case plan.ManagedPolicy, plan.CustomerManagedPolicy, plan.InlinePolicy, plan.PermissionsBoundary:
		return b.action == plan.Create
	default:
		return false
	}
}

func whose(pl *plan.Plan) string {
	setUp := string(pl.SetUp)
	if pl.IdP != "" && (pl.SetUp == access.SCIM || pl.SetUp == access.SCIMUsersOnly || pl.SetUp == access.WithoutSCIM) {
		setUp += ": " + pl.IdP
	}
	if setUp == "" {
		return fmt.Sprintf("(owner %s)", pl.Owner)
	}
	return fmt.Sprintf("(owner %s, %s)", pl.Owner, setUp)
}

// limits say how many lines of a list are shown. What goes gets more room than
// what comes: it is what people have to look at.
type limits struct{ comes, goes int }

// limitOf returns a plan that nobody can read line by line shorter lists.
func limitOf(pl *plan.Plan) limits {
	if len(pl.Changes)+len(pl.Blocked) > 500 {
		return limits{comes: 3, goes: 10}
	}
	return limits{comes: 20, goes: 50}
}

// why returns the reason of a block and its place in the config.
func (p *page) why(b *block) {
	text := b.reason
	if b.waits != "" {
		text += "; after " + b.waits
	}
	if where := places(b.changes); where != "" {
		text = strings.TrimSpace(text + " (" + where + ")")
	}
	if text == "" {
		return
	}
	for i, line := range wrapped(text, p.style.room(8)) {
		if i == 0 {
			p.line(6, dim("# "+line))
		} else {
			p.line(8, dim(line))
		}
	}
}

// head says what a block's changes are about, next to the section's title.
func (b *block) head(s Style, names map[string]string) string {
	word := nounOf(b.kind)
	if b.kind == plan.Membership {
		word.one, word.many = "member", "members" // who is added or removed
	}
	one, many := word.one, word.many
	c, n := b.changes[0], len(b.changes)
	switch b.kind {
	case plan.PermissionSet, plan.Group, plan.Tags, plan.InlinePolicy, plan.PermissionsBoundary:
		return one
	case plan.Provisioning:
		return "the permission set" + b.provisions(names)
	}
	if n > 1 {
		text := counted(n, one, many)
		if b.kind == plan.Assignment && b.same() {
			text += " for " + s.principalOf(c)
		}
		return text
	}
	switch b.kind {
	case plan.Assignment:
		return fmt.Sprintf("%s in %s for %s", one, account(c.Key.AccountName, c.Key.Account), s.principalOf(c))
	case plan.Membership:
		return one + " " + c.Key.User + s.id(c.Refs.UserID)
	case plan.User:
		return one + " " + userName(c) + s.id(c.Refs.UserID)
	default:
		return one + " " + c.Key.Policy
	}
}

// provisions says where a set is brought up to date. AWS does that for all who
// have it there, whatever else the plan is about.
func (b *block) provisions(names map[string]string) string {
	ids := accountsOf(b.changes[0])
	where, there := " in "+counted(len(ids), "account", "accounts"), "there"
	if len(ids) == 1 {
		there = "in " + account(names[ids[0]], ids[0])
	}
	switch {
	case b.action == blocked, b.changes[0].Key.Level == plan.Down:
		if len(ids) == 1 {
			return " " + there
		}
		return where
	case len(ids) == 1:
		where = ""
	}
	return where + ": updates it " + there + " for everyone who has it"
}

// same says that all assignments of a block are for one principal.
func (b *block) same() bool {
	for _, c := range b.changes {
		if principal(c.Key) != principal(b.changes[0].Key) {
			return false
		}
	}
	return true
}

// userName returns the user name and, where it says more, the display name.
func userName(c *plan.Change) string {
	for _, v := range []*plan.Value{c.After, c.Before} {
		if v != nil && v.User != nil && v.User.DisplayName != "" {
			return fmt.Sprintf("%s (%s)", c.Key.User, v.User.DisplayName)
		}
	}
	return c.Key.User
}

// details shows what a change's values are, or the list of a block's changes.
func (p *page) details(b *block, names map[string]string, limit limits) {
	switch {
	case b.kind == plan.Provisioning:
		ids := accountsOf(b.changes[0])
		if len(ids) == 1 {
			return // the head says it
		}
		items := make([]string, len(ids))
		for i, id := range ids {
			items[i] = account(names[id], id)
		}
		p.list(limit.comes, items)
	case len(b.changes) > 1:
		most := limit.comes
		if b.wanted == plan.Delete {
			most = limit.goes
		}
		p.list(most, b.items(p.style))
	case b.action != blocked:
		p.values(b.changes[0])
	}
}

func accountsOf(c *plan.Change) []string {
	if c.After == nil {
		return nil
	}
	return c.After.Accounts
}

func (b *block) items(s Style) []string {
	out := make([]string, len(b.changes))
	same := b.same()
	for i, c := range b.changes {
		switch b.kind {
		case plan.Assignment:
			out[i] = account(c.Key.AccountName, c.Key.Account)
			if !same {
				out[i] += " for " + s.principalOf(c)
			}
		case plan.Membership:
			out[i] = c.Key.User + s.id(c.Refs.UserID)
		case plan.User:
			out[i] = userName(c) + s.id(c.Refs.UserID)
		default:
			out[i] = c.Key.Policy
		}
	}
	return out
}

func (p *page) list(most int, items []string) {
	// One more line for the last item is better than a line about it.
	if len(items) <= most+1 {
		most = len(items)
	}
	for _, item := range items[:most] {
		p.line(6, say(item))
	}
	if more := len(items) - most; more > 0 {
		p.more(6, more)
	}
}
