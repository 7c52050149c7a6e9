package render

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/plan"
)

// section is all that happens to one permission set or group, or to the users.
type section struct {
	title   string
	id      string // AWS's, where the group or permission set is there already
	blocks  []*block
	twoStep *TwoStep
	// made says that the permission set or group itself is made.
	made bool
	// names are those of the plan's accounts, by id.
	names map[string]string
}

// block is changes of one kind that happen for one reason; one sentence says
// it of all of them.
type block struct {
	action  plan.Action // blocked where the changes cannot be made
	wanted  plan.Action // what they are or would be
	kind    plan.Kind
	step    step
	reason  string
	waits   string // what has to have succeeded before
	changes []*plan.Change
}

// sectionKey orders sections: users, groups, permission sets, each by name.
type sectionKey struct {
	rank int
	name string
}

func keyOf(c *plan.Change) sectionKey {
	switch c.Kind {
	case plan.User:
		return sectionKey{0, ""}
	case plan.Group, plan.Membership:
		return sectionKey{1, c.Key.Group}
	default:
		return sectionKey{2, c.Key.PermissionSet}
	}
}

func (k sectionKey) compare(l sectionKey) int {
	return cmp.Or(cmp.Compare(k.rank, l.rank), cmp.Compare(k.name, l.name))
}

func (k sectionKey) title() string {
	switch k.rank {
	case 0:
		return "Users"
	case 1:
		return "Group " + k.name
	default:
		return "Permission set " + k.name
	}
}

// id returns AWS's id of what a section is about.
func (k sectionKey) id(c *plan.Change) string {
	switch k.rank {
	case 0:
		return ""
	case 1:
		return c.Refs.GroupID
	default:
		return c.Refs.PermissionSetARN
	}
}

// blockKey is what the changes of a block have in common.
type blockKey struct {
	section        sectionKey
	action, wanted plan.Action
	kind           plan.Kind
	step           step
	reason, waits  string
	alone          plan.ID // set where a change has values of its own to show
}

// sections sorts a plan's changes into what people read: by what they are
// about, then by kind, with what is the same said once.
func sections(d PlanData) []section {
	p, inParts := d.Plan, editedInParts(d.Plan)
	byKey := map[blockKey]*block{}
	var keys []blockKey
	add := func(c *plan.Change, k blockKey) {
		if c.Kind == plan.Record {
			return // one line says it of all, see page.records
		}
		k.section, k.kind, k.wanted, k.step = keyOf(c), c.Kind, c.Action, stepOf(c, inParts)
		if !lists(c) {
			k.alone = c.ID
		}
		b := byKey[k]
		if b == nil {
			b = &block{action: k.action, wanted: k.wanted, kind: k.kind, step: k.step, reason: k.reason, waits: k.waits}
			byKey[k] = b
			keys = append(keys, k)
		}
		b.changes = append(b.changes, c)
	}
	waits := waitsOf(p.Changes)
	for i := range p.Changes {
		c := &p.Changes[i]
		add(c, blockKey{action: c.Action, reason: c.Reason, waits: waits(c)})
	}
	for i := range p.Blocked {
		add(&p.Blocked[i].Change, blockKey{action: blocked, reason: p.Blocked[i].Why})
	}
	out := gather(keys, byKey, accountNames(d))
	for i := range d.TwoSteps {
		for j := range out {
			if (sectionKey{2, d.TwoSteps[i].PermissionSet}).title() == out[j].title {
				out[j].twoStep = &d.TwoSteps[i]
			}
		}
	}
	return out
}

// editedInParts returns the permission sets whose changes stand in several steps.
func editedInParts(p *plan.Plan) map[string]bool {
	out := map[string]bool{}
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Key.Level != "" && c.Kind != plan.Record {
			out[c.Key.PermissionSet] = true
		}
	}
	return out
}

// accountNames returns the names of the accounts that the plan tells of: a
// provisioning has ids only.
func accountNames(d PlanData) map[string]string {
	p, names := d.Plan, map[string]string{}
	maps.Copy(names, d.accounts)
	for i := range p.Changes {
		if k := p.Changes[i].Key; k.Account != "" {
			names[k.Account] = k.AccountName
		}
	}
	for _, r := range p.Replaced {
		names[r.Account] = r.AccountName
	}
	return names
}

func gather(keys []blockKey, byKey map[blockKey]*block, names map[string]string) []section {
	slices.SortStableFunc(keys, func(a, b blockKey) int {
		return cmp.Or(a.section.compare(b.section), cmp.Compare(a.lateness(), b.lateness()), cmp.Compare(a.step, b.step),
			cmp.Compare(rankOf(a.kind), rankOf(b.kind)))
	})
	var out []section
	for i, k := range keys {
		if i == 0 || keys[i-1].section != k.section {
			out = append(out, section{title: k.section.title(), names: names})
		}
		last := &out[len(out)-1]
		last.blocks = append(last.blocks, byKey[k])
		last.id = cmp.Or(last.id, k.section.id(byKey[k].changes[0]))
		last.made = last.made || k.action == plan.Create && (k.kind == plan.PermissionSet || k.kind == plan.Group)
	}
	return out
}

// lateness puts what is blocked behind the rest of its section.
func (k blockKey) lateness() int {
	if k.action == blocked {
		return 1
	}
	return 0
}

// lists says that a change is wholly described by one line, so that many of
// them can stand in a list.
func lists(c *plan.Change) bool {
	switch c.Kind {
	case plan.User:
		return c.Action != plan.Update
	case plan.Membership, plan.ManagedPolicy, plan.CustomerManagedPolicy, plan.Assignment:
		return true
	default:
		return false
	}
}

// waitsOf returns a function that says what a revocation waits for: the grants
// that take its place.
func waitsOf(changes []plan.Change) func(*plan.Change) string {
	grants := map[plan.ID]*plan.Change{}
	for i := range changes {
		if c := &changes[i]; c.Kind == plan.Assignment && c.Action == plan.Create {
			grants[c.ID] = c
		}
	}
	return func(c *plan.Change) string {
		if c.Kind != plan.Assignment || c.Action != plan.Delete {
			return ""
		}
		var sets []string
		for _, id := range c.DependsOn {
			if g := grants[id]; g != nil && !slices.Contains(sets, g.Key.PermissionSet) {
				sets = append(sets, g.Key.PermissionSet)
			}
		}
		switch len(sets) {
		case 0:
			return ""
		case 1:
			return "the assignment of " + sets[0] + " has succeeded"
		default:
			return "the assignments of " + and(sets) + " have succeeded"
		}
	}
}

// places says where in the config the changes of a block come from: one line,
// or from which to which, of each file.
func places(changes []*plan.Change) string {
	var files []string
	from, to := map[string]int{}, map[string]int{}
	for _, c := range changes {
		r := c.Source
		if r.IsZero() {
			continue
		}
		if _, seen := from[r.File]; !seen {
			files = append(files, r.File)
			from[r.File], to[r.File] = r.Start.Line, r.Start.Line
		}
		from[r.File], to[r.File] = min(from[r.File], r.Start.Line), max(to[r.File], r.Start.Line)
	}
	for i, f := range files {
		files[i] = placeOf(f, from[f], to[f])
	}
	return listed(files, 3)
}

func placeOf(file string, from, to int) string {
	switch {
	case from == 0:
		return file
	case from == to:
		return fmt.Sprintf("%s:%d", file, from)
	default:
		return fmt.Sprintf("%s:%d-%d", file, from, to)
	}
}
