package okta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

// list reads all pages; most limits them, 0 means all. partial says that there
// were more.
func list[T any](ctx context.Context, d *Directory, operation, path string, most int) (items []T, first directory.Reply, partial bool, err error) {
	elsewhere := ""
	l, err := directory.ReadList[T](ctx, d.client, directory.Call{Operation: operation, Path: path}, most, func(r directory.Reply) (directory.Page, error) {
		var p directory.Page
		if err := r.DecodeList(&p.Items); err != nil || len(p.Items) == 0 && operation == opLogs { // which always has a next page; any other list may have an empty one before others
			return p, err
		}
		next := nextLink(r.Header)
		p.Next = atHome(d.client.Base, path, next)
		if u, err := url.Parse(next); err == nil && u.Host != d.client.Base.Host {
			elsewhere = u.Hostname()
		}
		return p, nil
	})
	return l.Items, l.First, l.Partial, ledTo(elsewhere, err)
}

// ledTo says, where a list could not be read to its end, that it led to another
// host. Only a host of Okta's own is advised.
func ledTo(host string, err error) error {
	var e *directory.Error
	if host == "" || !errors.As(err, &e) {
		return err
	}
	told := *e // the one that failed may be kept, and returned again
	e = &told
	e.Message += fmt.Sprintf("; the answer leads on at %.100q", host)
	address := "https://" + host
	if _, err := trust.Of(func(string) string { return "" }).URL(trust.Okta, address); err == nil {
		e.Needs = strings.TrimSpace(e.Needs + fmt.Sprintf(" Okta also knows the organization as %s: write organization = %q in the connector block of rolecall.hcl.", host, address))
	}
	return e
}

// nextLink finds the link to the next page (RFC 8288). Addresses may have commas.
func nextLink(h http.Header) string {
	for _, line := range h.Values("Link") {
		for {
			_, rest, found := strings.Cut(line, "<")
			address, rest, closed := strings.Cut(rest, ">")
			if !found || !closed {
				break
			}
			attributes, _, _ := strings.Cut(rest, "<")
			if strings.Contains(attributes, `rel="next"`) || strings.Contains(attributes, "rel=next") {
				return address
			}
			line = rest
		}
	}
	return ""
}

// atHome turns a link to the next page that names another host into one at our
// own: an organization answers under several names, its own domain (a custom URL
// domain) and the one at okta.com, and a link may have either. Only the query,
// which has the cursor, is taken over, and only where the link is about what was
// asked: so the credentials never go to another host, and all that a wrong link
// can do is to make our own host refuse the cursor. Any other link stays as it is,
// and the client refuses it.
func atHome(base *url.URL, asked, next string) string {
	link, err := url.Parse(next)
	if err != nil || link.Host == "" || link.Host == base.Host && link.Scheme == base.Scheme || link.User != nil {
		return next
	}
	own, err := url.Parse(asked)
	if err != nil || link.Path != own.Path {
		return next
	}
	return own.EscapedPath() + "?" + link.RawQuery
}

// quote writes a value of a filter or search.
func quote(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}
