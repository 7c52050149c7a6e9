package iam_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/cli"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

func TestMain(m *testing.M) {
	centertest.BeforeBubbles()
	os.Exit(m.Run())
}

// Three configs, between which everything is made, changed and removed; and one
// whose people come over SCIM.
const (
	first = `
users = [
  { display_name = "Ann", email = "ann@x.com", given_name = "A", family_name = "N", groups = ["Alpha"] },
  { display_name = "Bob", email = "bob@x.com", given_name = "B", family_name = "B", groups = ["Alpha", "Beta"] },
]
access_groups = [
  { name = "Alpha", description = "a", accounts_names = ["development", "staging", "production"], aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    customer_managed_policies = ["edge"], permissions_boundary = "edge", tags = { team = "a" },
    inline_policies = [{ name = "p", statements = [{ effect = "Deny", actions = ["s3:*"], resources = ["*"] }] }] },
  { name = "Beta", description = "b", accounts_names = ["development"], aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] },
]
`
	late = `access_groups = [
  { name = "Late", description = "l", accounts_names = ["development"], customer_managed_policies = ["nowhere"], members = ["ann@x.com"] },
`
	// lacking asks for a set of others, which the group does not hold.
	lacking = `
access_groups = [
  { name = "Alpha", description = "a", accounts_names = ["development"], aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    permission_set_name = "Theirs", members = ["ann@x.com"] },
]
`
	second = `
users = [
  { display_name = "Anna", email = "ann@x.com", given_name = "A", family_name = "N" },
  { display_name = "Cat", email = "cat@x.com", given_name = "C", family_name = "C", groups = ["Alpha"] },
]
removed_users = ["bob@x.com"]
access_groups = [
  { name = "Alpha", description = "other", accounts_names = ["production"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"],
    session_duration = "PT2H", tags = { stage = "b" } },
]
`
	third = `
access_groups = []
removed_users = ["ann@x.com", "cat@x.com"]
`
	scim = `
management_mode = "external"
scim_identity_source = "Okta"
scim_scope = "users"
access_groups = [
  { name = "Gamma", description = "c", accounts_names = ["development"], aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"], members = ["dan@x.com"] },
]
`
)

// session is a caller who may do what a policy says and nothing else.
type session struct {
	t   *testing.T
	em  *emulator.Emulator
	dir string
	// called is what each command asked AWS for.
	called map[string]map[string]bool
}

func estate(key, account string, denied []string) *emulator.Estate {
	e := &emulator.Estate{
		Organization:            &emulator.EstateOrganization{Management: "management"},
		DelegatedAdministrators: []emulator.EstateDelegate{{Account: "security"}},
		Callers:                 []emulator.EstateCaller{{AccessKey: key, Account: account, Denied: denied}},
	}
	for i, name := range []string{"management", "security", "development", "staging", "production"} {
		e.Accounts = append(e.Accounts, emulator.EstateAccount{ID: fmt.Sprintf("%d00000000000", i+1), Name: name, CustomerManagedPolicies: []string{"edge"}})
	}
	for i := range 300 { // so many that a few are looked up, not listed
		e.Users = append(e.Users, emulator.EstateUser{UserName: fmt.Sprintf("person%03d@x.com", i), Source: emulator.FromSCIM})
	}
	e.Users = append(e.Users, emulator.EstateUser{UserName: "dan@x.com", Source: emulator.FromSCIM})
	e.Groups = []emulator.EstateGroup{{DisplayName: "Theirs", Members: []string{"dan@x.com"}}}
	e.PermissionSets = []emulator.EstatePermissionSet{{Name: "Theirs"}}
	e.Assignments = []emulator.EstateAssignment{{PermissionSet: "Theirs", Accounts: []string{"development"}, Group: "Theirs"}}
	return e
}

const accessKey = "AKIAEMULATORPOLICY00"

// run runs a command line; the emulator refuses whatever the policy does not allow.
func (s *session) run(ctx context.Context, way http.RoundTripper, args ...string) (code int, output string) {
	var out bytes.Buffer
	before := s.em.Stats().Calls
	code = cli.Main(ctx, args, cli.System{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" },
		AWS: func(o *identitycenter.Options) {
			o.Region, o.HTTPClient, o.Cache = "us-east-1", &http.Client{Transport: way}, nil
			o.Credentials = credentials.NewStaticCredentialsProvider(accessKey, "secret", "")
		},
	})
	for name, n := range s.em.Stats().Calls {
		if n == before[name] {
			continue
		}
		if s.called[args[0]] == nil {
			s.called[args[0]] = map[string]bool{}
		}
		s.called[args[0]][name] = true
	}
	return code, out.String()
}

