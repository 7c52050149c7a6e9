package identitycenter

import (
	"context"
	"fmt"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// mayBeLock says that a set has a lock's name and tag, and no owner: whatever has
// an owner is a set like any other.
func mayBeLock(set CachedSet) bool {
	return set.Lock && set.Owner == "" && strings.HasPrefix(set.Name, access.LockSetPrefix)
}

// isLock says that a set is a lock: it looks like one, and this read found that
// nothing is on it and nobody has it. Everything else counts.
func (r *reader) isLock(arn string) bool { return r.locks[arn] }

// findLocks looks at what bears the name and the tag of a lock: anybody who may
// tag could hide a permission set so. What this client made as its own lock, a
// moment ago, it made empty.
func (r *reader) findLocks(ctx context.Context) error {
	var candidates []string
	for _, arn := range r.arns {
		switch {
		case !mayBeLock(r.c.known(arn)) || r.locks[arn]:
		case r.c.holds(arn):
			r.locks[arn] = true
		default:
			candidates = append(candidates, arn)
		}
	}
	return each(ctx, r, "locks", candidates, func(ctx context.Context, arn string) error {
		empty, err := r.c.isEmpty(ctx, arn)
		switch {
		case isAccessDenied(err):
			return nil // then it counts
		case isNotFound(err):
			empty = true // released meanwhile
		case err != nil:
			return fmt.Errorf("read what is on permission set %s: %w", arn, err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.locks[arn] = empty
		return nil
	})
}

// isEmpty says that nobody has a set, and that nothing is on it.
func (c *Client) isEmpty(ctx context.Context, arn string) (bool, error) {
	if accounts, err := c.provisionedAccounts(ctx, arn, ""); err != nil || len(accounts) > 0 {
		return false, err
	}
	if policies, err := c.managedPolicies(ctx, arn); err != nil || len(policies) > 0 {
		return false, err
	}
	if policies, err := c.customerPolicies(ctx, arn); err != nil || len(policies) > 0 {
		return false, err
	}
	if policy, err := c.inlinePolicy(ctx, arn); err != nil || policy != "" {
		return false, err
	}
	boundary, err := c.boundary(ctx, arn)
	return err == nil && boundary.IsZero(), err
}

// holds says that this client holds the lock with the ARN.
func (c *Client) holds(arn string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for l := range c.locks {
		if l.arn == arn {
			return true
		}
	}
	return false
}
