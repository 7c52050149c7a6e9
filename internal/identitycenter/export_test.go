package identitycenter

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/identitystore"
)

// What the tests of the package know of its inside.
const (
	MaxIdlePages    = maxIdlePages
	MaxIdleJobPages = maxIdleJobPages
	ManyPages       = manyPages
	MaxListTime     = maxListTime
	MaxAnswer       = maxAnswer
	LightAnswer     = lightAnswer
	CredentialsIn   = credentialsIn
	ReadAttempts    = readAttempts
	LargestCache    = largestCache
)

// CachePath is where a cache keeps an instance.
func CachePath(f FileCache, instance string) string { return f.path(instance) }

// PageOfGroups asks for a page that belongs to no list.
func PageOfGroups(ctx context.Context, c *Client, token *string) error {
	_, err := c.store.ListGroups(ctx, &identitystore.ListGroupsInput{IdentityStoreId: c.storeID(), NextToken: token})
	return err
}
