package directorytest

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// exact answers 403 to one path.
type exact struct {
	to   http.RoundTripper
	path string
}

func (f exact) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == f.path {
		return &http.Response{StatusCode: 403, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"errorCode":"E0000006"}`)), Request: r}, nil
	}
	return f.to.RoundTrip(r)
}

// exactly opens the connector, where one path is refused.
func exactly(t *testing.T, r *rig, path string) directory.Directory {
	t.Helper()
	d, err := openOkta(r.settings, &http.Client{Transport: exact{r.api, path}}, r.budgets)
	must(t, err)
	return d
}

// firstRefusal puts Okta's questions until one fails.
func firstRefusal(t *testing.T, d directory.Directory, person, group string) error {
	t.Helper()
	ctx := t.Context()
	for _, ask := range []func() error{
		func() error { _, err := d.(directory.People).FindPerson(ctx, "other@company.com"); return err },
		func() error { _, err := d.(directory.GroupPusher).PushTarget(ctx, group); return err },
		func() error { return everything(t, d, person, group) },
		func() error {
			_, err := d.(directory.Eventer).ProvisioningEvents(ctx, time.Now().Add(-time.Hour), person)
			return err
		},
	} {
		if err := ask(); err != nil {
			return err
		}
	}
	return nil
}
