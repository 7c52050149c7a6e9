package identitycenter

import (
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"golang.org/x/sync/errgroup"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// AtOnce is how many calls of a read are under way at once; the quota decides how
// many come a second.
const AtOnce = 24

// noSuchSet is what looking a name up ends with when no set bears it.
var noSuchSet = &ssotypes.ResourceNotFoundException{Message: aws.String("no permission set has this name")}

// SetByName finds the ARN of a set. AWS has no look-up by name: of the ARNs that
// are listed, those that are known by the name are described first, then those
// whose tags nobody has read, because what is looked for was mostly just made,
// then the others without a known name. With sure, because AWS has said that the
// name is taken, those known by another name come last: the cache may be wrong.
func (c *Client) SetByName(ctx context.Context, name string, sure bool) (string, error) {
	arns, _, err := c.ListPermissionSets().All(ctx)
	if err != nil {
		return "", err
	}
	known := c.KnownSets()
	var likely, first, then, others []string
	for _, arn := range arns {
		switch set := known[arn]; {
		case set.Name == name:
			likely = append(likely, arn)
		case set.Name != "":
			others = append(others, arn)
		case set.Marked:
			then = append(then, arn)
		default:
			first = append(first, arn)
		}
	}
	lists := [][]string{likely, append(first, then...)}
	if sure || len(likely) > 0 {
		lists = append(lists, others)
	}
	for _, list := range lists {
		for chunk := range slices.Chunk(list, AtOnce) {
			if arn, err := c.amongSets(ctx, chunk, name); err != nil || arn != "" {
				return arn, err
			}
		}
	}
	return "", noSuchSet
}

// amongSets describes some sets, side by side, and returns the one with the name.
func (c *Client) amongSets(ctx context.Context, arns []string, name string) (found string, err error) {
	var mu sync.Mutex
	g, gctx := errgroup.WithContext(ctx)
	for _, arn := range arns {
		g.Go(func() error {
			p, _, err := c.DescribePermissionSet(gctx, arn)
			if err != nil && !IsNotFound(err) {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			if p.Name == name {
				found = arn
			}
			return nil
		})
	}
	err = g.Wait()
	return found, err
}

// NoSuchSet is the error of a look-up by name that found none.
func NoSuchSet() error { return noSuchSet }

// IsEmpty says that nobody has a set, and that nothing is on it.
func (c *Client) IsEmpty(ctx context.Context, arn string) (bool, error) {
	if accounts, _, err := c.ListAccountsForProvisionedPermissionSet(ctx, arn, EitherVersion); err != nil || len(accounts) > 0 {
		return false, err
	}
	var on access.PermissionSet
	for _, part := range c.Contents(arn, &on) {
		if err := part(ctx); err != nil || len(on.ManagedPolicies)+len(on.CustomerPolicies)+len(on.InlinePolicy) > 0 {
			return false, err
		}
	}
	return on.Boundary.IsZero(), nil
}
