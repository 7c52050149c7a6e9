package tfprovider

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/hostile"
)

// Whatever answers in AWS's place, a resource is never read as gone: the read
// ends in time, with an error that says who answered.
func TestReadsEndWhateverAnswers(t *testing.T) {
	for _, k := range append(hostile.Answers(), hostile.Lists("NextToken")...) {
		t.Run(k.Name, func(t *testing.T) {
			bubble(t, emulator.Options{}, func(tf *terraform) {
				state := tf.apply(accessGroup, nil, development())
				proxy := &hostile.Proxy{Behind: tf.e.Transport(), Kind: &k, On: func(r *http.Request) bool {
					target := r.Header.Get("X-Amz-Target")
					return strings.Contains(target, "IdentityStore") || strings.HasSuffix(target, ".ListPermissionSets") || strings.HasSuffix(target, ".ListAccounts")
				}}
				tf.http = proxy
				p := tf.start()
				typ := p.typeOf(accessGroup)
				began := time.Now()
				resp, err := p.server.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{TypeName: accessGroup, CurrentState: p.dynamic(typ, state.value), Private: state.private})
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took > 30*time.Minute || proxy.Asked.Load() == 0 || proxy.Hosts()[hostile.Elsewhere] {
					t.Errorf("took %s, %d calls, asked %v", took, proxy.Asked.Load(), proxy.Hosts())
				}
				if !hasErrors(resp.Diagnostics) || !strings.Contains(words(resp.Diagnostics), "us-east-1.amazonaws.com") {
					t.Errorf("no error that names the host:\n%s", words(resp.Diagnostics))
				}
				if resp.NewState != nil && p.decode(typ, resp.NewState).IsNull() {
					t.Error("the resource was read as gone")
				}
			})
		})
	}
}
