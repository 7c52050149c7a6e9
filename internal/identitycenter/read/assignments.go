package read

import (
	"context"
	"errors"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// readAssignments reads the assignments. Where principals were asked and one lacks a
// grant though its set is provisioned there, that pair is read too: it may be
// held by an orphan.
func (r *run) readAssignments(ctx context.Context) error {
	way, e, err := r.choose(ctx)
	if err == nil {
		err = r.ask(ctx, way, e.pages)
	}
	switch {
	case errors.Is(err, errTooDear):
		r.quick = true
		return r.readAssignments(ctx)
	case identitycenter.IsAccessDenied(err):
		r.principalRefused(err)
		clear(r.assignments) // all over again, by pairs
		return r.readAssignments(ctx)
	case err != nil:
		return err
	}
	var more []access.SetInAccount
	for _, who := range way.principals {
		for _, p := range way.perGroup[who.id] {
			if !r.assignments[who.has(p)] {
				more = append(more, p)
			}
		}
	}
	if way.everybody {
		more = append(more, r.unassigned(e)...)
	}
	if err := eachThere(ctx, r, "assignments", union(way.pairs, more), r.readPair); err != nil {
		return err
	}
	r.observe(way)
	return nil
}

// principalRefused remembers the refusal. What was read of pairs stays.
func (r *run) principalRefused(err error) {
	r.c.RefusePrincipals()
	r.notes = append(r.notes, diag.Diagnostic{
		Severity: diag.Note, Code: identitycenter.CodeSlowerRead, Summary: "assignments are read one account and permission set at a time",
		Detail: identitycenter.ErrorMessage(err), Hint: "The management account can ask by group, which is faster; it needs sso:ListAccountAssignmentsForPrincipal.",
	})
}

// readPrincipal reads what a group or user has in all accounts; next is told
// before each page.
func (r *run) readPrincipal(ctx context.Context, who principal, next func(page int) error) error {
	found, err := r.assignmentsOf(ctx, who, next)
	if err != nil && !identitycenter.IsNotFound(err) { // deleted since it was listed
		return err
	}
	r.keepOurs(found, who)
	return nil
}

// assignmentsOf returns all that a principal has itself, from what this read has asked
// already where it has. Pages may be short; next, where there is one, is told before
// each, of which the first is 1.
func (r *run) assignmentsOf(ctx context.Context, who principal, next func(page int) error) ([]access.SetInAccount, error) {
	r.mu.Lock()
	found, asked := r.asked[who.id]
	r.mu.Unlock()
	if asked {
		return found, nil
	}
	if h, known := r.books.memory.of(who.id); known {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.asked[who.id], r.observed.Began = h.pairs, min(r.observed.Began, h.at.UnixNano())
		return h.pairs, nil
	}
	at := time.Now()
	for pages := r.c.ListAccountAssignmentsForPrincipal(who.kind, who.id, "").Pages(); !pages.Ended; {
		if next != nil {
			if err := next(pages.Read + 1); err != nil {
				return nil, err
			}
		}
		some, err := pages.Next(ctx)
		if err != nil {
			return nil, err
		}
		for _, k := range some {
			found = append(found, k.SetInAccount)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked[who.id] = found
	r.books.memory.keep(who.id, remembered{found, at})
	return found, nil
}

// removedUsers returns the users who are to be deleted: what they have of our
// sets by name would stay behind as an orphan's.
func (r *run) removedUsers() []principal {
	var out []principal
	for _, u := range r.want.Users {
		if id, ok := r.userID[u.Username]; ok && u.Remove {
			out = append(out, principal{access.UserPrincipal, id})
		}
	}
	return out
}

// keepOurs keeps the assignments of sets in scope.
func (r *run) keepOurs(found []access.SetInAccount, who principal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range found {
		if _, ok := r.setRows[p.SetARN]; ok {
			r.keepLocked(who.has(p))
		}
	}
}

// internLocked returns one copy of a string that comes a million times.
func (r *run) internLocked(s string) string {
	if have, ok := r.strings[s]; ok {
		return have
	}
	r.strings[s] = s
	return s
}

// readPair reads everybody who has a set in an account.
func (r *run) readPair(ctx context.Context, p access.SetInAccount) error {
	keys, _, err := r.c.ListAccountAssignments(ctx, p)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range keys {
		r.keepLocked(k)
	}
	r.pairs[p] = true
	return nil
}

// keepLocked keeps an assignment, with one copy of each string that comes often.
func (r *run) keepLocked(k access.AssignmentID) {
	k.SetARN, k.Account, k.Principal = r.internLocked(k.SetARN), r.internLocked(k.Account), r.internLocked(k.Principal)
	r.assignments[k] = true
}
