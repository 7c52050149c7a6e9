package emulator_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"

	"github.com/rolecall-dev/rolecall/emulator"
)

func ctx() context.Context { return context.Background() }

// documentOf makes the JSON document that identitystore's attribute values are.
func documentOf(v any) document.Interface { return document.NewLazyDocument(v) }

// signature is an Authorization header in which only key and scope matter.
func signature(key, service string) string {
	return "AWS4-HMAC-SHA256 Credential=" + key + "/20260101/us-east-1/" + service + "/aws4_request, SignedHeaders=host, Signature=00"
}

// send posts a body as is.
func (c *cloud) send(t testing.TB, headers map[string]string, body string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, "http://emulator.invalid/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", signature(emulator.ManagementKey, "sso"))
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	answer, err := c.Transport().RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

// form posts a form of the Query protocol.
func (c *cloud) form(t testing.TB, form url.Values) string {
	t.Helper()
	_, text := c.send(t, map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, form.Encode())
	return text
}

type documentType = document.Interface
