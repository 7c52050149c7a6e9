package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/cli"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/setcache"
)

func TestMain(m *testing.M) {
	centertest.BeforeBubbles()
	os.Exit(m.Run())
}

const (
	region  = "us-east-1"
	tps     = 20.0
	atOnce  = 10
	latency = 3 * time.Second
)

// cloud is an AWS at AWS's limits, and the machine from which it is used.
type cloud struct {
	t     *testing.T
	em    *emulator.Emulator
	key   string
	dir   string // has the config
	cache string // "" where nothing is remembered
}

// newCloud has the accounts account-000 to account-NNN, a management account
// and a delegated administrator, and what is in the instance already.
func newCloud(t *testing.T, accounts int, contents emulator.EstateContents, o emulator.Options) *cloud {
	t.Helper()
	o.Estate = estateOf(accounts, contents)
	o.Limits = emulator.AWSLimits()
	if o.JobLatency.Min == 0 {
		o.JobLatency = emulator.Latency{Min: latency, Max: latency}
	}
	o.CallLog = 20_000
	o.Seed = cmp.Or(o.Seed, 1)
	em, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return &cloud{t: t, em: em, key: emulator.ManagementKey, dir: t.TempDir()}
}

// estateOf has a management account, a delegated administrator, and so many
// accounts.
func estateOf(accounts int, contents emulator.EstateContents) *emulator.Estate {
	e := &emulator.Estate{
		Organization:            &emulator.EstateOrganization{Management: "management"},
		Accounts:                []emulator.EstateAccount{{ID: "100000000000", Name: "management"}, {ID: "100000000001", Name: "security"}},
		DelegatedAdministrators: []emulator.EstateDelegate{{Account: "security"}},
		EstateContents:          contents,
		Quotas:                  emulator.Quotas{PermissionSets: 4000}, // raised: a lock needs a place beside 3,500 sets
	}
	for i, name := range accountNames(accounts) {
		e.Accounts = append(e.Accounts, emulator.EstateAccount{ID: fmt.Sprintf("2%011d", i), Name: name, CustomerManagedPolicies: []string{"edge"}})
	}
	return e
}

func accountNames(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("account-%03d", i)
	}
	return out
}

// group is a group of a config, with a permission set of its own.
type group struct {
	name     string
	accounts int // the first so many
	policies []string
	customer []string
}

func groups(n, accounts int) []group {
	out := make([]group, n)
	for i := range out {
		out[i] = group{name: fmt.Sprintf("group-%02d", i), accounts: accounts, policies: []string{"ReadOnlyAccess"}}
	}
	return out
}

// write makes the config say these groups.
func (c *cloud) write(list []group) {
	c.t.Helper()
	var b strings.Builder
	b.WriteString("access_groups = [\n")
	for _, g := range list {
		var arns []string
		for _, p := range g.policies {
			arns = append(arns, "arn:aws:iam::aws:policy/"+p)
		}
		fmt.Fprintf(&b, "  {\n    name = %q\n    description = \"measured\"\n    accounts_names = %s\n    aws_managed_policies = %s\n    customer_managed_policies = %s\n  },\n",
			g.name, list2hcl(accountNames(g.accounts)), list2hcl(arns), list2hcl(g.customer))
	}
	b.WriteString("]\n")
	c.writeText(b.String())
}

func (c *cloud) writeText(config string) {
	c.t.Helper()
	for name, text := range map[string]string{"terraform.tfvars": config, "rolecall.hcl": "owner = \"platform\"\n"} {
		if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
			c.t.Fatal(err)
		}
	}
}

func list2hcl(list []string) string {
	text, _ := json.Marshal(list) // strings always can
	if list == nil {
		return "[]"
	}
	return string(text)
}

// done is how a command line ended.
type done struct {
	code   int
	stdout string
	stderr string
	took   time.Duration
	calls  map[string]int // what AWS saw of it, by service.Operation
}

// sso counts the calls of sso-admin.
func (d done) sso() int { return family(d.calls, "sso-admin.") }

func family(calls map[string]int, prefix string) int {
	n := 0
	for name, count := range calls {
		if strings.HasPrefix(name, prefix) {
			n += count
		}
	}
	return n
}

// rolecall runs a command line as the program does, at AWS's own limit.
func (c *cloud) rolecall(args ...string) done {
	return c.rolecallBy(c.t.Context(), c.em.Transport(), nil, args...)
}

