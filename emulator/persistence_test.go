package emulator_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
)

// busy writes through every front end.
func busy(t *testing.T, c *cloud) {
	t.Helper()
	set := c.set(t, "Developers")
	group := must[*identitystore.CreateGroupOutput](t)(c.ids.CreateGroup(ctx(), &identitystore.CreateGroupInput{IdentityStoreId: c.store, DisplayName: aws.String("Here")})).GroupId
	_, err := c.ids.CreateGroup(ctx(), &identitystore.CreateGroupInput{IdentityStoreId: c.store, DisplayName: aws.String("here")})
	if code(err) != "ConflictException" {
		t.Fatalf("a group of the same name = %v, want ConflictException", err)
	}
	users := must[*identitystore.ListUsersOutput](t)(c.ids.ListUsers(ctx(), &identitystore.ListUsersInput{IdentityStoreId: c.store})).Users
	must[*identitystore.CreateGroupMembershipOutput](t)(c.ids.CreateGroupMembership(ctx(), &identitystore.CreateGroupMembershipInput{IdentityStoreId: c.store, GroupId: group, MemberId: &idtypes.MemberIdMemberUserId{Value: *users[0].UserId}}))
	must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, development))
	must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, production))
	for c.Stats().Outstanding.Assignments > 0 {
		time.Sleep(time.Millisecond)
	}
	must[*ssoadmin.DeleteAccountAssignmentOutput](t)(c.unassign(set, group, production))
	c.scim(t, http.MethodPost, "Users", `{"userName":"new","displayName":"New","name":{"givenName":"N","familyName":"W"},"active":true}`, http.StatusCreated)
	c.scim(t, http.MethodPost, "Users", `{"userName":"new","displayName":"New","name":{"givenName":"N","familyName":"W"},"active":true}`, http.StatusConflict)
	if err := c.Change(emulator.Change{Account: &emulator.AccountChange{Account: "staging", State: "SUSPENDED"}}); err != nil {
		t.Fatal(err)
	}
	if err := c.Change(emulator.Change{Instance: &emulator.EstateInstance{Name: "own", Owner: "production", EstateContents: emulator.EstateContents{
		Users: []emulator.EstateUser{{UserName: "someone"}},
	}}}); err != nil {
		t.Fatal(err)
	}
	c.set(t, "Last")
}

// scim sends a request of an identity provider.
func (c *cloud) scim(t testing.TB, method, path, body string, want int) {
	t.Helper()
	r, err := http.NewRequest(method, "http://emulator.invalid"+c.SCIM().Path+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.SCIM().Token)
	answer, err := c.Transport().RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != want {
		t.Fatalf("%s %s = %d, want %d", method, path, answer.StatusCode, want)
	}
}

// leave lets the journal go. Nothing is written then that a kill would lose, as
// TestKill shows.
func (c *cloud) leave(t *testing.T) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestJournalBringsEverythingBack(t *testing.T) {
	for _, latency := range []time.Duration{0, time.Millisecond} {
		dir := t.TempDir()
		c := start(t, emulator.Options{DataDir: dir, Seed: 5, JobLatency: emulator.Latency{Min: latency}})
		busy(t, c)
		for c.Stats().Outstanding.Assignments > 0 {
			time.Sleep(time.Millisecond)
		}
		want := c.State()
		c.leave(t)
		again := start(t, emulator.Options{DataDir: dir, Seed: 99, JobLatency: emulator.Latency{Min: time.Hour}})
		if diff := cmp.Diff(want, again.State()); diff != "" {
			t.Errorf("state after a restart (-before +after):\n%s", diff)
		}
		again.set(t, "More")
		again.leave(t)
		third := start(t, emulator.Options{DataDir: dir})
		if diff := cmp.Diff(again.State(), third.State()); diff != "" {
			t.Errorf("state after a second restart (-before +after):\n%s", diff)
		}
	}
}

