package identitycenter

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/rolecall-dev/rolecall/internal/bounds"
)

// Bounds of one answer. A page of a hundred users has some hundred kilobytes.
const (
	maxAnswer     = 16 << 20 // bytes, unpacked
	lightAnswer   = 256 << 10
	maxHeader     = 256 << 10 // bytes of an answer's header
	credentialsIn = 2 * time.Minute
)

// heavy is held by the one call that works on a large answer.
type heavyKey struct{}

type heavy struct {
	turn Turn
	held bool
}

// oneHeavy lets one large answer be read at a time: two dozen calls are under
// way at once.
func (c *Client) oneHeavy(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	middleware.DeserializeOutput, middleware.Metadata, error,
) {
	h := &heavy{turn: c.heavy}
	out, meta, err := next.HandleDeserialize(context.WithValue(ctx, heavyKey{}, h), in)
	if h.held {
		h.turn.Done()
	}
	if host := answeredBy(meta); err != nil && host != "" {
		err = &answeredError{host, err}
	}
	return out, meta, err
}

// answeredError is an error whose answer came from a host.
type answeredError struct {
	host string
	err  error
}

func (e *answeredError) Error() string { return e.err.Error() }
func (e *answeredError) Unwrap() error { return e.err }

// from tells in a message who answered.
func from(err error) string {
	if e, ok := errors.AsType[*answeredError](err); ok {
		return ", from " + e.host
	}
	return ""
}

// readAnswers reads every answer, refuses those that cannot be AWS's, and passes
// the rest on to the SDK.
func (c *Client) readAnswers(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	out middleware.DeserializeOutput, meta middleware.Metadata, err error,
) {
	out, meta, err = next.HandleDeserialize(ctx, in)
	if err != nil {
		return out, meta, err
	}
	resp, ok := out.RawResponse.(*smithyhttp.Response)
	if !ok {
		return out, meta, nil
	}
	from := resp.Body
	defer from.Close()
	resp.Body = http.NoBody // the SDK reads what is left to its end, and there may be none
	host := ""
	if asked, ok := in.Request.(*smithyhttp.Request); ok {
		host = asked.URL.Host
	}
	meta.Set(hostKey{}, host)
	if e := notAWS(resp.Response, from); e != nil {
		e.host = host
		return out, meta, e
	}
	text, err := c.body(ctx, from)
	if err == nil {
		err = cmp.Or(bounds.Values(text), bounds.Memory())
	}
	if err == nil && resp.StatusCode < 300 && bounds.Empty(text) {
		err = &foreignAnswer{status: resp.StatusCode, host: host, says: "the answer is empty"}
	}
	if refused, ok := errors.AsType[*bounds.Error](err); ok {
		err = &foreignAnswer{status: resp.StatusCode, host: host, says: refused.Error()}
	}
	if err != nil {
		return out, meta, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return out, meta, nil
}

type hostKey struct{}

// answeredBy returns the host that answered.
func answeredBy(meta middleware.Metadata) string {
	host, _ := meta.Get(hostKey{}).(string)
	return host
}

// notAWS says what shows without reading that AWS did not answer.
func notAWS(resp *http.Response, from io.Reader) *foreignAnswer {
	e := &foreignAnswer{status: resp.StatusCode}
	switch packed := resp.Header.Get("Content-Encoding"); {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		e.says = "the answer points elsewhere, which AWS's never do; it was not followed"
		if to, err := resp.Location(); err == nil {
			e.says = fmt.Sprintf("the answer points to %s, and AWS's point nowhere; it was not followed", to.Host)
		}
	case strings.Contains(resp.Header.Get("Content-Type"), "html"):
		start, _ := io.ReadAll(io.LimitReader(from, 200)) // what was read says enough
		e.body = strings.Join(strings.Fields(string(start)), " ")
	case packed != "" && packed != "identity":
		e.says = fmt.Sprintf("the answer is packed as %.20q, which was not requested", packed)
	default:
		return nil
	}
	return e
}

// body reads an answer to its end, if it has one soon.
func (c *Client) body(ctx context.Context, from io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(from, lightAnswer))
	if err != nil || len(text) < lightAnswer {
		return text, err
	}
	if h, ok := ctx.Value(heavyKey{}).(*heavy); ok && !h.held {
		if err := h.turn.Take(ctx); err != nil {
			return nil, &aws.RequestCanceledError{Err: err}
		}
		h.held = true
	}
	return bounds.Read(io.MultiReader(bytes.NewReader(text), from), maxAnswer)
}

// ownClient returns a client for the SDK that ends: also for the calls that get
// credentials, which know no deadline.
func ownClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTimeout(attemptTimeout).WithTransportOptions(func(t *http.Transport) {
		t.MaxResponseHeaderBytes = maxHeader
	})
}

// unredirected makes a client follow no redirect: AWS sends none, and with one
// the session token goes elsewhere, which net/http does not know for a secret.
func unredirected(client aws.HTTPClient) aws.HTTPClient {
	stop := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	switch client := client.(type) {
	case *awshttp.BuildableClient:
		return &http.Client{Transport: client.GetTransport(), Timeout: client.GetTimeout(), CheckRedirect: stop}
	case *http.Client:
		copied := *client
		copied.CheckRedirect = stop
		return &copied
	default:
		return client
	}
}
