package cli

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

const widened = `users = [{ display_name = "Ann", email = "ann@example.com", username = "ann", given_name = "A", family_name = "N", groups = [] }]
access_groups = [{ name = "Team", description = "t", accounts_names = ["production"], members = ["ann"], aws_managed_policies = ["arn:aws:iam::aws:policy/%s"] }]
`

// late answers after a while, and lets something happen before.
type late struct {
	after   time.Duration
	happens func()
	answer  io.Reader
}

func (l *late) Read(p []byte) (int, error) {
	if l.happens != nil {
		time.Sleep(l.after)
		l.happens()
		l.happens = nil
	}
	return l.answer.Read(p)
}

// Whoever comes into a group while the question is open gets nothing by a late
// yes: the plan is made again, and what it would do now is no longer what was
// approved. An answer within a minute, and one after which nothing has changed,
// are carried out.
func TestLateYes(t *testing.T) {
	for _, c := range []struct {
		name  string
		after time.Duration
		comes bool
		code  ExitCode
	}{
		{"at once", time.Second, false, Done},
		{"late, and nothing has changed", time.Hour, false, Done},
		{"late, and somebody came into the group", time.Hour, true, PartlyApplied},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("XDG_CACHE_HOME", t.TempDir())
			synctest.Test(t, func(t *testing.T) {
				e, err := emulator.New(emulator.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if code, out := answer(t, e, dir, "ReadOnlyAccess", "--auto-approve", strings.NewReader("")); code != Done {
					t.Fatalf("the first apply: exit code %d\n%s", code, out)
				}
				stdin := &late{c.after, func() {
					if c.comes {
						joins(t, e, "john.miller@company.com")
					}
				}, strings.NewReader("yes\n")}
				code, out := answer(t, e, dir, "AdministratorAccess", "--allow-removals", stdin)
				if code != c.code {
					t.Errorf("exit code %d\n%s", code, out)
				}
				for _, say := range []string{"john.miller@company.com\" from group \"Team\": not in the approved plan", "nothing was written"} {
					if strings.Contains(out, say) != c.comes {
						t.Errorf("whether it says %q is not %t:\n%s", say, c.comes, out)
					}
				}
			})
		})
	}
}

// answer applies the config with one policy.
func answer(t *testing.T, e *emulator.Emulator, dir, policy, flag string, stdin io.Reader) (ExitCode, string) {
	t.Helper()
	for name, text := range map[string]string{"terraform.tfvars": strings.Replace(widened, "%s", policy, 1), "rolecall.hcl": `owner = "tests"`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	code := run(t.Context(), []string{"apply", dir, flag}, System{Stdin: stdin, Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" },
		AWS: func(o *identitycenter.Options) {
			o.Region, o.HTTPClient = "us-east-1", &http.Client{Transport: e.Transport()}
			o.Credentials = credentials.NewStaticCredentialsProvider(emulator.ManagementKey, "secret", "")
		}})
	return code, out.String()
}

// joins puts somebody into the group of ours, as somebody in the console does.
func joins(t *testing.T, e *emulator.Emulator, person string) {
	store := identitystore.New(identitystore.Options{Region: "us-east-1", HTTPClient: &http.Client{Transport: e.Transport()},
		Credentials: credentials.NewStaticCredentialsProvider(emulator.ManagementKey, "secret", "")})
	have := e.State().Instances[0]
	group := slices.IndexFunc(have.Groups, func(g emulator.StateGroup) bool { return g.DisplayName == "Team" })
	user := slices.IndexFunc(have.Users, func(u emulator.StateUser) bool { return u.UserName == person })
	_, err := store.CreateGroupMembership(t.Context(), &identitystore.CreateGroupMembershipInput{IdentityStoreId: &have.IdentityStoreID,
		GroupId: &have.Groups[group].ID, MemberId: &types.MemberIdMemberUserId{Value: have.Users[user].ID}})
	if err != nil {
		t.Fatal(err)
	}
}
