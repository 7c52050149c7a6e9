package read

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// reader returns a reader of an emulator, with an access key.
func reader(t *testing.T, e *emulator.Emulator, key string) *Reader {
	t.Helper()
	return New(centertest.Client(t, e, key))
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// refused is AWS's answer to a call that it does not take.
func refused(r *http.Request, code string) *http.Response {
	return &http.Response{
		StatusCode: http.StatusBadRequest, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		Body: io.NopCloser(strings.NewReader(`{"__type":"` + code + `","Message":"not from here"}`)),
	}
}
