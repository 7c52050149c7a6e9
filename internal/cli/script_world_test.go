package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/internal/access"
)

// world is the AWS of one script, on a port of its own, and the identity
// provider that pushes to it.
type world struct {
	em     *emulator.Emulator
	server *httptest.Server
	idp    *idp.Directory
	roles  map[string]string
	states map[string]string
	calls  int // of an undisturbed apply
	// process is the emulator that the script runs as a command.
	process *exec.Cmd
}

func (w *world) close() {
	w.stop()
	if w.server != nil {
		w.server.Close()
		_ = w.em.Close()
	}
}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

// running returns the world of a script that has started its emulator.
func running(ts *testscript.TestScript) *world {
	w := worldOf(ts)
	if w.em == nil {
		ts.Fatalf("start the emulator first")
	}
	return w
}

func (w *world) instance() emulator.StateInstance { return w.em.State().Instances[0] }

// emulatorVerb starts an AWS, or makes it go wrong:
//
//	emulator start [-latency DURATION] [ESTATE]
//	emulator fault JSON
//	emulator change JSON
//	emulator as KEY          the caller of the commands that follow
func emulatorVerb(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: emulator start|fault|change|as")
	}
	switch args[0] {
	case "start":
		worldOf(ts).start(ts, args[1:])
	case "fault":
		var fault emulator.Fault
		ts.Check(json.Unmarshal([]byte(args[1]), &fault))
		ts.Check(running(ts).em.SetFaults(fault))
	case "change":
		var change emulator.Change
		ts.Check(json.Unmarshal([]byte(args[1]), &change))
		ts.Check(running(ts).em.Change(change))
	case "as":
		ts.Setenv("AWS_ACCESS_KEY_ID", args[1])
	default:
		ts.Fatalf("emulator does not know %q", args[0])
	}
}

func (w *world) start(ts *testscript.TestScript, args []string) {
	options := emulator.Options{Seed: 1}
	flags := flag.NewFlagSet("emulator start", flag.ContinueOnError)
	flags.DurationVar(&options.JobLatency.Min, "latency", 0, "")
	ts.Check(flags.Parse(args))
	if flags.NArg() > 0 {
		file, err := os.Open(ts.MkAbs(flags.Arg(0)))
		ts.Check(err)
		defer file.Close()
		options.Estate, err = emulator.ReadEstate(file)
		ts.Check(err)
	}
	em, err := emulator.New(options)
	ts.Check(err)
	w.close()
	w.em, w.server = em, httptest.NewServer(em)
	w.roles, w.states = map[string]string{}, map[string]string{}
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": w.server.URL, "AWS_REGION": "us-east-1",
		"AWS_ACCESS_KEY_ID": emulator.ManagementKey, "AWS_SECRET_ACCESS_KEY": "emulator",
	} {
		ts.Setenv(name, value)
	}
	if scim := em.SCIM(); scim.Path != "" {
		ts.Setenv("SCIM_TOKEN", scim.Token)
		w.idp, err = idp.New(idp.Options{Kind: idp.Okta, Endpoint: w.server.URL + strings.TrimSuffix(scim.Path, "/"), Token: scim.Token,
			SyncAll: true, LinkGroups: true, Seed: 1})
		ts.Check(err)
		w.takeOver(ts)
	}
}

// takeOver gives the identity provider what SCIM brought to the estate before.
func (w *world) takeOver(ts *testscript.TestScript) {
	ctx := context.Background()
	instance := w.instance()
	for _, u := range instance.Users {
		if u.Source == emulator.FromSCIM {
			_, err := w.idp.CreateUser(ctx, idp.User{UserName: u.UserName, GivenName: u.GivenName, FamilyName: u.FamilyName, DisplayName: u.DisplayName})
			ts.Check(err)
		}
	}
	for _, g := range instance.Groups {
		if g.Source != emulator.FromSCIM {
			continue
		}
		group, err := w.idp.CreateGroup(ctx, idp.Group{Name: g.DisplayName})
		ts.Check(err)
		for _, m := range instance.Memberships {
			if user, ok := w.idp.FindUser(m.User); ok && m.Group == g.DisplayName {
				ts.Check(w.idp.AddMember(ctx, group.ID, user.ID))
			}
		}
	}
}

// scimVerb changes the identity provider, which pushes to AWS:
//
//	scim create-user NAME | suspend-user NAME
//	scim create-group NAME | delete-group NAME | recreate-group NAME
//	scim rename-group OLD NEW
//	scim add-member GROUP USER | remove-member GROUP USER
func scimVerb(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: scim ACTION NAME [NAME]")
	}
	d, ctx, name := running(ts).idp, context.Background(), args[1]
	before := len(d.Log())
	group := func() string { return found[idp.Group](ts, name)(d.FindGroup(name)).ID }
	user := func(name string) string { return found[idp.User](ts, name)(d.FindUser(name)).ID }
	var err error
	switch args[0] {
	case "create-user":
		given, _, _ := strings.Cut(name, "@")
		_, err = d.CreateUser(ctx, idp.User{UserName: name, GivenName: given, FamilyName: "Example"})
	case "suspend-user":
		err = d.SuspendUser(ctx, user(name))
	case "create-group":
		_, err = d.CreateGroup(ctx, idp.Group{Name: name})
	case "delete-group":
		err = d.DeleteGroup(ctx, group())
	case "recreate-group":
		_, err = d.RecreateGroup(ctx, group())
	case "rename-group":
		err = d.RenameGroup(ctx, group(), args[2])
	case "add-member":
		err = d.AddMember(ctx, group(), user(args[2]))
	case "remove-member":
		err = d.RemoveMember(ctx, group(), user(args[2]))
	default:
		ts.Fatalf("scim does not know %q", args[0])
	}
	ts.Check(err)
	for _, e := range d.Log()[before:] {
		if e.Outcome == idp.Failure {
			ts.Fatalf("push of %s %q: %d %s", e.ObjectType, e.Name, e.Status, e.Reason)
		}
	}
}

