package directorytest

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/directory/entra"
	"github.com/rolecall-dev/rolecall/internal/directory/google"
	"github.com/rolecall-dev/rolecall/internal/directory/okta"
	"github.com/rolecall-dev/rolecall/internal/hostile"
	"github.com/rolecall-dev/rolecall/internal/probe/saml"
	"github.com/rolecall-dev/rolecall/internal/probe/scim"
)

var update = flag.Bool("update", false, "write docs/idp/calls.md")

const callsPage = "../../../docs/idp/calls.md"

func documented(kind idp.Kind) []diag.CallDoc {
	return map[idp.Kind][]diag.CallDoc{idp.Okta: okta.Calls(), idp.Entra: entra.Calls(), idp.Google: google.Calls()}[kind]
}

// TestCallsPage writes the table of every call, and finds one that is stale.
func TestCallsPage(t *testing.T) {
	var page strings.Builder
	page.WriteString(`# Every call that rolecall makes to an identity provider

Generated from the code by a test (` + "`go test ./internal/directory/directorytest -run TestCallsPage -update`" + `). Nothing here writes: POST only gets an access token. What varies in a path is in braces; "reads" are the fields of the answer that rolecall looks at, and it needs no other.
`)
	for _, calls := range [][]diag.CallDoc{okta.Calls(), entra.Calls(), google.Calls(), scim.Calls(), saml.Calls()} {
		if len(calls) == 0 {
			t.Error("a connector or probe documents no call")
			continue
		}
		fmt.Fprintf(&page, "\n## %s\n\n| call | asked for | query | reads | needs | source |\n|---|---|---|---|---|---|\n", calls[0].System)
		for _, c := range calls {
			for what, text := range map[string]string{"operation": c.Operation, "purpose": c.For, "scope": c.Scope, "source": c.Source, "date": c.Dated} {
				if text == "" {
					t.Errorf("%s %s has no %s", c.System, c.Path, what)
				}
			}
			needs := c.Scope
			if c.License != "" {
				needs += "; " + c.License
			}
			fmt.Fprintf(&page, "| `%s %s%s` | %s | %s | %s | %s | %s, %s |\n", c.Method, c.Host, c.Path, c.For, ticked(c.Query), ticked(c.Fields), needs, c.Source, c.Dated)
		}
	}
	if *update {
		must(t, os.WriteFile(callsPage, []byte(page.String()), 0o644))
	}
	have, err := os.ReadFile(callsPage)
	must(t, err)
	if string(have) != page.String() {
		t.Error("docs/idp/calls.md is stale: go test ./internal/directory/directorytest -run TestCallsPage -update")
	}
}

func ticked(names []string) string {
	var out []string
	for _, name := range names {
		out = append(out, "`"+strings.ReplaceAll(name, "|", "\\|")+"`")
	}
	return strings.Join(out, ", ")
}

// only is a transport that takes out of each answer what the table does not say
// is read, and keeps which rows were used, with which parameters.
type only struct {
	t    *testing.T
	to   http.RoundTripper
	docs []diag.CallDoc

	mu   sync.Mutex
	used map[string]map[string]bool // operation and path: parameters
}

func (o *only) RoundTrip(r *http.Request) (*http.Response, error) {
	row, ok := o.row(r)
	answer, err := o.to.RoundTrip(r)
	if err != nil || !ok || answer.StatusCode != http.StatusOK {
		return answer, err
	}
	return answer, hostile.KeepFields(answer, row.Fields)
}

