package tfprovider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/cli"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// keyCase is what a key does: a key of the table, "access_groups[].tags", or an
// argument that only a resource has, "rolecall_access_group.owner".
type keyCase struct {
	at    string
	steps []step
	more  object // written beside the value
	// fresh: Terraform's state has lost the object before the value is written.
	fresh bool
	// renamed is what the identity provider calls the group while the value is written.
	renamed string
	back    object // written beside the base to come back to it
	stays   bool   // unset, it stays as it is, or it is another object's
	door    string // the only door that has it: "command" or "terraform"
}

// step is a value, and what AWS then holds otherwise than before all steps: lines
// of dump, each with - or + before it.
type step struct {
	value any
	holds string
}

// Each key, set, changed and unset through both doors, and what AWS holds after
// each: not that a plan is empty, which a key that is forgotten satisfies too.
func TestEachKeyReachesAWS(t *testing.T) {
	centertest.CleanEnvironment(t)
	signals := make(chan os.Signal, 1) // what waits for signals starts before any bubble of virtual time
	signal.Notify(signals, os.Interrupt)
	signal.Stop(signals)
	for _, c := range allCases() {
		for name, open := range doors() {
			if c.door != "" && c.door != name || name == "command" && strings.HasPrefix(c.at, "rolecall_") {
				continue
			}
			t.Run(name+"/"+strings.ReplaceAll(c.at, "/", "_"), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { c.run(t, open) })
			})
		}
	}
}

func (c keyCase) run(t *testing.T, open func(*terraform, string) door) {
	tf := newTerraform(t, emulator.Options{Estate: keysEstate()})
	list, key := split(c.at)
	d, base := open(tf, list), bases()[list]
	d.apply(base)
	name := "DevelopmentTeam"
	if strings.Contains(list, "external") {
		name = pushed()["name"].(string)
	}
	first, roles := dump(tf.e, name), rolesBySet(tf.e)
	if c.fresh {
		d.forget()
	}
	if c.renamed != "" {
		rename(t, tf.e, name, c.renamed)
	}
	before := dump(tf.e, name)
	for _, s := range c.steps {
		changed := with(base, key, s.value)
		maps.Copy(changed, c.more)
		d.apply(changed)
		if diff := cmp.Diff(linesOf(s.holds), difference(before, dump(tf.e, name))); diff != "" {
			t.Errorf("%s = %v: what changed in AWS (-want +got):\n%s", c.at, s.value, diff)
		}
		for at, arn := range rolesBySet(tf.e) {
			if roles[at] != "" && roles[at] != arn {
				t.Errorf("%s = %v: the assignment %s, which did not change, was made again", c.at, s.value, at)
			}
		}
	}
	if c.renamed != "" {
		rename(t, tf.e, c.renamed, name)
	}
	if c.stays {
		return
	}
	unset := maps.Clone(base)
	maps.Copy(unset, c.back)
	d.apply(unset)
	if left := difference(first, dump(tf.e, name)); len(left) > 0 {
		t.Errorf("%s, unset again: what is otherwise in AWS than before:\n%s", c.at, strings.Join(left, "\n"))
	}
}

// What somebody else changes, a refresh sees: a state from before shows it.
func TestRefreshSeesEachKey(t *testing.T) {
	centertest.CleanEnvironment(t)
	for _, c := range allCases() {
		list, key := split(c.at)
		if renames := c.more["permission_set_name"] != nil || c.more["allow"] != nil; c.door == "command" || access.Keys().In(list) == nil || c.fresh || renames {
			continue // one that leads to another group or set is not the same object any more
		}
		t.Run(c.at, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tf := newTerraform(t, emulator.Options{Estate: keysEstate()})
				before := tf.apply(resourceOf(list), nil, bases()[list])
				changed := with(bases()[list], key, c.steps[0].value)
				maps.Copy(changed, c.more)
				tf.apply(resourceOf(list), before, changed)
				if now := tf.start().refresh(before); now == nil || now.get(key) == before.get(key) {
					t.Errorf("%s was changed, and a state from before is not brought up to date", c.at)
				}
			})
		})
	}
}