func found[T any](ts *testscript.TestScript, name string) func(T, bool) T {
	return func(v T, ok bool) T {
		if !ok {
			ts.Fatalf("the identity provider has no %q", name)
		}
		return v
	}
}

// rolesVerb compares the ARNs of the roles that permission sets have in
// accounts: roles save NAME, roles same NAME, roles differ NAME, roles show.
func rolesVerb(ts *testscript.TestScript, neg bool, args []string) {
	w := running(ts)
	var b strings.Builder
	for _, r := range w.instance().Roles {
		fmt.Fprintln(&b, r.Account, r.PermissionSet, r.ARN)
	}
	compareWith(ts, w.roles, neg, args, b.String())
}

// stateVerb compares or shows all that is in the instance: state save NAME,
// state same NAME, state differ NAME, state show.
func stateVerb(ts *testscript.TestScript, neg bool, args []string) {
	w := running(ts)
	compareWith(ts, w.states, neg, args, w.lines())
}

func compareWith(ts *testscript.TestScript, saved map[string]string, neg bool, args []string, now string) {
	if neg || len(args) == 0 || len(args) != 2 && args[0] != "show" {
		ts.Fatalf("usage: save|same|differ NAME, or show")
	}
	if args[0] == "show" {
		fmt.Fprint(ts.Stdout(), now)
		return
	}
	before, known := saved[args[1]]
	switch {
	case args[0] == "save":
		saved[args[1]] = now
	case !known:
		ts.Fatalf("nothing was saved as %q", args[1])
	case args[0] == "same" && now != before:
		ts.Fatalf("it is no longer as it was:\n--- then\n%s--- now\n%s", before, now)
	case args[0] == "differ" && now == before:
		ts.Fatalf("it is still as it was:\n%s", now)
	}
}

// lines returns what is in the instance, one thing a line; locks are left out. A
// record has an ARN's digest and ids, which say nothing to a reader and differ
// from world to world: whether it was written for its set, and the living
// principals that its ids lead to, stand for them.
func (w *world) lines() string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	i := w.instance()
	for _, u := range i.Users {
		add("user %s %q", u.UserName, u.DisplayName)
	}
	for _, g := range i.Groups {
		add("group %s %q", g.DisplayName, g.Description)
	}
	for _, m := range i.Memberships {
		add("member %s %s", m.Group, m.User)
	}
	for _, p := range i.PermissionSets {
		p.Tags = recordByNames(i, p)
		text, _ := json.Marshal(p) // plain data
		add("set %s %s", p.Name, text)
	}
	for _, g := range i.Assignments {
		orphan := ""
		if g.Orphan {
			orphan = " ORPHAN"
		}
		add("grant %s %s %s %s%s", g.PermissionSet, g.AccountName, g.PrincipalType, g.Principal, orphan)
	}
	for _, r := range i.Roles {
		if !r.Latest {
			add("outdated %s %s", r.PermissionSet, r.Account)
		}
	}
	slices.Sort(out)
	return strings.Join(append(out, ""), "\n")
}

// call asks AWS as any client does.
func (w *world) call(ts *testscript.TestScript, target string, body map[string]any) {
	text, err := json.Marshal(body)
	ts.Check(err)
	r, err := http.NewRequest(http.MethodPost, w.server.URL, bytes.NewReader(text))
	ts.Check(err)
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+emulator.ManagementKey+"/20260101/us-east-1/sso/aws4_request, SignedHeaders=host, Signature=00")
	answer, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer answer.Body.Close()
	if got, err := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s %s (%v)", target, answer.Status, got, err)
	}
}

func recordByNames(i emulator.StateInstance, p emulator.StatePermissionSet) map[string]string {
	var tags []access.Tag
	for key, value := range p.Tags {
		tags = append(tags, access.Tag{Key: key, Value: value})
	}
	record, out := access.ParseRecord(tags), maps.Clone(p.Tags)
	for key, value := range out {
		switch fields := strings.Fields(value); {
		case key == access.RecordTag && len(fields) > 1:
			fields[1] = "unfit"
			if record.FitsSet(p.Tags["rolecall:owner"], p.ARN) {
				fields[1] = "fits"
			}
			out[key] = strings.Join(fields, " ")
		case strings.HasPrefix(key, "rolecall:principals-"):
			out[key] = withNames(i, fields)
		}
	}
	return out
}

// withNames returns a record's pairs with names for ids.
func withNames(i emulator.StateInstance, pairs []string) string {
	names := map[string]string{}
	for _, g := range i.Groups {
		names[g.ID] = "group " + g.DisplayName
	}
	for _, u := range i.Users {
		names[u.ID] = "user " + u.UserName
	}
	for n, pair := range pairs {
		if at := strings.LastIndex(pair, "="); at >= 0 && names[pair[at+1:]] != "" {
			pairs[n] = pair[:at+1] + names[pair[at+1:]]
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, " ")
}