// rolecallBy runs it with another way to AWS, and tells each line of stderr.
func (c *cloud) rolecallBy(ctx context.Context, way http.RoundTripper, line func(string), args ...string) done {
	var stdout bytes.Buffer
	stderr := &lines{tell: line}
	before, began := c.em.Stats().Calls, time.Now()
	code := cli.Main(ctx, append(args, "--max-tps", fmt.Sprint(tps)), cli.System{
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: stderr, Getenv: func(string) string { return "" },
		AWS: func(o *identitycenter.Options) {
			o.Region, o.HTTPClient = region, &http.Client{Transport: way}
			o.Credentials = credentials.NewStaticCredentialsProvider(c.key, "secret", "")
			o.Cache = nil
			if c.cache != "" {
				o.Cache = setcache.Folder{Dir: c.cache}
			}
		},
	})
	d := done{code: code, stdout: stdout.String(), stderr: stderr.all.String(), took: time.Since(began), calls: c.em.Stats().Calls}
	for name, n := range before {
		d.calls[name] -= n
	}
	return d
}

// rest is how long AWS's buckets of calls need to be full again: each
// measurement begins with full ones.
const rest = 5 * time.Second

// must runs a command line that has to end with this exit code.
func (c *cloud) must(code int, args ...string) done {
	c.t.Helper()
	time.Sleep(rest)
	d := c.rolecall(args...)
	if d.code != code {
		c.t.Fatalf("rolecall %s: exit code %d, want %d\n%s\n%s", strings.Join(args, " "), d.code, code, d.stdout, d.stderr)
	}
	return d
}

func (c *cloud) apply(more ...string) done {
	c.t.Helper()
	return c.must(0, append([]string{"apply", c.dir, "--auto-approve"}, more...)...)
}

// noChange is a plan that must find nothing to do.
func (c *cloud) noChange(more ...string) done {
	c.t.Helper()
	return c.must(0, append([]string{"plan", c.dir, "--detailed-exitcode"}, more...)...)
}

// record writes the records that an apply of the groups leaves.
func (c *cloud) record(list []group) {
	c.t.Helper()
	state := c.em.State()
	ids := map[string]string{}
	for _, a := range state.Accounts {
		ids[a.Name] = a.ID
	}
	for _, g := range c.instance().Groups {
		ids[g.DisplayName] = g.ID
	}
	for _, p := range c.instance().PermissionSets {
		for _, g := range list {
			if g.name != p.Name {
				continue
			}
			r := access.Record{Principals: []access.RecordedPrincipal{{Kind: access.GroupPrincipal, Name: g.name, ID: ids[g.name]}}}
			for _, a := range accountNames(g.accounts) {
				r.Accounts = append(r.Accounts, access.RecordedAccount{Name: a, ID: ids[a]})
			}
			var tags []map[string]string
			for _, tag := range r.Tags("platform", p.ARN) {
				tags = append(tags, map[string]string{"Key": tag.Key, "Value": tag.Value})
			}
			time.Sleep(time.Second / tps)
			c.hand("TagResource", map[string]any{"ResourceArn": p.ARN, "Tags": tags})
		}
	}
}

// forgetRecords takes all records away, as if an earlier version had applied.
func (c *cloud) forgetRecords() {
	c.t.Helper()
	for _, p := range c.instance().PermissionSets {
		var keys []string
		for key := range p.Tags {
			if strings.HasPrefix(key, "rolecall:record") || strings.HasPrefix(key, "rolecall:principals-") || strings.HasPrefix(key, "rolecall:accounts-") {
				keys = append(keys, key)
			}
		}
		if len(keys) > 0 {
			time.Sleep(time.Second / tps)
			c.hand("UntagResource", map[string]any{"ResourceArn": p.ARN, "TagKeys": keys})
		}
	}
}

func (c *cloud) instance() emulator.StateInstance { return c.em.State().Instances[0] }

// hand asks AWS for an operation of sso-admin as somebody else would.
func (c *cloud) hand(operation string, body map[string]any) {
	c.t.Helper()
	body["InstanceArn"] = c.instance().ARN
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, "http://emulator/", bytes.NewReader(text))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "SWBExternalService."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+emulator.ManagementKey+"/20260101/"+region+"/sso/aws4_request, SignedHeaders=host, Signature=00")
	answer, err := c.em.Transport().RoundTrip(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK {
		c.t.Fatalf("%s: %s %s (%v)", operation, answer.Status, text, err)
	}
}

// lines keeps what is written and tells each whole line.
type lines struct {
	mu   sync.Mutex
	all  bytes.Buffer
	rest []byte
	tell func(string)
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all.Write(p)
	l.rest = append(l.rest, p...)
	for {
		at := bytes.IndexByte(l.rest, '\n')
		if at < 0 {
			return len(p), nil
		}
		if l.tell != nil {
			l.tell(string(l.rest[:at]))
		}
		l.rest = l.rest[at+1:]
	}
}