// TestRefusedWritesAreNotReplayed: a wrong token is refused, and a restart, which
// knows no tokens, does not carry the request out after all.
func TestRefusedWritesAreNotReplayed(t *testing.T) {
	dir := t.TempDir()
	c := start(t, emulator.Options{DataDir: dir})
	want := c.State()
	r, err := http.NewRequest(http.MethodPost, "http://emulator.invalid"+c.SCIM().Path+"Users",
		strings.NewReader(`{"userName":"new","displayName":"New","name":{"givenName":"N","familyName":"W"}}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer wrong")
	if answer, err := c.Transport().RoundTrip(r); err != nil || answer.StatusCode != http.StatusUnauthorized {
		t.Fatalf("answer = %v, %v", answer, err)
	}
	c.leave(t)
	if diff := cmp.Diff(want, start(t, emulator.Options{DataDir: dir}).State()); diff != "" {
		t.Errorf("state after a restart (-before +after):\n%s", diff)
	}
}

func TestResetEmptiesTheJournal(t *testing.T) {
	dir := t.TempDir()
	c := start(t, emulator.Options{DataDir: dir})
	want := c.State()
	busy(t, c)
	if err := c.Reset(); err != nil {
		t.Fatal(err)
	}
	c.leave(t)
	if diff := cmp.Diff(want, start(t, emulator.Options{DataDir: dir}).State()); diff != "" {
		t.Errorf("state after reset and restart (-first +after):\n%s", diff)
	}
}

// TestTornJournal cuts the journal at each of its bytes behind the header: the
// emulator starts and has what was whole.
func TestTornJournal(t *testing.T) {
	dir := t.TempDir()
	c := start(t, emulator.Options{DataDir: dir})
	header := size(t, dir)
	c.set(t, "One")
	one := size(t, dir)
	c.set(t, "Two")
	text, err := os.ReadFile(filepath.Join(dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	for cut := header; cut <= int64(len(text)); cut += 7 {
		torn := t.TempDir()
		if err := os.WriteFile(filepath.Join(torn, "journal"), text[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		want := ""
		switch {
		case cut == int64(len(text)):
			want = "One Two"
		case cut >= one:
			want = "One"
		}
		again := start(t, emulator.Options{DataDir: torn})
		if got := again.names(); got != want {
			t.Errorf("cut at %d: sets = %q, want %q", cut, got, want)
		}
		if whole := cut == header || cut == one || cut == int64(len(text)); whole != (again.Torn() == "") {
			t.Errorf("cut at %d: said %q", cut, again.Torn())
		}
	}
}

// TestDamagedJournal: whatever became of a journal but a torn end is an error that
// names the file and the line, and leaves the file as it is.
func TestDamagedJournal(t *testing.T) {
	dir := t.TempDir()
	c := start(t, emulator.Options{DataDir: dir})
	for _, name := range []string{"One", "Two", "Three"} {
		c.set(t, name)
	}
	c.leave(t)
	text, err := os.ReadFile(filepath.Join(dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	lines[3] = append(lines[3], '\n')
	join := func(at ...int) []byte {
		var out []byte
		for _, n := range at {
			out = append(out, lines[n]...)
		}
		return out
	}
	flipped := bytes.Clone(text)
	flipped[len(text)-20] ^= 1
	for name, c := range map[string]struct {
		text  []byte
		line  int
		other *emulator.Estate
	}{
		"a line missing":           {text: join(0, 2, 3), line: 2},
		"the first line missing":   {text: join(1, 2, 3), line: 1},
		"two lines swapped":        {text: join(0, 2, 1, 3), line: 2},
		"a line twice":             {text: join(0, 1, 1, 2, 3), line: 3},
		"the whole twice":          {text: join(0, 1, 2, 3, 0), line: 5},
		"a byte of the last line":  {text: flipped, line: 4},
		"an empty line":            {text: append(join(0, 1), '\n'), line: 3},
		"no journal":               {text: []byte("hello\n"), line: 1},
		"no journal, no line end":  {text: []byte("hello"), line: 1},
		"an older journal":         {text: []byte("9a3f1c22 {\"header\":{\"format\":1}}\n"), line: 1},
		"a huge line":              {text: append(join(0, 1), bytes.Repeat([]byte("9"), 9<<20)...), line: 3},
		"begun with other estates": {text: text, line: 1, other: &emulator.Estate{Organization: &emulator.EstateOrganization{Management: "root"}, Accounts: []emulator.EstateAccount{{Name: "root"}}}},
	} {
		bad := t.TempDir()
		file := filepath.Join(bad, "journal")
		if err := os.WriteFile(file, c.text, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := emulator.New(emulator.Options{DataDir: bad, Estate: c.other})
		if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), fmt.Sprintf("line %d:", c.line)) {
			t.Errorf("%s: %v, want an error of line %d", name, err, c.line)
		}
		if left, err := os.ReadFile(file); err != nil || !bytes.Equal(left, c.text) {
			t.Errorf("%s: the file was changed (%v)", name, err)
		}
	}
}

// TestSameEstateGoesOn: the estate that a journal began with may be given again.
func TestSameEstateGoesOn(t *testing.T) {
	dir := t.TempDir()
	c := start(t, emulator.Options{DataDir: dir, Estate: emulator.DefaultEstate()})
	c.set(t, "One")
	c.leave(t)
	if got := start(t, emulator.Options{DataDir: dir, Estate: emulator.DefaultEstate()}).names(); got != "One" {
		t.Errorf("sets = %q", got)
	}
}

// TestJournalHasOneUser at a time, and a mode that lets nobody else read its tokens.
func TestJournalHasOneUser(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "journal")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	c := start(t, emulator.Options{DataDir: dir})
	if _, err := emulator.New(emulator.Options{DataDir: dir}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a second emulator with the journal: %v", err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	c.leave(t)
	start(t, emulator.Options{DataDir: dir})
}

func size(t *testing.T, dir string) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestMain is also the process that TestKill kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv("EMULATOR_TEST_SERVE"); dir != "" {
		serveUntilKilled(dir)
	}
	os.Exit(m.Run())
}

func serveUntilKilled(dir string) {
	e, err := emulator.New(emulator.Options{DataDir: dir})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	_ = http.Serve(l, e)
	os.Exit(1)
}

// TestKill kills the process in the middle of writes, again and again: nothing
// that was acknowledged is lost.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	var acknowledged []string
	for round := range 4 {
		p := exec.Command(os.Args[0])
		p.Env = append(os.Environ(), "EMULATOR_TEST_SERVE="+dir)
		p.Stderr = os.Stderr
		out, err := p.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		address, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		sso := ssoadmin.New(ssoadmin.Options{
			Region: "us-east-1", BaseEndpoint: aws.String("http://" + strings.TrimSpace(address)),
			Credentials: credentials.NewStaticCredentialsProvider("AKIA", "s", ""),
		})
		instance := must[*ssoadmin.ListInstancesOutput](t)(sso.ListInstances(ctx(), nil)).Instances[0].InstanceArn
		time.AfterFunc(150*time.Millisecond, func() { _ = p.Process.Kill() })
		for n := range 1_000_000 {
			name := fmt.Sprintf("R%dN%d", round, n)
			if _, err := sso.CreatePermissionSet(ctx(), &ssoadmin.CreatePermissionSetInput{InstanceArn: instance, Name: &name}, once); err != nil {
				break
			}
			acknowledged = append(acknowledged, name)
		}
		_ = p.Wait()
	}
	if len(acknowledged) == 0 {
		t.Fatal("nothing was written before the first kill")
	}
	have := map[string]bool{}
	for _, p := range start(t, emulator.Options{DataDir: dir}).State().Instances[0].PermissionSets {
		have[p.Name] = true
	}
	for _, name := range acknowledged {
		if !have[name] {
			t.Errorf("%s was acknowledged and is gone", name)
		}
	}
}