func (s *session) must(code int, args ...string) {
	s.t.Helper()
	if got, output := s.run(s.t.Context(), s.em.Transport(), args...); got != code {
		s.t.Fatalf("rolecall %s: exit code %d, want %d\n%s", strings.Join(args, " "), got, code, output)
	}
}

func (s *session) config(text string) {
	s.t.Helper()
	for name, text := range map[string]string{"terraform.tfvars": text, "rolecall.hcl": "owner = \"" + owner + "\"\n"} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

// denied returns what a policy does not allow of what the code calls.
func denied(t *testing.T, policy string) []string {
	allowed := actionsOf(t, policy)
	var out []string
	for _, o := range identitycenter.Operations() {
		if o.Family != identitycenter.STS && !slices.Contains(allowed, o.IAMAction()) {
			out = append(out, o.IAMAction())
		}
	}
	return out
}

// dying is the way to AWS of a process that dies once it has made a set.
type dying struct {
	inner http.RoundTripper
	die   func()
	dead  atomic.Bool
}

func (d *dying) RoundTrip(r *http.Request) (*http.Response, error) {
	if d.dead.Load() {
		return nil, syscall.ECONNRESET
	}
	answer, err := d.inner.RoundTrip(r)
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListPermissionSets") {
		d.dead.Store(true)
		d.die()
	}
	return answer, err
}

// With exactly the actions of its policy, each command does all that it is for;
// and each action that a command is said to need, it calls.
func TestCommandsWithTheirPolicies(t *testing.T) {
	accounts := map[string]string{"management": "management", "delegated": "security"}
	for _, p := range places() {
		t.Run(p.name, func(t *testing.T) {
			called := map[string]map[string]bool{}
			for _, kind := range []string{"read", "apply"} {
				synctest.Test(t, func(t *testing.T) {
					em, err := emulator.New(emulator.Options{Seed: 1, Estate: estate(accessKey, accounts[p.file], denied(t, kind+"-"+p.file+".json"))})
					if err != nil {
						t.Fatal(err)
					}
					s := &session{t: t, em: em, dir: t.TempDir(), called: called}
					if kind == "read" {
						s.reads()
					} else {
						s.applies(p)
					}
				})
			}
			checkCalled(t, p, called)
		})
	}
}

// reads plans and verifies, by every way of reading.
func (s *session) reads() {
	s.config(lacking) // a member who is nobody's yet is looked up by name, whatever else is found first
	s.must(6, "verify", s.dir)
	s.config(first)
	s.must(6, "verify", s.dir)
	s.must(2, "plan", s.dir, "--detailed-exitcode")
	s.must(2, "plan", s.dir, "--detailed-exitcode", "--deep")
	s.must(2, "plan", s.dir, "--detailed-exitcode", "--only", "Alpha")
	if code, output := s.run(s.t.Context(), s.em.Transport(), "apply", s.dir, "--auto-approve"); code != 4 || len(s.em.State().Instances[0].Groups) != 1 {
		s.t.Errorf("apply with the policy for reading: exit code %d, want 4\n%s", code, output)
	}
	delete(s.called, "apply")
}

