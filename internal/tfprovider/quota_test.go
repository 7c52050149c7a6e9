package tfprovider

import (
	"context"
	"math/big"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/rolecall-dev/rolecall/emulator"
)

// The provider block's quotas hold for everything that the provider does.
func TestQuotasOfTheProviderBlock(t *testing.T) {
	bubble(t, emulator.Options{JobLatency: emulator.Latency{Min: 3 * time.Second}}, func(tf *terraform) {
		tf.provider = object{"max_tps": big.NewFloat(2), "max_outstanding": big.NewFloat(1)}
		began := time.Now()
		tf.apply(accessGroup, nil, with(development(), "accounts_names", []string{"development", "staging", "production", "security"}))
		took := time.Since(began)
		if peak := tf.e.Stats().Outstanding.PeakAssignments; peak != 1 {
			t.Errorf("%d jobs at once, want 1", peak)
		}
		if floor := time.Duration(ssoCalls(tf.e)-4) * time.Second / 2; took < floor { // a bucket of a second's calls may be full, in each of two processes
			t.Errorf("%d calls in %s, want at most two a second", ssoCalls(tf.e), took)
		}
	})
}

func TestQuotasCannotBeNegative(t *testing.T) {
	tf := newTerraform(t, emulator.Options{})
	p := tf.start()
	for _, name := range []string{"max_tps", "max_outstanding"} {
		config := p.value(p.schema.Provider.ValueType(), object{"region": "us-east-1", name: big.NewFloat(-1)})
		server, err := providerserver.NewProtocol6WithError(New("test", Options{})())()
		if err != nil {
			t.Fatal(err)
		}
		resp, err := server.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{Config: config})
		if err != nil || !hasErrors(resp.Diagnostics) {
			t.Errorf("%s = -1 is taken: %v, %v", name, words(resp.Diagnostics), err)
		}
	}
}
