package plan

import "fmt"

// phases is the number of phases.
const phases = 13

// phase gives the place of a change in the canonical order. Whatever a change
// depends on is in an earlier phase, or stands before it in the same one:
// revocations first, then what creates, then what had to wait for it, then
// deletions. Within a phase changes stand in the order of the sorted tables.
func phase(c Change) int {
	switch {
	case c.Kind == Assignment && c.Action == Delete && len(c.DependsOn) == 0:
		return 0
	case c.Kind == Membership && c.Action == Delete:
		return 1
	case c.Kind == Group && c.Action != Delete:
		return 2
	case c.Kind == User && c.Action != Delete:
		return 3
	case c.Kind == Membership:
		return 4
	case c.Kind == PermissionSet && c.Action != Delete, c.Kind == Tags:
		return 5
	case c.Kind == Assignment && c.Action == Create:
		return 7
	case c.Kind == Assignment:
		return 8 // replaced by a grant of phase 7
	case c.Kind == Provisioning:
		return 9
	case c.Kind == PermissionSet:
		return 10
	case c.Kind == Group:
		return 11
	case c.Kind == User:
		return 12
	default:
		return 6 // policies
	}
}

// checkOrder says what is wrong with a list of changes that should be in
// topological order.
func checkOrder(changes []Change) error {
	seen := make(map[ID]bool, len(changes))
	for _, c := range changes {
		if want := makeID(c.Kind, c.Action, c.Key); c.ID != want {
			return fmt.Errorf("change %q should have the id %q", c.ID, want)
		}
		if seen[c.ID] {
			return fmt.Errorf("change %q stands twice", c.ID)
		}
		for _, need := range c.DependsOn {
			if !seen[need] {
				return fmt.Errorf("change %q depends on %q, which does not stand before it", c.ID, need)
			}
		}
		seen[c.ID] = true
	}
	return nil
}
