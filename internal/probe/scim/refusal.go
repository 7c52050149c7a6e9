package scim

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/trust"
)

// refusal is a SCIM error (RFC 7644, 3.12) as AWS writes it: with schema beside
// schemas, and the request's id.
type refusal struct {
	Schema  []string `json:"schema"`
	Schemas []string `json:"schemas"`
	Detail  string   `json:"detail"`
	ID      string   `json:"exceptionRequestId"`
}

// longest is how much is shown of what somebody else wrote, in characters.
const longest = 500

// refused reads an answer that is no success.
func (c *Client) refused(a Answer, resp *http.Response, body []byte) Answer {
	var r refusal
	object := json.Unmarshal(body, &r) == nil
	s := speech{
		scim:  a.Evidence.ID != "" || object && (len(r.Schema)+len(r.Schemas) > 0 || r.Detail != "" || r.ID != ""),
		other: a.Evidence.ID == "" && !object && len(bytes.TrimSpace(body)) > 0,
		to:    resp.Header.Get("Location"),
	}
	a.Evidence.ID = cmp.Or(a.Evidence.ID, c.short(r.ID))
	saw := fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	failure := failureOf(resp.StatusCode, s)
	switch {
	case failure == Redirected:
		saw += ", " + c.whither(s.to)
	case r.Detail != "":
		saw += ": " + c.short(r.Detail)
	}
	return a.fail(failure, saw)
}

// speech says what an answer that is no success tells of who wrote it.
type speech struct {
	scim  bool   // AWS, or at least something that speaks SCIM
	other bool   // a page, or another text that is no SCIM
	to    string // where it redirects to
}

// whither says which kind of host a redirect leads to. Its path may have more than
// an address.
func (c *Client) whither(location string) string {
	to, err := c.base.Parse(location)
	switch {
	case location == "" || err != nil:
		return "a redirect that leads nowhere"
	case strings.EqualFold(to.Hostname(), c.base.Hostname()):
		return "a redirect within the same host"
	}
	host := c.short(to.Hostname())
	if _, err := (trust.Machine{}).URL(trust.SCIM, (&url.URL{Scheme: "https", Host: to.Host, Path: "/"}).String()); err == nil {
		return fmt.Sprintf("a redirect to another SCIM host of AWS, %q", host)
	}
	return fmt.Sprintf("a redirect to %q, which is not a SCIM host of AWS", host)
}

// short is a text of somebody else's, without the token, on one line.
func (c *Client) short(text string) string {
	runes := []rune(strings.Join(strings.Fields(c.hide(text)), " "))
	if len(runes) > longest {
		return string(runes[:longest]) + "..."
	}
	return string(runes)
}
