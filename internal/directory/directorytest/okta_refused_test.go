package directorytest

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
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

// TestOktaScopeNotGranted has one of the four scopes missing, which Okta says in
// either of two codes.
func TestOktaScopeNotGranted(t *testing.T) {
	for _, code := range []string{"invalid_scope", "consent_required"} {
		r := vendors()[1].rig(t)
		r.api.Refuse(vendorapi.Refusal{Prefix: "/oauth2/", Times: 1, Status: http.StatusBadRequest, Body: `{"error":"` + code + `","error_description":"x"}`})
		_, err := r.dir.(directory.Groups).FindGroups(t.Context(), "Admins")
		e, ok := err.(*directory.Error)
		if !ok || e.Kind != directory.Unauthorized || e.Code != code || !strings.Contains(e.Needs, "okta.logs.read") || !strings.Contains(e.Needs, "step 4") {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// TestOktaFeatureOff has an organization without a feature: no right is asked for.
func TestOktaFeatureOff(t *testing.T) {
	for path, lifecycle := range map[string]bool{"/features": true, "/api/v1/logs": false} {
		for _, status := range []int{http.StatusForbidden, http.StatusUnauthorized} {
			r := vendors()[0].rig(t)
			d, err := openOkta(r.settings, &http.Client{Transport: featureless{r.api, path, status}}, r.budgets)
			must(t, err)
			question := "ProvisioningEvents"
			if lifecycle {
				question = "Provisioning"
			}
			_, err = ask(t, d, question)
			e, ok := err.(*directory.Error)
			if !ok || e.Kind != directory.NotLicensed || e.Code != "E0000015" || strings.Contains(e.Needs, "Grant") || strings.Contains(e.Needs, "Lifecycle Management") != lifecycle {
				t.Errorf("%s, %d: %v needs %q", path, status, err, e.Needs)
			}
		}
	}
}

// featureless answers as an organization that lacks what a path is about.
type featureless struct {
	to     http.RoundTripper
	path   string
	status int
}

func (f featureless) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, f.path) {
		return f.to.RoundTrip(r)
	}
	body := `{"errorCode":"E0000015","errorSummary":"You do not have permission to access the feature you are requesting","errorCauses":[]}`
	return &http.Response{StatusCode: f.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}
