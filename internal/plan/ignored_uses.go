package plan

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// ignoredUses says where live sets of ours are in the hands of something that an
// ignore pattern matches. AWS keeps one content of a set for all who have it, and
// brings a whole account up to it at once, so there an edit or a provisioning
// would change what the pattern protects.
type ignoredUses struct {
	*Bound
	first     map[int32]ignoredUse // the first of a set, by account
	byAccount map[setInAccountID]ignoredUse
	// stale are those of them, in accounts that no pattern matches, where the set
	// is outdated: whatever provisions it there is blocked.
	stale map[setInAccountID]*diag.Diagnostic
	// groups keep in such an account what somebody staged: nobody joins them.
	groups map[int32]*diag.Diagnostic
}

// ignoredUse is who has a set that an edit would reach.
type ignoredUse struct {
	account    access.Account
	what, name string // the kind and name of what the pattern matches
	pattern    string
	isAccount  bool
}

// findIgnoredUses looks at the sets that the plan may write. In accounts that are not
// active nothing is provisioned, so nothing is reached there.
func findIgnoredUses(b *Bound) *ignoredUses {
	if len(b.options.Ignore) == 0 {
		return &ignoredUses{Bound: b}
	}
	s := &ignoredUses{b, map[int32]ignoredUse{}, map[setInAccountID]ignoredUse{}, map[setInAccountID]*diag.Diagnostic{}, map[int32]*diag.Diagnostic{}}
	for _, b := range s.sets {
		if b.handling != ours && b.handling != adopted {
			continue
		}
		for _, id := range s.Live.Sets[b.live].Provisioned {
			row, there := s.organization.ByID(id)
			if there && s.patternOf(access.AccountThing, s.Live.Accounts[row].Names()...) != "" {
				s.add(b.live, ignoredUse{account: s.Live.Accounts[row]})
			}
		}
		for _, g := range s.Live.SetAssignments(int(b.live)) {
			if g.Kind != access.OrphanPrincipal && s.assignmentIgnored(g) {
				s.add(b.live, s.useOf(g))
			}
		}
		s.findStale(b.live)
	}
	return s
}

func (s *ignoredUses) add(set int32, r ignoredUse) {
	if s.inactive(r.account.ID) {
		return
	}
	if p := s.patternOf(access.AccountThing, r.account.Names()...); p != "" {
		r.what, r.name, r.pattern, r.isAccount = "account", r.account.Name, p, true
	}
	if old, found := s.first[set]; !found || r.account.ID < old.account.ID {
		s.first[set] = r
	}
	key := setInAccountID{set, r.account.ID}
	if _, found := s.byAccount[key]; !found {
		s.byAccount[key] = r
	}
}

func (b *Bound) useOf(g access.Assignment) ignoredUse {
	thing, name, _ := b.principalOf(g)
	return ignoredUse{account: b.Live.Accounts[g.Account], what: thing, name: name, pattern: b.patternOf(thing, name)}
}

// findStale notes where a set is outdated in the hands of somebody ignored.
func (s *ignoredUses) findStale(set int32) {
	p := s.Live.Sets[set]
	for _, id := range p.Outdated {
		r, found := s.byAccount[setInAccountID{set, id}]
		if !found || r.isAccount {
			continue
		}
		s.stale[setInAccountID{set, id}] = &diag.Diagnostic{Severity: diag.Warning, Code: IgnoredHolder,
			Summary: fmt.Sprintf("permission set %q is outdated in account %q and is not provisioned there, because %s %q has it there and matches the ignore pattern %q",
				p.Name, r.account.Name, r.what, r.name, r.pattern),
			Detail: "AWS provisions a permission set for everybody who has it in the account.", Hint: r.remedy()}
	}
	for _, g := range s.Live.SetAssignments(int(set)) {
		if why := s.stale[setInAccountID{set, s.Live.Accounts[g.Account].ID}]; why != nil && g.Kind == access.GroupPrincipal {
			s.groups[g.Principal] = why
		}
	}
}

func (r ignoredUse) remedy() string {
	if r.isAccount {
		return fmt.Sprintf("Use another permission set in account %q, or remove the pattern from rolecall.hcl.", r.account.Name)
	}
	return fmt.Sprintf("Give %s %q a permission set of its own, or remove the pattern from rolecall.hcl.", r.what, r.name)
}

// patternOf returns the first ignore pattern that matches the thing, "" for none.
func (b *Bound) patternOf(thing string, names ...string) string {
	for _, p := range b.options.Ignore {
		if access.Matches([]string{p}, thing, names...) {
			return p
		}
	}
	return ""
}

// usedByIgnored says that an edit of a set would reach what a pattern protects.
// Even an edit that leaves the accounts out would be provisioned there by whoever
// makes the next assignment.
func (s *ignoredUses) usedByIgnored(set int32, e *edit) *diag.Diagnostic {
	if len(s.options.Ignore) == 0 || !e.changes && !e.attributesDiffer {
		return nil
	}
	p := s.Live.Sets[set]
	r, found := s.first[set]
	switch {
	case !found && !s.principalsSeen(set):
		return new(s.notObserved(fmt.Sprintf("who has permission set %q", p.Name)))
	case !found:
		return nil
	}
	f := diag.Diagnostic{Severity: diag.Warning, Code: IgnoredHolder,
		Summary: fmt.Sprintf("permission set %q is not changed, because %s %q has it in account %q and matches the ignore pattern %q", p.Name, r.what, r.name, r.account.Name, r.pattern),
		Detail:  "In AWS a permission set has one content for everybody who has it. What needs the change waits; the rest of the plan goes on.", Hint: r.remedy()}
	if r.isAccount {
		f.Summary = fmt.Sprintf("permission set %q is not changed, because account %q has it and matches the ignore pattern %q", p.Name, r.name, r.pattern)
	}
	s.addOnce(f)
	return &f
}

// principalsSeen says that everybody alive was seen who has the set.
func (b *Bound) principalsSeen(set int32) bool {
	arn := b.Live.Sets[set].ARN
	return b.Live.Observed.SetUses[arn] || b.Live.Observed.SetPrincipals[arn]
}

// provisionable leaves out the accounts in which AWS can change nothing, and
// those where the set is in the hands of something ignored.
func (s *ignoredUses) provisionable(set int32, ids []string) []string {
	return slices.DeleteFunc(s.activeOnly(ids), func(id string) bool {
		_, found := s.byAccount[setInAccountID{set, id}]
		return found
	})
}

// wouldProvision says why nothing is granted on a set in an account: the assignment
// would bring the set up to date there for somebody ignored.
func (s *ignoredUses) wouldProvision(w wantedAssignment) *diag.Diagnostic {
	if len(s.stale) == 0 || w.account < 0 {
		return nil
	}
	return s.stale[setInAccountID{s.sets[w.desired.Set].live, s.Live.Accounts[w.account].ID}]
}
