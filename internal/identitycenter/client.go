package identitycenter

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

// Families of APIs that share a quota, as AWS counts them.
const (
	SSOAdmin      = "sso-admin"
	IdentityStore = "identitystore"
	Organizations = "organizations"
	STS           = "sts"
)

// Limits returns the limits that leave room for others: 15 of the 20 calls a
// second that AWS allows all of sso-admin together (user guide, "AWS IAM
// Identity Center quotas"). AWS publishes no figure for the other families;
// theirs are careful, and adapt.
func Limits() map[string]quota.Limit {
	return map[string]quota.Limit{
		SSOAdmin:      {TPS: 15},
		IdentityStore: {TPS: 20},
		Organizations: {TPS: 8},
		STS:           {TPS: 5},
	}
}

// LimitsAt returns Limits with another rate for what writes: calls a second to
// sso-admin and to the identity store. 0 changes nothing.
func LimitsAt(maxTPS float64) map[string]quota.Limit {
	limits := Limits()
	if maxTPS > 0 {
		limits[SSOAdmin] = quota.Limit{TPS: maxTPS}
		limits[IdentityStore] = quota.Limit{TPS: maxTPS}
	}
	return limits
}

// Options say how to reach AWS. The zero value takes everything from the SDK's
// standard chain: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL, and so on.
type Options struct {
	Profile     string
	Region      string // of the instance
	InstanceARN string // needed where there are several organization instances
	// Credentials replace those of the chain.
	Credentials aws.CredentialsProvider
	// HTTPClient replaces the SDK's, which obeys proxies and AWS_CA_BUNDLE.
	HTTPClient aws.HTTPClient
	// Quota is the process's budgets; nil makes some from LimitsAt(MaxTPS).
	Quota  *quota.Budgets
	MaxTPS float64
	// Cache remembers the names of permission sets; nil means no memory.
	Cache SetCache
}

// Client reads and writes one instance of IAM Identity Center. It is safe for
// concurrent use.
type Client struct {
	sso   *ssoadmin.Client
	store *identitystore.Client
	orgs  *organizations.Client
	sts   *sts.Client

	credentials aws.CredentialsProvider
	budgets     *quota.Budgets
	heavy       Turn // held by who works on a large answer
	cache       SetCache
	region      string
	instance    Instance
	caller      Caller
	notes       diag.List

	mu sync.Mutex
	// refusedPrincipal remembers that ListAccountAssignmentsForPrincipal was
	// refused; it is not asked again.
	refusedPrincipal bool
	// cacheWrong says that the cache told of a set what is not so; it is not
	// read again.
	cacheWrong bool
	// sets are the permission sets of the instance that were looked at, by ARN.
	sets map[string]CachedSet
	// answers are what AWS's answers always say, by operation; they do not change.
	answers map[string]answer
	// guards are asked right before each write is sent, and refuse it; by the ARN of
	// their lock.
	guards map[string]func() error
	// tell is told of each write.
	tell func(Wrote)
	// learned says that something was learned of the sets since they were saved.
	learned bool
	// extra are the memberships that the config does not have, which a plan may
	// delete: their ids by group and user.
	extra map[[2]string]string
}

// Instance is the organization instance of IAM Identity Center.
type Instance struct {
	ARN             string `json:"arn"`
	IdentityStoreID string `json:"identity_store_id"`
	OwnerAccount    string `json:"owner_account"`
	Region          string `json:"region"`
}

// Connect finds the instance and who is calling. Its errors are diagnostics;
// CredentialError tells those of the exit code for credentials. Notes returns
// what is worth a line though nothing is wrong.
func Connect(ctx context.Context, o Options) (*Client, error) {
	cfg, err := loadConfig(ctx, o)
	if err != nil {
		return nil, err
	}
	c := newClient(cfg, o)
	c.refuseCache()
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return nil, c.Explain(err)
	}
	if err := c.whoCalls(ctx); err != nil {
		return nil, c.Explain(err)
	}
	if err := c.findInstance(ctx, o.InstanceARN); err != nil {
		return nil, c.Explain(err)
	}
	return c, nil
}

func loadConfig(ctx context.Context, o Options) (aws.Config, error) {
	var load []func(*config.LoadOptions) error
	if o.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(o.Profile))
	}
	if o.Region != "" {
		load = append(load, config.WithRegion(o.Region))
	}
	if o.Credentials != nil {
		load = append(load, config.WithCredentialsProvider(o.Credentials))
	}
	load = append(load, config.WithHTTPClient(ownClient()))
	// The SDK's own warnings are not for the user's terminal.
	cfg, err := config.LoadDefaultConfig(ctx, append(load, config.WithLogger(logging.Nop{}))...)
	if err != nil {
		return cfg, explainConfig(err)
	}
	if o.HTTPClient != nil {
		// Not by WithHTTPClient: that one refuses a foreign client where
		// AWS_CA_BUNDLE is set.
		cfg.HTTPClient = o.HTTPClient
	}
	cfg.HTTPClient = unredirected(cfg.HTTPClient)
	if cfg.Region == "" {
		return cfg, Failure{Finding: noRegion()}
	}
	if !regionPattern.MatchString(cfg.Region) {
		return cfg, Failure{Finding: badRegion(cfg.Region)}
	}
	cfg.Credentials = &markedCredentials{cfg.Credentials}
	return cfg, nil
}

func newClient(cfg aws.Config, o Options) *Client {
	c := &Client{
		heavy: NewTurn(), credentials: cfg.Credentials, budgets: o.Quota, cache: o.Cache, region: cfg.Region,
		sets: map[string]CachedSet{}, answers: map[string]answer{}, guards: map[string]func() error{}, tell: func(Wrote) {}, extra: map[[2]string]string{},
	}
	for _, family := range answers() {
		maps.Copy(c.answers, family)
	}
	if c.budgets == nil {
		c.budgets = quota.New(LimitsAt(o.MaxTPS))
	}
	cfg.Retryer = func() aws.Retryer { return newReadRetryer() }
	cfg.APIOptions = append(cfg.APIOptions, c.middlewares)
	c.sso = ssoadmin.NewFromConfig(cfg)
	c.store = identitystore.NewFromConfig(cfg)
	c.orgs = organizations.NewFromConfig(cfg)
	c.sts = sts.NewFromConfig(cfg)
	return c
}

// Instance returns the instance that Connect found.
func (c *Client) Instance() Instance { return c.instance }

// Caller returns who is calling.
func (c *Client) Caller() Caller { return c.caller }

// Notes returns what Connect saw that is worth a line.
func (c *Client) Notes() diag.List { return c.notes }

// Calls returns the calls made so far, failed attempts among them.
func (c *Client) Calls() []quota.Use { return c.budgets.Uses() }

// CredentialsExpire says when the credentials end; false where they do not.
func (c *Client) CredentialsExpire(ctx context.Context) (time.Time, bool, error) {
	creds, err := c.credentials.Retrieve(ctx)
	if err != nil {
		return time.Time{}, false, c.Explain(err)
	}
	return creds.Expires, creds.CanExpire, nil
}

// Rate returns how many calls a second the quota of a family allows now.
func (c *Client) Rate(family string) float64 { return c.budgets.Family(family).Rate() }

// RememberExtra keeps the ids of memberships that a plan may delete.
func (c *Client) RememberExtra(memberships []access.MembershipID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range memberships {
		c.extra[[2]string{m.Group, m.User}] = m.ID
	}
}

// ExtraMembership returns the id of a membership that RememberExtra kept, or "".
func (c *Client) ExtraMembership(group, user string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.extra[[2]string{group, user}]
}
