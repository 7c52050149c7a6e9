package directorytest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// TestOverTLS asks each connector everything over TLS, through a server of one
// item a page that is busy once and fails once: the answers are those of the
// other tests, which need no port.
func TestOverTLS(t *testing.T) {
	each(t, once(), func(t *testing.T, v vendor) {
		t.Parallel()
		r := v.rig(t)
		var people []string
		for i := range 4 {
			people = append(people, r.person(fmt.Sprintf("user%d@company.com", i)))
		}
		ann, id := r.person("ann@company.com"), r.group("Admins", people...)
		want, err := r.dir.(directory.Groups).MembersOf(t.Context(), id)
		must(t, err)

		r.api.Change(func(o *vendorapi.Options) { o.PageSize = 1 })
		server := httptest.NewTLSServer(r.api)
		t.Cleanup(server.Close)
		client := server.Client()
		client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
		}
		client.Transport.(*http.Transport).TLSClientConfig.ServerName = "example.com" // whom the server's certificate is for
		dir, err := v.open(r.settings, client, r.budgets)
		must(t, err)
		soon := http.Header{"Retry-After": {"1"}, "X-Rate-Limit-Reset": {fmt.Sprint(time.Now().Add(time.Second).Unix())}}
		r.api.Refuse(vendorapi.Refusal{Prefix: v.prefix(), Times: 1, Status: http.StatusTooManyRequests, Header: soon})
		got, err := dir.(directory.Groups).MembersOf(t.Context(), id)
		must(t, err)
		if diff := cmp.Diff(want.Members, got.Members); diff != "" || len(got.Members) != 4 {
			t.Errorf("the members differ (-in process +over TLS):\n%s", diff)
		}
		r.api.Refuse(vendorapi.Refusal{Prefix: v.prefix(), Times: 1, Status: http.StatusServiceUnavailable, Body: "<html>"})
		if err := everything(t, dir, ann, id); err != nil {
			t.Error(err)
		}
	})
}
