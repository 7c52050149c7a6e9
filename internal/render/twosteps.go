package render

import (
	"fmt"
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// TwoStep is a permission set that is changed in two steps, because somebody may
// only leave it after somebody else has it, and neither may have the other's
// permissions: first to what the old and the new version both allow, and after
// the handover to the new one.
type TwoStep struct {
	PermissionSet string `json:"permission_set"`
	// Leaving lose the set, and Arriving get it; both in words.
	Leaving  []string `json:"leaving"`
	Arriving []string `json:"arriving"`
	// Accounts counts where.
	Accounts int `json:"accounts"`
	// Through are other permission sets over which the two wait for one another.
	Through []string `json:"through,omitempty"`
}

// twoStepsOf finds them, by name. A boundary that takes the place of another also
// has its set edited in parts, but nothing happens between them: there the change
// of the boundary itself belongs to no step.
func twoStepsOf(p *plan.Plan) []TwoStep {
	leveled, swapped := map[string]bool{}, map[string]bool{}
	for i := range p.Changes {
		switch c := &p.Changes[i]; {
		case c.Kind == plan.Record:
		case c.Key.Level != "":
			leveled[c.Key.PermissionSet] = true
		case c.Kind == plan.PermissionsBoundary:
			swapped[c.Key.PermissionSet] = true
		}
	}
	maps.DeleteFunc(leveled, func(set string, _ bool) bool { return swapped[set] })
	if len(leveled) == 0 {
		return nil
	}
	handovers := handoversOf(p, leveled)
	out := make([]TwoStep, 0, len(leveled))
	for _, set := range slices.Sorted(maps.Keys(leveled)) {
		out = append(out, handovers[set].twoStep(set))
	}
	return out
}

// handover is who leaves and who gets a set.
type handover struct {
	leaving, arriving, accounts, through map[string]bool
}

func handoversOf(p *plan.Plan, sets map[string]bool) map[string]handover {
	out := map[string]handover{}
	for set := range sets {
		out[set] = handover{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
	}
	grants := map[plan.ID]*plan.Change{}
	for i := range p.Changes {
		c := &p.Changes[i]
		if c.Kind != plan.Assignment {
			continue
		}
		h, ours := out[c.Key.PermissionSet]
		if c.Action == plan.Create {
			grants[c.ID] = c
			if ours {
				h.arriving[principal(c.Key)] = true
			}
		}
		if c.Action != plan.Delete || !ours || c.Key.OrphanID != "" {
			continue
		}
		for _, id := range c.DependsOn {
			if g := grants[id]; g != nil {
				h.leaving[principal(c.Key)], h.accounts[c.Key.Account] = true, true
				if g.Key.PermissionSet != c.Key.PermissionSet {
					h.through[g.Key.PermissionSet] = true
				}
			}
		}
	}
	return out
}

func (h handover) twoStep(set string) TwoStep {
	return TwoStep{PermissionSet: set, Leaving: slices.Sorted(maps.Keys(h.leaving)), Arriving: slices.Sorted(maps.Keys(h.arriving)),
		Accounts: len(h.accounts), Through: slices.Sorted(maps.Keys(h.through))}
}

// twoStepText says what happens and why.
func twoStepText(d TwoStep) string {
	why := fmt.Sprintf("%s %s over from %s in the same %s while its permissions change", listed(d.Arriving, 3), verb(d.Arriving, "takes", "take"),
		listed(d.Leaving, 3), diag.Plural(d.Accounts, "account", "accounts"))
	if len(d.Through) > 0 {
		why = fmt.Sprintf("%s %s over from %s, which %s it until %s has been assigned, while its permissions change", listed(d.Arriving, 3),
			verb(d.Arriving, "takes", "take"), listed(d.Leaving, 3), verb(d.Leaving, "keeps", "keep"), listed(d.Through, 3))
	}
	return "This permission set is changed in two steps, because " + why +
		": first only what both versions allow (holders have less for a while), then the handover, then the new permissions."
}

func verb(who []string, one, many string) string { return diag.Plural(len(who), one, many) }

// step is where a block stands among the steps of its permission set.
type step uint8

// The steps. Those of a set that is changed at once are in order without a title.
const (
	noStep step = iota
	firstStep
	between
	lastStep
)

// stepOf says in which step a change stands of a set that is edited in parts.
func stepOf(c *plan.Change, inParts map[string]bool) step {
	switch {
	case !inParts[c.Key.PermissionSet]:
		return noStep
	case c.Key.Level == plan.Down:
		return firstStep
	case c.Key.Level == plan.Up:
		return lastStep
	case c.Kind == plan.Assignment, c.Kind == plan.PermissionsBoundary:
		return between
	case c.Kind == plan.Provisioning:
		return lastStep
	default:
		return noStep
	}
}

// title says what a step is for.
func (s step) title() string {
	switch s {
	case firstStep:
		return "Step 1: only what both versions allow"
	case between:
		return "Then the handover"
	case lastStep:
		return "Step 2: the new permissions"
	default:
		return ""
	}
}