// applies makes, changes and removes everything.
func (s *session) applies(p place) {
	t, saved := s.t, filepath.Join(s.dir, "saved.plan")
	yes := []string{"--auto-approve", "--allow-removals", "--allow-lockout", "--deep"}
	s.config(first)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.run(ctx, &dying{inner: s.em.Transport(), die: cancel}, "apply", s.dir, "--auto-approve")
	s.must(0, "unlock", s.dir, "--auto-approve")
	s.must(0, append([]string{"apply", s.dir}, yes...)...)
	s.must(0, "plan", s.dir, "--detailed-exitcode", "--deep")
	s.must(0, "plan", s.dir, "--detailed-exitcode", "--only", "Alpha")
	s.must(0, "apply", s.dir, "--auto-approve", "--only", "Alpha")
	s.must(0, "verify", s.dir)
	s.accesses()
	// Of a group that is missing its permission set is asked what it is called now.
	s.config(strings.Replace(first, `name = "Alpha"`, `name = "Alphabet", permission_set_name = "Alpha"`, 1))
	s.must(6, "verify", s.dir)
	if slices.Contains(p.readers, "doctor") {
		s.must(7, "doctor", "group", "Alphabet", "--config", s.dir)
	}
	s.config(first)
	if slices.Contains(p.readers, "doctor") {
		s.must(0, "doctor", "--config", s.dir)
		s.must(0, "doctor", "group", "Alpha", "--config", s.dir)
		s.must(0, "doctor", "user", "ann@x.com", "--config", s.dir, "--account", "development")
		s.must(0, "doctor", "user", "ann@x.com", "--config", s.dir, "--account", "300000000000")
		s.must(7, "doctor", "user", "anne@x.com", "--config", s.dir, "--scan")
		s.must(7, "doctor", "group", "Alphas", "--config", s.dir, "--scan")
		s.config(lacking)
		s.must(7, "doctor", "user", "ann@x.com", "--config", s.dir, "--account", "development")
		// An assignment that failed is looked into.
		s.config(strings.Replace(first, "access_groups = [\n", late, 1))
		s.must(3, append([]string{"apply", s.dir}, yes...)...)
		s.must(7, "doctor", "group", "Late", "--config", s.dir, "--account", "development")
		s.must(7, "doctor", "user", "ann@x.com", "--config", s.dir, "--account", "development")
		s.config(first)
		s.must(0, append([]string{"apply", s.dir}, yes...)...)
	}
	s.config(second)
	// An answer that is lost has to be made good: is the membership there?
	lost := emulator.Fault{Operation: "identitystore.CreateGroupMembership", Kind: emulator.LoseAnswer, Call: 1}
	if err := s.em.SetFaults(lost); err != nil {
		t.Fatal(err)
	}
	s.must(0, "plan", s.dir, "--out", saved, "--allow-removals", "--allow-lockout", "--deep")
	s.must(0, "apply", saved, "--auto-approve")
	s.em.ClearFaults()
	s.must(0, "plan", s.dir, "--detailed-exitcode")
	s.config(third)
	s.must(0, append([]string{"apply", s.dir}, yes...)...)
	s.orphan(yes)
	s.config(scim)
	s.must(0, append([]string{"apply", s.dir}, yes...)...)
	s.must(0, "plan", s.dir, "--detailed-exitcode")
	s.must(0, "verify", s.dir)
	s.config("management_mode = \"external\"\nscim_identity_source = \"Okta\"\nscim_scope = \"users\"\naccess_groups = []\n")
	s.must(0, append([]string{"apply", s.dir}, yes...)...)
	if i := s.em.State().Instances[0]; len(i.Assignments) != 1 || len(i.PermissionSets) != 1 || len(i.Groups) != 1 {
		t.Errorf("left: %d assignments, %d sets, %d groups; want those of others", len(i.Assignments), len(i.PermissionSets), len(i.Groups))
	}
}

// orphan has AWS fail to remove an assignment of a group that somebody deleted:
// a plan then asks AWS for what it said, and a month later tries again.
func (s *session) orphan(yes []string) {
	t := s.t
	s.config(`access_groups = [{ name = "Beta", description = "b", accounts_names = ["development"], aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }]`)
	s.must(0, append([]string{"apply", s.dir}, yes...)...)
	i := s.em.State().Instances[0]
	at := slices.IndexFunc(i.Groups, func(g emulator.StateGroup) bool { return g.DisplayName == "Beta" })
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://emulator.invalid", strings.NewReader(fmt.Sprintf(`{"IdentityStoreId":%q,"GroupId":%q}`, i.IdentityStoreID, i.Groups[at].ID)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "AWSIdentityStore.DeleteGroup")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+emulator.ManagementKey+"/20260101/us-east-1/identitystore/aws4_request, SignedHeaders=host, Signature=00")
	if answer, err := s.em.Transport().RoundTrip(r); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("delete group: %v %v", answer, err)
	}
	stays := emulator.Fault{Operation: "sso-admin.DeleteAccountAssignment", Kind: emulator.FailJob, Reason: "Received a 404 status error: the GROUP assignee x was not found in directory d-x"}
	if err := s.em.SetFaults(stays); err != nil {
		t.Fatal(err)
	}
	s.config("access_groups = []\n")
	s.must(0, append([]string{"apply", s.dir}, yes...)...)
	s.must(0, "plan", s.dir, "--detailed-exitcode")
	s.em.ClearFaults()
	time.Sleep(31 * 24 * time.Hour)
	s.must(0, append([]string{"apply", s.dir}, yes...)...)
}

// accesses looks who has what, in every way.
func (s *session) accesses() {
	for _, args := range [][]string{{"user", "ann@x.com"}, {"user", "dan@x.com"}, {"group", "Alpha"}, {"account", "development"}, {"account", "300000000000"}} {
		s.must(0, append([]string{"access"}, args...)...)
	}
	s.must(1, "access", "user", "nobody@x.com", "--scan")
	s.must(1, "access", "group", "Nobody")
}

// checkCalled compares what AWS saw of each command with what the table says.
func checkCalled(t *testing.T, p place, called map[string]map[string]bool) {
	t.Helper()
	for _, command := range commands {
		for _, o := range operations() {
			name := o.Family + "." + o.Name
			said := p.calls(command, o) && (command != "doctor" || slices.Contains(p.readers, command))
			switch {
			case called[command][name] && !said:
				t.Errorf("%s calls %s, and the table does not say so", command, name)
			case said && !called[command][name]:
				t.Errorf("%s is said to call %s, and did not", command, name)
			}
		}
	}
}
