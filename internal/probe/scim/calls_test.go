package scim_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/hostile"
	"github.com/rolecall-dev/rolecall/internal/probe/scim"
)

// only takes out of each answer what the table does not say is read.
type only struct {
	t    *testing.T
	to   http.RoundTripper
	less string // a field that goes too
	used map[string]bool
}

func (o *only) RoundTrip(r *http.Request) (*http.Response, error) {
	at := slices.IndexFunc(scim.Calls(), func(c diag.CallDoc) bool { return strings.HasSuffix(r.URL.Path, "/"+c.Operation) })
	if at < 0 {
		o.t.Fatalf("nothing documents %s", r.URL)
	}
	c := scim.Calls()[at]
	o.used[c.Operation] = true
	if query := slices.Sorted(maps.Keys(r.URL.Query())); r.Method != c.Method || !slices.Equal(query, c.Query) || strings.Count(r.URL.Path, "/") != strings.Count(c.Path, "/") || r.URL.Host != strings.Replace(c.Host, "{region}", "us-east-1", 1) {
		o.t.Errorf("%s %s is not %s %s%s with %q", r.Method, r.URL, c.Method, c.Host, c.Path, c.Query)
	}
	answer, err := o.to.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	fields := slices.DeleteFunc(slices.Clone(c.Fields), func(f string) bool { return f == o.less })
	return answer, hostile.KeepFields(answer, fields)
}

// TestCallsTable asks everything with only what the table says is read, and with
// one field less, which makes a difference.
func TestCallsTable(t *testing.T) {
	e, _ := emulated(t)
	ask := func(through http.RoundTripper) []any {
		c, err := scim.New(scim.Options{Endpoint: "https://scim.us-east-1.amazonaws.com" + pathOf(e), Token: scim.NewToken(e.SCIM().Token), HTTPClient: through})
		if err != nil {
			t.Fatal(err)
		}
		users, asked := c.Users(t.Context(), "jane.smith@company.com")
		groups, about := c.Groups(t.Context(), "AWS-Development-Team")
		return []any{c.Config(t.Context()).Failure, users, asked.Failure, groups, about.Failure}
	}
	o := &only{t: t, to: withExternalIDs{e}, used: map[string]bool{}}
	whole := ask(withExternalIDs{e})
	if got := ask(o); !reflect.DeepEqual(got, whole) {
		t.Errorf("the table does not name all fields that are read:\n%+v\n%+v", whole, got)
	}
	for _, c := range scim.Calls() {
		if !o.used[c.Operation] || c.Scope == "" || c.For == "" || c.Source == "" || c.Dated == "" {
			t.Errorf("%+v", c)
		}
		for _, field := range c.Fields {
			less := &only{t: t, to: withExternalIDs{e}, less: field, used: map[string]bool{}}
			if got := ask(less); reflect.DeepEqual(got, whole) {
				t.Errorf("%s %s is not read", c.Operation, field)
			}
		}
	}
}

// withExternalIDs answers as the emulator does, and gives everything an external
// id.
type withExternalIDs struct{ e *emulator.Emulator }

func (w withExternalIDs) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := w.e.Transport().RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	body = bytes.ReplaceAll(body, []byte(`"Resources":[{`), []byte(`"Resources":[{"externalId":"00u1",`))
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, err
}
