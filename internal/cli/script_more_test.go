package cli_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config"
)

// modeVerb demands a file's permissions: mode 600 FILE.
func modeVerb(ts *testscript.TestScript, neg bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("mode %s, want %s", got, args[0])
	}
}

// calls demands that AWS was asked for nothing, or so often for an operation since
// its server started: calls none, calls OPERATION N.
func calls(ts *testscript.TestScript, neg bool, args []string) {
	asked := map[string]int{}
	for _, c := range running(ts).em.Calls() {
		if c.Service != "scim" { // which is the identity provider's
			asked[c.Operation]++
		}
	}
	switch {
	case len(args) == 1 && args[0] == "none":
		if len(asked) > 0 {
			ts.Fatalf("AWS was asked for %v", asked)
		}
	case len(args) == 2:
		want, err := strconv.Atoi(args[1])
		ts.Check(err)
		if asked[args[0]] != want {
			ts.Fatalf("AWS was asked for %s %d times, of %v", args[0], asked[args[0]], asked)
		}
	default:
		ts.Fatalf("usage: calls none, calls OPERATION N")
	}
}

// proxy puts something between rolecall and AWS that answers in HTML.
func proxy(ts *testscript.TestScript, neg bool, args []string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html><title>Sign in to the company proxy</title></html>")
	}))
	ts.Defer(server.Close)
	ts.Setenv("AWS_ENDPOINT_URL", server.URL)
}

// pad makes a file as large as wanted: pad FILE BYTES.
func pad(ts *testscript.TestScript, neg bool, args []string) {
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	text := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text+"#"+strings.Repeat("x", size-len(text))+"\n"), 0o644))
}

// example applies an example, plans, removes everything and plans again:
// example FOLDER.
func example(ts *testscript.TestScript, neg bool, args []string) {
	folder := ts.MkAbs("example-" + args[0])
	ts.Check(os.CopyFS(folder, os.DirFS(filepath.Join(ts.Getenv("EXAMPLES"), args[0]))))
	before := running(ts).lines()
	exit(ts, false, []string{"0", "rolecall", "apply", folder, "--auto-approve", "--max-tps", "2000"})
	exit(ts, false, []string{"0", "rolecall", "plan", folder, "--detailed-exitcode", "--deep", "--max-tps", "2000"})
	nothingLeft(ts, folder)
	exit(ts, false, []string{"0", "rolecall", "apply", folder, "--auto-approve", "--allow-removals", "--allow-lockout", "--max-tps", "2000"})
	exit(ts, false, []string{"0", "rolecall", "plan", folder, "--detailed-exitcode", "--deep", "--max-tps", "2000"})
	if after := running(ts).lines(); after != before {
		ts.Fatalf("something is left of %s:\n--- before\n%s--- after\n%s", args[0], before, after)
	}
}

// nothingLeft writes a config in place of another that wants nothing of what it
// wanted.
func nothingLeft(ts *testscript.TestScript, folder string) {
	result, _ := config.Validate(folder, config.Options{})
	text := emptyConfig(result.Config)
	ts.Check(filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == config.SettingsFile {
			return err
		}
		return os.Remove(name)
	}))
	ts.Check(os.WriteFile(filepath.Join(folder, "terraform.tfvars"), []byte(text), 0o644))
}

func emptyConfig(c access.Config) string {
	var b strings.Builder
	for key, value := range map[string]string{"management_mode": c.ManagementMode.Value, "scim_identity_source": c.SCIMIdentitySource.Value,
		"scim_scope": c.SCIMScope.Value, "identity_provider": c.IdentityProvider.Value} {
		if value != "" {
			fmt.Fprintf(&b, "%s = %q\n", key, value)
		}
	}
	switch c.SetUp() {
	case access.SCIM:
		b.WriteString("external_groups = []\n")
	default:
		b.WriteString("access_groups = []\n")
	}
	if len(c.Users.Items) > 0 {
		b.WriteString("removed_users = [\n")
		for _, u := range c.Users.Items {
			fmt.Fprintf(&b, "  %q,\n", u.UserName().Value)
		}
		b.WriteString("]\n")
	}
	return b.String()
}

// keys shows which keys the last JSON has, or demands those of a file: keys [has
// FILE].
func keys(ts *testscript.TestScript, neg bool, args []string) {
	var document any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &document))
	paths := map[string]bool{}
	collect(document, "", paths)
	if len(args) == 2 && args[0] == "has" {
		missing := slices.DeleteFunc(strings.Fields(ts.ReadFile(args[1])), func(p string) bool { return paths[p] })
		if len(missing) > 0 {
			ts.Fatalf("no longer there: %s", strings.Join(missing, ", "))
		}
		return
	}
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		fmt.Fprintln(ts.Stdout(), p)
	}
}

func collect(v any, path string, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			collect(inner, strings.TrimPrefix(path+"."+k, "."), into)
		}
	case []any:
		into[path+"[]"] = true
		for _, inner := range v {
			collect(inner, path+"[]", into)
		}
	default:
		into[path] = true
	}
}
