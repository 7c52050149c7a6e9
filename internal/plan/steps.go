package plan

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// steps returns the writes that bring a live set from one content to another, in
// an order in which the set, after each of them, allows nothing beyond the two
// contents together: whoever else provisions it half-way allows nobody more.
// What takes away comes first, then the inline policy, then what allows; a
// boundary that comes goes before them, and one that goes after the policies
// that it bounded. Each step waits for the one before.
func (d *draft) steps(base Change, from, to content, waits []ID) []ID {
	if between := bothBounded(from, to); between != nil {
		base.Key.Level = Down
		down := d.steps(base, from, *between, waits)
		moved := *between
		moved.boundary = to.boundary
		base.Key.Level = ""
		put := d.steps(base, *between, moved, later(down, waits))
		base.Key.Level = Up
		return slices.Concat(down, put, d.steps(base, moved, to, later(put, waits)))
	}
	s := stepper{d: d, base: base, waits: waits}
	s.policies(Create, ManagedPolicy, denying(missingFrom(from.managed, to.managed)))
	if from.boundary != to.boundary && !to.boundary.IsZero() {
		s.boundary(from.boundary, to.boundary)
	}
	s.policies(Delete, ManagedPolicy, allowing(missingFrom(to.managed, from.managed)))
	s.policies(Delete, CustomerManagedPolicy, missingFrom(to.customer, from.customer))
	s.inline(from.inline.document, to.inline.document)
	s.policies(Create, ManagedPolicy, allowing(missingFrom(from.managed, to.managed)))
	s.policies(Create, CustomerManagedPolicy, missingFrom(from.customer, to.customer))
	s.policies(Delete, ManagedPolicy, denying(missingFrom(to.managed, from.managed)))
	if from.boundary != to.boundary && to.boundary.IsZero() {
		s.boundary(from.boundary, to.boundary)
	}
	return s.ids
}

// later returns what the next steps wait for: the last of these, or what these
// would have waited for where there are none.
func later(steps, waits []ID) []ID {
	if len(steps) == 0 {
		return waits
	}
	return steps[len(steps)-1:]
}

// bothBounded returns the content at which one boundary can be put in the place of
// another; nil where it can be done at once, because nothing else changes or
// nothing is allowed on one of the sides.
func bothBounded(from, to content) *content {
	if from.boundary == to.boundary || from.boundary.IsZero() || to.boundary.IsZero() {
		return nil
	}
	bounded := to
	bounded.boundary = from.boundary
	if from.same(bounded) || from.allowsNothing() {
		return nil
	}
	between := common(from, bounded)
	return &between
}

func (c content) allowsNothing() bool {
	return len(allowing(c.managed)) == 0 && len(c.customer) == 0 && len(c.inline.allow) == 0 && c.inline.readable
}

// stepper adds the steps of one set.
type stepper struct {
	d     *draft
	base  Change
	waits []ID
	ids   []ID
	apart bool // no step waits for another
}

func (s *stepper) add(c Change) {
	c.DependsOn = s.waits
	if !s.apart {
		c.DependsOn = later(s.ids, s.waits)
	}
	s.ids = append(s.ids, s.d.add(c))
}

// policies attaches, or detaches, each of the policies.
func (s *stepper) policies(action Action, kind Kind, policies []string) {
	for _, p := range policies {
		s.add(policyChange(s.base, kind, action, p))
	}
}

func (s *stepper) inline(from, to string) {
	if from == to {
		return
	}
	c := valueChange(s.base, InlinePolicy, from == "", to == "")
	c.Before, c.After = document(from), document(to)
	s.add(c)
}

func (s *stepper) boundary(from, to access.Boundary) {
	c := valueChange(s.base, PermissionsBoundary, from.IsZero(), to.IsZero())
	c.Before, c.After = boundary(from), boundary(to)
	s.add(c)
}