// A document that says what no key can say is drift all the same. Ids have no effect,
// and an older version has none where nothing in the document is a policy variable: an
// import keeps them.
func TestInlinePolicyThatNoKeySays(t *testing.T) {
	config := with(development(), "inline_policies", []object{{"name": "lake", "statements": []object{{"actions": []string{"s3:*"}, "resources": []string{"*"}}}}})
	for document, want := range map[string]string{
		`{"Version":"2012-10-17","Statement":[{"Sid":"Lake","Effect":"Allow","Action":"s3:*","Resource":"*"}]}`: "no-op",
		`{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`:              "no-op",
		`{"Version":"2012-10-17","Id":"x","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`:     "no-op",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}]}`:          "update",
	} {
		bubble(t, emulator.Options{}, func(tf *terraform) {
			state := tf.apply(accessGroup, nil, config)
			c := byHand(t, tf.e)
			_, err := c.sso.PutInlinePolicyToPermissionSet(context.Background(), &ssoadmin.PutInlinePolicyToPermissionSetInput{InstanceArn: c.instance,
				PermissionSetArn: aws.String(state.get("permission_set_arn")), InlinePolicy: aws.String(document)})
			c.ok(err)
			_, err = c.sso.ProvisionPermissionSet(context.Background(), &ssoadmin.ProvisionPermissionSetInput{InstanceArn: c.instance,
				PermissionSetArn: aws.String(state.get("permission_set_arn")), TargetType: ssotypes.ProvisionTargetTypeAllProvisionedAccounts})
			c.ok(err)
			time.Sleep(time.Minute)
			if pl := tf.plan(accessGroup, state, config); pl.action() != want {
				t.Errorf("%s: planned %s, want %s\nprior   %s\nplanned %s", document, pl.action(), want, show(pl.prior), show(pl.planned))
			}
			tf.empty(accessGroup, tf.apply(accessGroup, state, config), config)
		})
	}
}

// Every key of the table and every argument of a resource has a case.
func TestEachKeyHasACase(t *testing.T) {
	have := map[string]bool{}
	for _, c := range allCases() {
		for door := range doors() {
			have[door+" "+c.at] = have[door+" "+c.at] || c.door == "" || c.door == door
		}
	}
	lacks := func(door, at string) {
		if !have[door+" "+at] {
			t.Errorf("no case says what AWS holds for %s of the %s: add one to internal/tfprovider/keys_cases_test.go", at, door)
		}
	}
	for _, k := range access.Keys().Docs() {
		if !strings.HasPrefix(k.Type, "list(object)") {
			lacks("command", k.Path)
		}
	}
	for kind, r := range newTerraform(t, emulator.Options{}).start().schema.ResourceSchemas {
		list := listOf(kind)
		var table []string
		if k := access.Keys().In(list); k != nil {
			table = k.Names()
		}
		for _, a := range r.Block.Attributes {
			switch {
			case !a.Required && !a.Optional || a.NestedType != nil && a.Name != "timeouts":
			case slices.Contains(table, a.Name):
				lacks("terraform", list+"[]."+a.Name)
			default:
				lacks("terraform", kind+"."+a.Name)
			}
		}
	}
}

// door is a way to AWS: it brings it to the config of one object.
type door interface {
	apply(object)
	forget()
}

func doors() map[string]func(*terraform, string) door {
	return map[string]func(*terraform, string) door{
		"terraform": func(tf *terraform, list string) door { return &terraformDoor{tf: tf, kind: resourceOf(list)} },
		"command":   func(tf *terraform, list string) door { return &commandDoor{tf, list} },
	}
}

type terraformDoor struct {
	tf    *terraform
	kind  string
	state *stored
}

// forget drops the state of what another name replaces. Other things that are in no state
// are imported, which has tests of its own.
func (d *terraformDoor) forget() {
	if d.kind == groupMembers || strings.HasSuffix(d.kind, "removed_user") {
		d.state = nil
	}
}

func (d *terraformDoor) apply(config object) {
	d.tf.t.Helper()
	d.state = d.tf.apply(d.kind, d.state, config)
	d.tf.empty(d.kind, d.state, config)
}

type commandDoor struct {
	tf   *terraform
	list string
}

func (d *commandDoor) forget() {}

// apply writes the config and applies it; a plan of the whole config finds nothing
// to do then.
func (d *commandDoor) apply(config object) {
	d.tf.t.Helper()
	dir := d.tf.t.TempDir()
	text, err := json.Marshal(configOf(d.list, config))
	if err != nil {
		d.tf.t.Fatal(err)
	}
	for name, text := range map[string]string{"terraform.tfvars.json": string(text), "rolecall.hcl": `owner = "platform"`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			d.tf.t.Fatal(err)
		}
	}
	d.run("apply", dir, "--auto-approve", "--allow-removals", "--allow-replace", "--allow-lockout", "--max-tps", "500")
	d.run("plan", dir, "--detailed-exitcode", "--max-tps", "500")
}

func (d *commandDoor) run(args ...string) {
	d.tf.t.Helper()
	var out bytes.Buffer
	code := cli.Main(context.Background(), args, cli.System{Stdin: &bytes.Buffer{}, Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" },
		AWS: func(o *identitycenter.Options) {
			o.Region, o.HTTPClient, o.Cache = "us-east-1", &http.Client{Transport: d.tf.e.Transport()}, nil
			o.Credentials = credentials.NewStaticCredentialsProvider(emulator.ManagementKey, "secret", "")
		}})
	if code != 0 {
		d.tf.t.Fatalf("rolecall %s: exit code %d\n%s", args[0], code, out.String())
	}
}

// split returns the list that a key is of ("access_groups"), or the resource, and
// the key that is written there; of a key at the config's top, the list is "".
func split(at string) (list, key string) {
	list, key, ok := strings.Cut(at, "[].")
	if !ok {
		if list, key, ok = strings.Cut(at, "."); !ok {
			return "", at
		}
	}
	key, _, _ = strings.Cut(key, "[]")
	return list, key
}

// dump returns all that the instance holds and that a config can say, a line each.
// What is called as the group is called GROUP.
func dump(e *emulator.Emulator, group string) []string {
	i := e.State().Instances[0]
	var out []string
	line := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, u := range i.Users {
		line("user %s: %s, %s %s, %s", u.UserName, u.DisplayName, u.GivenName, u.FamilyName, u.Email)
	}
	for _, g := range i.Groups {
		description, mark := access.ParseMark(g.Description)
		line("group %s: %s, owner %q", g.DisplayName, description, mark.Owner)
	}
	for _, m := range i.Memberships {
		line("member %s: %s", m.Group, m.User)
	}
	for _, p := range i.PermissionSets {
		lines := []string{"description " + p.Description, "session " + p.SessionDuration, "relay " + p.RelayState, "boundary " + p.PermissionsBoundary, "inline " + p.InlinePolicy}
		for _, policy := range slices.Concat(p.AWSManagedPolicies, p.CustomerManagedPolicies) {
			lines = append(lines, "policy "+policy)
		}
		for key, value := range p.Tags {
			if key != access.ViaTag && key != access.RecordTag && !strings.HasPrefix(key, "rolecall:principals-") && !strings.HasPrefix(key, "rolecall:accounts-") {
				lines = append(lines, "tag "+key+"="+value)
			}
		}
		for _, l := range lines {
			if kind, value, _ := strings.Cut(l, " "); value != "" {
				line("set %s: %s %s", p.Name, kind, value)
			}
		}
	}
	for _, a := range i.Assignments {
		line("assignment %s: %s %s", a.PermissionSet, a.AccountName, a.Principal)
	}
	for n := range out {
		out[n] = strings.ReplaceAll(out[n], group, "GROUP")
	}
	return out
}

// linesOf returns the lines of a text, sorted.
func linesOf(text string) []string {
	out := strings.Split(strings.TrimSpace(text), "\n")
	slices.Sort(out)
	return slices.DeleteFunc(out, func(l string) bool { return l == "" })
}

// difference returns the lines that went, with - before them, and those that came,
// with +.
func difference(before, after []string) []string {
	out := []string{}
	for _, l := range before {
		if !slices.Contains(after, l) {
			out = append(out, "- "+l)
		}
	}
	for _, l := range after {
		if !slices.Contains(before, l) {
			out = append(out, "+ "+l)
		}
	}
	slices.Sort(out)
	return out
}

// rolesBySet returns the ARN of each role, by its account and permission set.
func rolesBySet(e *emulator.Emulator) map[string]string {
	out := map[string]string{}
	for _, r := range e.State().Instances[0].Roles {
		out[r.Account+" "+r.PermissionSet] = r.ARN
	}
	return out
}