// row finds the row of a request; there has to be one.
func (o *only) row(r *http.Request) (diag.CallDoc, bool) {
	var found []diag.CallDoc
	for _, c := range o.docs {
		if c.Method == r.Method && samePath(c.Path, r.URL.EscapedPath()) && within(r.URL.Query(), c.Query) {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		o.t.Errorf("nothing documents %s %s", r.Method, r.URL.RequestURI())
		return diag.CallDoc{}, false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	key := found[0].Operation + " " + found[0].Path
	if o.used[key] == nil {
		o.used[key] = map[string]bool{}
	}
	for name := range r.URL.Query() {
		o.used[key][name] = true
	}
	return found[0], true
}

func within(sent url.Values, names []string) bool {
	for name := range sent {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return true
}

// samePath compares a path with a pattern, element by element; what varies is in
// braces.
func samePath(pattern, path string) bool {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, have, func(want, have string) bool {
		before, rest, varies := strings.Cut(want, "{")
		_, after, _ := strings.Cut(rest, "}")
		return want == have || varies && strings.HasPrefix(have, before) && strings.HasSuffix(have, after)
	})
}

// TestCallsTable asks everything, of directories with people and groups and in
// the recorded worlds: each call has its row, which names all that is read of the
// answer, and each row is used.
func TestCallsTable(t *testing.T) {
	each(t, once(), func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			r := v.rig(t)
			o := &only{t: t, to: r.api, docs: documented(v.kind), used: map[string]map[string]bool{}}
			through, err := v.open(r.settings, &http.Client{Transport: o}, r.budgets)
			must(t, err)
			r.populate()
			whole, err := v.open(r.settings, r.client, r.budgets)
			must(t, err)
			if all, some := answers(t, r, whole), answers(t, r, through); all != some {
				t.Errorf("the table does not name all fields that are read:\n%s\n%s", all, some)
			}
			o.worlds(t, v.kind)
			if v.kind == idp.Okta {
				o.oktaCalls(t)
			}
			for _, c := range o.docs {
				used := o.used[c.Operation+" "+c.Path]
				if used == nil {
					t.Errorf("no call is %s %s", c.Method, c.Path)
				}
				sent := slices.Sorted(maps.Keys(used))
				if want := slices.DeleteFunc(slices.Clone(c.Query), func(name string) bool { return name == "pageToken" && !used[name] }); !slices.Equal(sent, want) { // Google's, which is sent where there is a further page
					t.Errorf("%s %s: sent %q, documented %q", c.Method, c.Path, sent, c.Query)
				}
			}
		})
	})
}

// populate fills the directory with some of everything that can be read.
func (r *rig) populate() {
	r.t.Helper()
	ctx := r.t.Context()
	ann, bob := r.person("ann@company.com"), r.person("bob@company.com", func(u *idp.User) { u.Email = "robert@company.com" })
	admins := r.group("Admins", ann)
	if r.idp.Snapshot().Kind != idp.Okta {
		must(r.t, r.idp.AddMember(ctx, admins, r.group("Inner", bob)))
	}
	must(r.t, r.idp.Assign(ctx, idp.UserPrincipal, ann))
	must(r.t, r.idp.Assign(ctx, idp.GroupPrincipal, admins))
	_ = r.idp.PushGroup(ctx, admins, true) // where the kind has such
	r.sync()
	r.api.FailSignIn(vendorapi.SignInFailure{UserID: ann, Code: map[idp.Kind]string{idp.Entra: "50105"}[r.idp.Snapshot().Kind]})
	r.api.SignIn(ann)
}

// answers puts every question of a connector's and returns the answers without
// their evidence, whose request ids never are the same.
func answers(t *testing.T, r *rig, d directory.Directory) string {
	t.Helper()
	ann, _ := r.idp.FindUser("ann@company.com")
	admins, _ := r.idp.FindGroup("Admins")
	var all []any
	for _, answer := range everyAnswer(t, d, ann.ID, admins.ID) {
		var value any
		must(t, json.Unmarshal([]byte(text(t, answer)), &value))
		if m, ok := value.(map[string]any); ok {
			delete(m, "evidence")
		}
		all = append(all, value)
	}
	return text(t, all)
}

// everyAnswer returns all that a connector can answer.
func everyAnswer(t *testing.T, dir directory.Directory, person, group string) []any {
	t.Helper()
	var all []any
	askAll(t.Context(), dir, person, group, func(answer any, err error) {
		t.Helper()
		must(t, err)
		all = append(all, answer)
	})
	return all
}

// worlds asks in the recorded worlds of the vendor, through the table.
func (o *only) worlds(t *testing.T, kind idp.Kind) {
	t.Helper()
	files, err := filepath.Glob("../../../testdata/vendors/" + string(kind) + "-*.json")
	must(t, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		must(t, err)
		w := recorded{}
		must(t, json.Unmarshal(content, &w))
		o.to = &w
		w.run(t, o)
	}
}
