package identitycenter

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// readGrants reads the assignments. Where principals were asked and one lacks a
// grant though its set is provisioned there, that pair is read too: it may be
// held by an orphan.
func (r *reader) readGrants(ctx context.Context) error {
	way, e, err := r.choose(ctx)
	if err != nil {
		return err
	}
	err = r.ask(ctx, way, e.pages)
	switch {
	case errors.Is(err, errTooDear):
		r.quick = true
		return r.readGrants(ctx)
	case isAccessDenied(err):
		r.principalRefused(err)
		return r.readGrants(ctx)
	case err != nil:
		return err
	}
	pairs := way.pairs
	seen := pairSet(pairs)
	for _, who := range way.principals {
		for _, p := range way.perGroup[who.id] {
			if !r.grants[grantKey{p, access.GroupPrincipal, who.id}] {
				pairs = appendNew(pairs, seen, []pair{p})
			}
		}
	}
	if way.everybody {
		pairs = appendNew(pairs, seen, r.unheld(e))
	}
	if err := r.readPairs(ctx, pairs); err != nil {
		return err
	}
	r.observe(way)
	return nil
}

// principalRefused remembers the refusal and starts over by pairs.
func (r *reader) principalRefused(err error) {
	r.c.refusePrincipals()
	clear(r.grants)
	r.notes = append(r.notes, diag.Diagnostic{
		Severity: diag.Note, Code: CodeSlowerRead, Summary: "assignments are read one account and permission set at a time",
		Detail: errorMessage(err), Hint: "The management account can ask by group, which is faster; it needs sso:ListAccountAssignmentsForPrincipal.",
	})
}

// readPrincipal reads what a group or user has in all accounts; next is told
// before each page.
func (r *reader) readPrincipal(ctx context.Context, who principal, next func(page int) error) error {
	r.mu.Lock()
	found, ok := r.asked[who.id]
	r.mu.Unlock()
	if !ok {
		var err error
		found, err = r.c.principalPages(ctx, who.kind, who.id, next)
		if err != nil && !isNotFound(err) { // deleted since it was listed
			return fmt.Errorf("list the assignments of %s: %w", r.called(who), err)
		}
		r.mu.Lock()
		r.asked[who.id] = found
		r.mu.Unlock()
	}
	r.keepOurs(found, who)
	return nil
}

// called names a principal for an error.
func (r *reader) called(who principal) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if who.kind == access.GroupPrincipal {
		return fmt.Sprintf("group %q", r.groups[who.id].Name)
	}
	return fmt.Sprintf("user %q", cmp.Or(r.users[who.id].Username, r.others[who.id].Username))
}

// removedUsers gives the users who are to be deleted: what they have of our
// sets by name would stay behind as an orphan's.
func (r *reader) removedUsers() []principal {
	var out []principal
	for _, u := range r.want.Users {
		if id, ok := r.userID[u.Username]; ok && u.Remove {
			out = append(out, principal{access.UserPrincipal, id})
		}
	}
	return out
}

// keepOurs keeps the assignments of sets in scope.
func (r *reader) keepOurs(found []pair, who principal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range found {
		if s, ok := r.sets[p.set]; ok {
			r.grants[grantKey{pair{s.ARN, r.internLocked(p.account)}, who.kind, who.id}] = true
			if u, listed := r.others[who.id]; listed {
				r.users[u.ID], r.userID[u.Username] = u, u.ID
				delete(r.others, u.ID)
			}
		}
	}
}

// internLocked gives one copy of a string that comes a million times.
func (r *reader) internLocked(s string) string {
	if have, ok := r.strings[s]; ok {
		return have
	}
	r.strings[s] = s
	return s
}

// principalGrants asks for the assignments of a group or user. Pages may be
// short.
func (c *Client) principalGrants(ctx context.Context, kind access.PrincipalKind, principal string) ([]pair, error) {
	return c.principalPages(ctx, kind, principal, func(int) error { return nil })
}

// principalPages does it where next allows each page, of which the first is 1.
func (c *Client) principalPages(ctx context.Context, kind access.PrincipalKind, principal string, next func(page int) error) ([]pair, error) {
	var found []pair
	page := 0
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		page++
		if err := next(page); err != nil {
			return nil, err
		}
		out, err := c.sso.ListAccountAssignmentsForPrincipal(ctx, &ssoadmin.ListAccountAssignmentsForPrincipalInput{
			InstanceArn: &c.instance.ARN, PrincipalId: &principal, PrincipalType: ssotypes.PrincipalType(kind.String()),
			MaxResults: aws.Int32(pageSize), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, a := range out.AccountAssignments {
			// What a user has through groups is not the user's own.
			if aws.ToString(a.PrincipalId) == principal {
				found = append(found, pair{aws.ToString(a.PermissionSetArn), aws.ToString(a.AccountId)})
			}
		}
		return out.NextToken, nil
	})
	return found, err
}

// readPair reads everybody who has a set in an account.
func (r *reader) readPair(ctx context.Context, p pair) error {
	keys, err := r.c.pairGrants(ctx, p)
	if isNotFound(err) {
		return nil // the set was deleted since it was read
	}
	if err != nil {
		return fmt.Errorf("list the assignments of permission set %s in account %s: %w", p.set, p.account, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range keys {
		k.principal = r.internLocked(k.principal)
		r.grants[k] = true
	}
	r.pairs[p] = true
	r.logPairLocked(p, keys)
	return nil
}

func (c *Client) pairGrants(ctx context.Context, p pair) ([]grantKey, error) {
	var found []grantKey
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.sso.ListAccountAssignments(ctx, &ssoadmin.ListAccountAssignmentsInput{
			InstanceArn: &c.instance.ARN, AccountId: &p.account, PermissionSetArn: &p.set,
			MaxResults: aws.Int32(pageSize), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, a := range out.AccountAssignments {
			kind := access.GroupPrincipal
			if a.PrincipalType == ssotypes.PrincipalTypeUser {
				kind = access.UserPrincipal
			}
			found = append(found, grantKey{p, kind, aws.ToString(a.PrincipalId)})
		}
		return out.NextToken, nil
	})
	return found, err
}
