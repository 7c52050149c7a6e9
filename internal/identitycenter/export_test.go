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
)

// PageOfGroups asks for a page that belongs to no list.
func PageOfGroups(ctx context.Context, c *Client, token *string) error {
	_, err := c.store.ListGroups(ctx, &identitystore.ListGroupsInput{IdentityStoreId: c.storeID(), NextToken: token})
	return err
}
