package identitycenter

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// readGrants reads the assignments in the way that costs the fewest calls.
// Where principals were asked and one lacks a grant though its set is
// provisioned there, that pair is read too: it may be held by an orphan.
func (r *reader) readGrants(ctx context.Context) error {
	e := r.expect()
	way := r.chooseWay(e)
	if err := r.readPrincipals(ctx, way.principals); err != nil {
		if !isAccessDenied(err) {
			return err
		}
		r.principalRefused(err)
		way = r.chooseWay(e)
	}
	if err := r.readRemovedUsers(ctx); err != nil {
		return err
	}
	pairs := way.pairs
	seen := pairSet(pairs)
	for _, id := range way.principals {
		for _, p := range way.perGroup[id] {
			if !r.grants[grantKey{p, access.GroupPrincipal, id}] {
				pairs = appendNew(pairs, seen, []pair{p})
			}
		}
	}
	if err := r.readPairs(ctx, pairs); err != nil {
		return err
	}
	r.observe(way)
	return nil
}

// readPrincipals asks about the first group alone: where that is refused, no
// second call is wasted.
func (r *reader) readPrincipals(ctx context.Context, groups []string) error {
	first := groups[:min(1, len(groups))]
	if err := each(ctx, r, "assignments of groups", first, r.readPrincipal); err != nil {
		return err
	}
	return each(ctx, r, "assignments of groups", groups[len(first):], r.readPrincipal)
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

// readPrincipal reads what a group has in all accounts.
func (r *reader) readPrincipal(ctx context.Context, group string) error {
	found, ok := r.asked[group]
	if !ok {
		var err error
		if found, err = r.c.principalGrants(ctx, access.GroupPrincipal, group); err != nil {
			return fmt.Errorf("list the assignments of group %q: %w", r.groups[group].Name, err)
		}
	}
	r.keepOurs(found, access.GroupPrincipal, group)
	return nil
}

// readRemovedUser reads what a user who is to be deleted has of our sets: what
// stayed assigned would be an orphan's.
func (r *reader) readRemovedUser(ctx context.Context, user string) error {
	found, err := r.c.principalGrants(ctx, access.UserPrincipal, user)
	if err != nil {
		return fmt.Errorf("list the assignments of user %q: %w", r.users[user].Username, err)
	}
	r.keepOurs(found, access.UserPrincipal, user)
	return nil
}

// readRemovedUsers reads what users who are to be deleted have, where users
// may be asked; elsewhere the pairs show it.
func (r *reader) readRemovedUsers(ctx context.Context) error {
	if !r.mayAskPrincipals() {
		return nil
	}
	err := each(ctx, r, "assignments of removed users", r.removedUsers(), r.readRemovedUser)
	if isAccessDenied(err) {
		r.principalRefused(err) // nothing was read by principal before, or it would have been refused
		return nil
	}
	return err
}

func (r *reader) removedUsers() []string {
	removed := map[string]bool{}
	for _, u := range r.want.Users {
		if id, ok := r.userID[u.Username]; ok && u.Remove {
			removed[id] = true
		}
	}
	return sortedKeys(removed)
}

// keepOurs keeps the assignments of sets in scope.
func (r *reader) keepOurs(found []pair, kind access.PrincipalKind, principal string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range found {
		if s, ok := r.sets[p.set]; ok {
			r.grants[grantKey{pair{s.ARN, r.internLocked(p.account)}, kind, principal}] = true
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
	var found []pair
	err := eachPage(func(token *string) (*string, error) {
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
	err := eachPage(func(token *string) (*string, error) {
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

// observe says what was read, and what it cannot see.
func (r *reader) observe(way grantPlan) {
	complete := true
	for arn, s := range r.sets {
		whole := true
		for _, a := range s.Provisioned {
			whole = whole && r.pairs[pair{arn, a}]
		}
		if whole {
			r.observed.SetUses[arn] = true
		}
		complete = complete && (whole || !s.owned(r.o.Owner))
	}
	r.observed.Read = way.way
	switch {
	case r.o.Only != "":
		r.observed.Read = "group"
		r.observed.CannotSee = append(r.observed.CannotSee,
			fmt.Sprintf("what does not concern group %q: only its own permission set, members and assignments were read", r.o.Only))
	case r.o.Deep:
		r.observed.Read = "deep"
	case !complete:
		r.observed.CannotSee = append(r.observed.CannotSee,
			"users, and groups that the config does not name, that were given one of our permission sets in an account where the config grants it too; plan --deep reads them")
	}
	if r.c.cache != nil && !r.o.Deep && r.o.Only == "" {
		r.observed.CannotSee = append(r.observed.CannotSee,
			"permission sets that were marked as ours elsewhere since they were last seen here, unless the config names them; plan --deep reads every mark")
	}
	if len(r.o.Ignore) > 0 {
		r.observed.CannotSee = append(r.observed.CannotSee, "assignments of permission sets that an ignore pattern matches, unless the config grants them")
	}
}
