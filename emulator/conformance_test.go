package emulator_test

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/rolecall-dev/rolecall/emulator"
)

// cloud is an emulator with AWS's own clients, as one caller sees it.
type cloud struct {
	*emulator.Emulator
	t     testing.TB
	sso   *ssoadmin.Client
	ids   *identitystore.Client
	orgs  *organizations.Client
	sts   *sts.Client
	arn   *string // of the instance
	store *string // id of the identity store
}

func start(t testing.TB, o emulator.Options) *cloud {
	t.Helper()
	e, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	c := clients(t, e, emulator.ManagementKey)
	if instances, err := c.sso.ListInstances(t.Context(), nil); err == nil && len(instances.Instances) > 0 {
		c.arn, c.store = instances.Instances[0].InstanceArn, instances.Instances[0].IdentityStoreId
	}
	return c
}

// clients are AWS's own, with their retries and checks on, over the transport.
func clients(t testing.TB, e *emulator.Emulator, key string) *cloud {
	c := connect(t.Errorf, e, key)
	c.t = t
	return c
}

func connect(fail func(string, ...any), e *emulator.Emulator, key string) *cloud {
	cfg := aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider(key, "secret", ""),
		HTTPClient: &http.Client{Transport: checked{e.Transport(), fail}}, BaseEndpoint: aws.String("http://emulator.invalid"),
	}
	return &cloud{
		Emulator: e, sso: ssoadmin.NewFromConfig(cfg), ids: identitystore.NewFromConfig(cfg),
		orgs: organizations.NewFromConfig(cfg), sts: sts.NewFromConfig(cfg),
	}
}

// as is the same cloud for another caller.
func (c *cloud) as(key string) *cloud {
	other := clients(c.t, c.Emulator, key)
	other.arn, other.store = c.arn, c.store
	return other
}

// must fails the test for an unexpected error.
func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
