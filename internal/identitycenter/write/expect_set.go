package write

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// part is one thing about a permission set as this run expects it: what the
// plan was made from, and what the run has written since.
type part[T comparable] struct {
	known bool
	now   T
	// maybe is what a write of unknown outcome may have made of it.
	maybe *T
	// was are the values before writes of this run, which AWS may show for a while.
	was   []T
	wrote time.Time
}

type fit uint8

const (
	fits fit = iota
	late     // a value of before a write of this run, so recent that AWS may not show it yet
	differs
)

func (p *part[T]) set(v T) { *p = part[T]{known: true, now: v} }

// begin says that a write is about to go out; what it returns says that it was
// carried out.
func (p *part[T]) begin(v T) (end func()) {
	p.maybe = &v
	return p.end
}

func (p *part[T]) end() {
	if time.Since(p.wrote) > showsWithin {
		p.was = nil
	}
	p.was = append(p.was, p.now)
	p.now, p.maybe, p.wrote, p.known = *p.maybe, nil, time.Now(), true
}

func (p *part[T]) fit(have T) fit {
	switch {
	case !p.known, have == p.now, p.maybe != nil && have == *p.maybe:
		return fits
	case slices.Contains(p.was, have) && time.Since(p.wrote) < showsWithin:
		return late
	default:
		return differs
	}
}

// attributes are what UpdatePermissionSet writes.
type attributes struct{ description, duration, relay string }

func attributesOf(p access.PermissionSet) attributes {
	return attributes{p.Description, access.ISODuration(p.SessionDuration), p.RelayState}
}

func (a attributes) String() string {
	return fmt.Sprintf("description %q, session duration %s, relay state %q", a.description, a.duration, a.relay)
}

// policies are the policies of a kind that a set has, each there or not.
type policies struct {
	known bool // what is in no list is not there
	byKey map[string]*part[bool]
}

func (p *policies) set(list []string) {
	p.known, p.byKey = true, map[string]*part[bool]{}
	for _, key := range list {
		p.of(key).now = true
	}
}

func (p *policies) of(key string) *part[bool] {
	if p.byKey == nil {
		p.byKey = map[string]*part[bool]{}
	}
	if p.byKey[key] == nil {
		p.byKey[key] = &part[bool]{known: p.known}
	}
	return p.byKey[key]
}

// setSight is what is expected of a permission set, and when it was last found
// to be so.
type setSight struct {
	turn identitycenter.Turn // of who looks at it or writes on it

	mu         sync.Mutex
	whole      time.Time // when all of it was found as expected
	marks      time.Time // when its name and mark were
	attributes part[attributes]
	inline     part[string]
	boundary   part[access.Boundary]
	mark       part[identitycenter.SetMark]

	managed, customer policies
	// outdated are the accounts where the plan saw that it is not the latest;
	// once this run has edited it, it may be so everywhere.
	provisioned, edited bool
	outdated            []string
	// shown says that the state that the plan was made from has it.
	shown bool
}

// expect takes in a set as the plan was made from it, or as this run made it: then
// looked is when.
func (s *setSight) expect(p access.PermissionSet, looked time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attributes.set(attributesOf(p))
	s.inline.set(access.CanonicalPolicy(p.InlinePolicy))
	s.boundary.set(p.Boundary)
	for _, kind := range []plan.Kind{plan.ManagedPolicy, plan.CustomerManagedPolicy} {
		list, on := s.policies(kind, p)
		list.set(on)
	}
	s.mark.set(identitycenter.MarkOf(p.Tags))
	s.provisioned, s.outdated, s.edited = len(p.Provisioned) > 0, p.Outdated, false
	s.shown, s.whole, s.marks = true, looked, looked
}

// expectChange takes in what a change carries, of a set of which nothing else
// is known.
func (s *setSight) expectChange(ch plan.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch before := before(ch); ch.Kind {
	case plan.PermissionSet:
		if before.PermissionSet != nil && ch.Action == plan.Update && !s.attributes.known {
			s.attributes.set(attributesOf(*before.PermissionSet))
		}
	case plan.InlinePolicy:
		if ch.Before != nil && !s.inline.known {
			s.inline.set(access.CanonicalPolicy(before.Document))
		}
	case plan.PermissionsBoundary:
		if before.Boundary != nil && !s.boundary.known {
			s.boundary.set(*before.Boundary)
		}
	case plan.Tags:
		if !s.shown {
			s.mark.set(identitycenter.MarkOf(before.Tags))
		}
	}
}

// policies returns what is expected of the policies of a kind, and what a set has of
// them.
func (s *setSight) policies(kind plan.Kind, have access.PermissionSet) (*policies, []string) {
	if kind == plan.ManagedPolicy {
		return &s.managed, have.ManagedPolicies
	}
	var names []string
	for _, p := range have.CustomerPolicies {
		names = append(names, p.String())
	}
	return &s.customer, names
}

// begin says that the change is about to be written; what it returns says that it
// has been.
func (s *setSight) begin(ch plan.Change) func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	end := func() {}
	switch after := after(ch); ch.Kind {
	case plan.PermissionSet:
		end = s.attributes.begin(attributesOf(*after.PermissionSet))
	case plan.ManagedPolicy, plan.CustomerManagedPolicy:
		list, _ := s.policies(ch.Kind, access.PermissionSet{})
		end = list.of(policyKey(ch)).begin(ch.Action != plan.Delete)
	case plan.InlinePolicy:
		end = s.inline.begin(access.CanonicalPolicy(after.Document))
	case plan.PermissionsBoundary:
		end = s.boundary.begin(boundaryOf(after))
	case plan.Tags:
		m := identitycenter.MarkOf(after.Tags)
		m.Lock = s.mark.now.Lock
		end = s.mark.begin(m)
	}
	s.edited = s.edited || editsRoles(ch)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		end()
	}
}

func boundaryOf(v *plan.Value) access.Boundary { return *cmp.Or(v.Boundary, &access.Boundary{}) }

// editsRoles says that the change makes a set's roles no longer the latest.
func editsRoles(ch plan.Change) bool {
	switch ch.Kind {
	case plan.ManagedPolicy, plan.CustomerManagedPolicy, plan.InlinePolicy, plan.PermissionsBoundary:
		return true
	case plan.PermissionSet:
		return ch.Action == plan.Update
	default:
		return false
	}
}
