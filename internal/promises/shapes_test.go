package promises

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// counts is how much was done, and which dangerous shapes were reached.
type counts struct {
	steps, writes, acts, checks, runs, scenarios, nothing, apart int

	shapes map[string]int
	exits  map[int]int
}

func newCounts() *counts { return &counts{shapes: map[string]int{}, exits: map[int]int{}} }

func (c *counts) shape(name string) { c.shapes[name]++ }

func (c *counts) add(o *counts) {
	c.steps += o.steps
	c.writes += o.writes
	c.acts += o.acts
	c.checks += o.checks
	c.runs += o.runs
	c.scenarios += o.scenarios
	c.nothing += o.nothing
	c.apart += o.apart
	for k, n := range o.shapes {
		c.shapes[k] += n
	}
	for k, n := range o.exits {
		c.exits[k] += n
	}
}

func (c *counts) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d steps (%d writes of ours, %d acts), %d checks, %d runs of %d scenarios, exit codes %v; %d times \"no changes\"; %d counted apart",
		c.steps, c.writes, c.acts, c.checks, c.runs, c.scenarios, c.exits, c.nothing, c.apart)
	for _, k := range slices.Sorted(maps.Keys(c.shapes)) {
		fmt.Fprintf(&b, "\n  %6d %s", c.shapes[k], k)
	}
	return b.String()
}

// shapes are those that each search has to reach, or it passes by luck.
var shapes = []string{
	"a holder leaves and the set widens", "killed after an effect", "answer lost", "name leads to another group and the config changed",
	"set handed over while open", "account renamed while open", "staged content, then a grant", "adoption with strangers", "plan file replayed", "plan file edited",
	"another owner's mark on a group of the config, and a stranger in it", "our mark on a group that no run made", "our mark on a set that no run made",
	"assigned by hand while open", "put into a group by hand while open",
	"a former name, and the new one leads elsewhere", "missing when granted, and made by others later", "a record without room",
	"an edit would reach somebody ignored",
}

// shapes counts what a run was that wrote something.
func (r *run) shapes(o op) {
	n := r.w.counts
	if r.plan == nil {
		return
	}
	leaves := map[string]bool{}
	for _, c := range r.plan.Changes {
		if c.Action == "delete" && c.Kind == "account_assignment" {
			leaves[c.Key.PermissionSet] = true
		}
		if c.Action == "delete" && c.Kind == "membership" {
			for g := range r.start.Assignments {
				if g.Principal == c.Refs.GroupID {
					leaves[r.start.Sets[g.Set].Name] = true
				}
			}
		}
	}
	for _, c := range r.plan.Changes {
		set, ok := r.conf.setOf(c.Key.PermissionSet)
		if !ok || !leaves[c.Key.PermissionSet] || set.meaning()&^meaning(r.start.Sets[r.start.SetNamed(c.Key.PermissionSet)].Content) == 0 {
			continue
		}
		n.shape("a holder leaves and the set widens")
		break
	}
	for _, c := range r.plan.Changes {
		if c.Kind == "account_assignment" && c.Action == "create" && r.start.SetNamed(c.Key.PermissionSet) != "" {
			for k := range r.start.Stale {
				if k.Set == r.start.SetNamed(c.Key.PermissionSet) {
					n.shape("staged content, then a grant")
				}
			}
		}
	}
	for _, name := range r.flags.adopt {
		if arn := r.start.SetNamed(name); arn != "" && r.start.Sets[arn].Owner == "" {
			for g := range r.start.Assignments {
				if _, want := r.conf.wants()[wantedAssignment{name, r.start.Accounts[g.Account], r.start.principalName(g.Kind, g.Principal)}]; g.Set == arn && !want {
					n.shape("adoption with strangers")
				}
			}
		}
	}
}

// rebindShape counts a name that leads elsewhere in a config that changed.
func (r *run) rebindShape() {
	for name, id := range r.w.meanings.groups {
		if now := r.start.GroupNamed(name); now != "" && now != id && r.w.edited {
			r.w.counts.shape("name leads to another group and the config changed")
			return
		}
	}
}
