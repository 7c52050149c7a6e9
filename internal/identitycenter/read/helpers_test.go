package read

import (
	"flag"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// reader returns a reader of an emulator, with an access key.
func reader(t *testing.T, e *emulator.Emulator, key string) *Reader {
	t.Helper()
	return New(centertest.Client(t, e, key))
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// checkFinding makes sure that an error is one finding with a hint.
func checkFinding(t *testing.T, err error, code diag.Code, contains string) {
	t.Helper()
	list := diag.FromError(err)
	if len(list) != 1 {
		t.Fatalf("err = %v, want one finding", err)
	}
	d := list[0]
	if d.Code != code || d.Hint == "" || d.Severity != diag.Error {
		t.Errorf("finding %+v, want the code %s and a hint", d, code)
	}
	if text := d.Summary + d.Detail + d.Hint; !strings.Contains(text, contains) {
		t.Errorf("%q is not said: %s", contains, text)
	}
}

// fewerChecks lowers the number of cases of a costly property, unless
// -rapid.checks says how many.
func fewerChecks(t *testing.T, n string) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f == checks })
	if given {
		return
	}
	usual := checks.Value.String()
	if err := checks.Value.Set(n); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = checks.Value.Set(usual) }) // it was valid before
}

// refused is AWS's answer to a call that it does not take.
func refused(r *http.Request, code string) *http.Response {
	return &http.Response{
		StatusCode: http.StatusBadRequest, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		Body: io.NopCloser(strings.NewReader(`{"__type":"` + code + `","Message":"not from here"}`)),
	}
}
