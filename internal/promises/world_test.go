package promises

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// owner is ours; rival is another one's.
const (
	owner  = "platform"
	rival  = "rival"
	lookup = 60 * time.Second // the permitted look
	caller = "AKIAEMULATORCALLER00"
)

// world is one AWS, with a config beside it and somebody hostile in it.
type world struct {
	searchtest.Caller // somebody hostile

	t    testing.TB
	em   *emulator.Emulator
	dir  string // has the config
	conf *conf

	last     *snap
	latency  time.Duration
	late     time.Duration                  // of reads
	touched  map[string]time.Time           // by id: when the adversary changed it last
	made     map[string]bool                // ids of what our own calls made, ever
	joined   map[searchtest.Membership]bool // memberships that our own calls made, ever
	meanings nameMeanings
	missed   map[string]bool // groups to which we granted, and which a later run did not find
	planned  string          // a plan file that can be applied again
	shown    *planJSON       // what that file's approval showed
	counts   *counts
	found    []violation

	run          *run // that is being judged
	theirs       bool // an act is being carried out
	edited       bool // the config changed since the last run
	key          string
	plannedConf  *conf
	plannedFlags flags

	plannedEdited bool
	carried       bool // that plan file was carried out

	trace func(string, ...any) // nil but in a replay
}

// log tells what happens, at its time.
func (w *world) log(format string, args ...any) {
	if w.trace != nil {
		w.trace(time.Now().Format("15:04:05.000 ")+format, args...)
	}
}

func estateOf(c *conf) *emulator.Estate {
	m := c.mode
	e := &emulator.Estate{
		Organization: &emulator.EstateOrganization{Management: "management"},
		Callers:      []emulator.EstateCaller{{AccessKey: caller, Account: "management", PermissionSet: setNames[0], Session: "ANN"}},
	}
	for i, name := range allAccounts[:c.accounts()] {
		e.Accounts = append(e.Accounts, emulator.EstateAccount{ID: accountID(i), Name: name, CustomerManagedPolicies: []string{"edge", "other"}})
	}
	source := emulator.FromSCIM
	if m == internal {
		source = emulator.FromAWS
	}
	if m != internal {
		for _, p := range personNames {
			e.Users = append(e.Users, emulator.EstateUser{UserName: p, Source: source, Email: p + "@example.com"})
		}
	}
	e.Users = append(e.Users, emulator.EstateUser{UserName: "mallory", Source: source})
	if m == scim {
		for i, g := range slices.Concat(groupNames, []string{"E", "F"}, c.crowd()) {
			e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: g, Source: emulator.FromSCIM, Members: []string{personNames[i%len(personNames)]}})
		}
	}
	e.Groups = append(e.Groups,
		emulator.EstateGroup{DisplayName: "Breakglass", Source: source, Members: []string{"mallory"}},
		emulator.EstateGroup{DisplayName: "Foreign", Source: emulator.FromAWS, Description: "[rolecall:" + rival + "]", Members: []string{"mallory"}})
	e.PermissionSets = []emulator.EstatePermissionSet{
		{Name: "Theirs", Tags: map[string]string{"rolecall:owner": rival}, AWSManagedPolicies: managed[2:3]},
		{Name: "Nobodys", AWSManagedPolicies: managed[3:4]},
	}
	e.Assignments = []emulator.EstateAssignment{
		{PermissionSet: "Theirs", Accounts: []string{"dev"}, Group: "Foreign"},
		{PermissionSet: "Nobodys", Accounts: []string{"dev", "prod"}, Group: "Breakglass"},
	}
	return e
}

func newWorld(t testing.TB, dir string, c *conf, o emulator.Options, n *counts) *world {
	o.Estate, o.CallLog = estateOf(c), 1
	o.Seed = cmp.Or(o.Seed, 1) // so that what a search found is found again
	em, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, em: em, dir: dir, conf: c, Caller: searchtest.CallerOf(t, em), latency: o.JobLatency.Max, late: o.VisibilityDelay,
		touched: map[string]time.Time{}, made: map[string]bool{}, joined: map[searchtest.Membership]bool{}, meanings: newNameMeanings(), missed: map[string]bool{}, counts: n}
	w.last = snapshot(em)
	w.write()
	return w
}

// write puts the config where the command finds it.
func (w *world) write() {
	for name, text := range map[string]string{"terraform.tfvars": w.conf.text(), "rolecall.hcl": w.conf.settings()} {
		if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
}
