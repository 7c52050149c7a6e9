package saml

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

// system is what evidence of this package calls the source.
const system = "SAML metadata"

const patience = 20 * time.Second

var errElsewhere = errors.New("it redirects to another host")

// Fetch reads metadata from its URL, https only. The evidence is there with an
// error too. A nil transport means http.DefaultTransport.
func Fetch(ctx context.Context, address string, transport http.RoundTripper) (Metadata, diag.Evidence, error) {
	seen := diag.Evidence{System: system, What: "GET the metadata's URL"}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return Metadata{}, refused(seen, "not asked"), errors.New("the metadata's URL is not an https:// URL")
	}
	seen.What = "GET " + u.Scheme + "://" + u.Host + u.Path
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Metadata{}, refused(seen, "not asked"), errors.New("the metadata's URL cannot be asked")
	}
	client := &http.Client{Transport: transport, Timeout: patience, CheckRedirect: sameHost(u.Host)}
	resp, err := client.Do(req)
	if err != nil {
		return Metadata{}, refused(seen, cause(err)), fmt.Errorf("fetch the SAML metadata: %s", cause(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Metadata{}, refused(seen, resp.Status), fmt.Errorf("fetch the SAML metadata: %s", resp.Status)
	}
	return read(seen, func() (Metadata, error) { return Parse(resp.Body) })
}

// sameHost follows redirects to the same host by https only.
func sameHost(host string) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		if req.URL.Scheme != "https" || req.URL.Host != host || len(via) > 5 {
			return errElsewhere
		}
		return nil
	}
}

// cause leaves out the URL: its query may have more than an address.
func cause(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		return trust.Show(u.Err.Error())
	}
	return trust.Show(err.Error())
}

// ReadFile reads metadata from a file.
func ReadFile(name string) (Metadata, diag.Evidence, error) {
	seen := diag.Evidence{System: system, What: name}
	f, err := os.Open(name)
	if err != nil {
		return Metadata{}, refused(seen, "cannot be opened"), fmt.Errorf("open the SAML metadata: %w", err)
	}
	defer f.Close()
	return read(seen, func() (Metadata, error) { return Parse(f) })
}

func read(seen diag.Evidence, parse func() (Metadata, error)) (Metadata, diag.Evidence, error) {
	m, err := parse()
	if err != nil {
		return m, refused(seen, err.Error()), err
	}
	seen.Saw = fmt.Sprintf("entity id %q, %d certificates", m.EntityID, len(m.Certificates))
	return m, seen, nil
}

func refused(e diag.Evidence, saw string) diag.Evidence {
	e.Saw = saw
	return e
}
