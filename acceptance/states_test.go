package acceptance

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
)

// writeStates makes the folder of TestStatesOfBefore by the provider as it is now;
// its commit goes into the folder's name:
//
//	go test -run TestStatesOfBefore -write-states testdata/states/35bfd73 .
var writeStates = flag.String("write-states", "", "folder to write the states of today into")

// State files of a provider of before plan to nothing over what it made. Each has
// its config and, with its ids, what was in AWS.
func TestStatesOfBefore(t *testing.T) {
	if *writeStates != "" {
		for _, path := range glob(t, "../examples/terraform/*/main.tf") {
			writeState(t, path, filepath.Join(*writeStates, filepath.Base(filepath.Dir(path))), emulator.DefaultEstate())
		}
		writeState(t, "testdata/states/everything.tf", filepath.Join(*writeStates, "everything"), withPolicies())
		return
	}
	for _, path := range glob(t, "testdata/states/*/*/terraform.tfstate") {
		folder := filepath.Dir(path)
		t.Run(filepath.Base(filepath.Dir(folder))+"/"+filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			eachProgram(t, func(t *testing.T, program string) { goesOn(t, program, folder) })
		})
	}
}

// goesOn says that the state is as good as one of today's: a plan changes nothing, and
// a destroy leaves nothing of it.
func goesOn(t *testing.T, program, folder string) {
	w := prepare(t, program, "examples/terraform/before", emulator.Options{Estate: estate(t, folder)})
	for _, name := range []string{"main.tf", "terraform.tfstate"} {
		w.write(name, text(t, filepath.Join(folder, name)))
	}
	w.write("unlimited_override.tf", "provider \"rolecall\" {\n  max_tps = 1000\n}\n")
	w.must("init", "-no-color", "-input=false")
	was := w.e.State()
	for _, args := range [][]string{{}, {"-refresh=false"}} {
		if code, out := w.run(append([]string{"plan", "-no-color", "-input=false", "-detailed-exitcode"}, args...)...); code != 0 {
			t.Errorf("plan %v: exit code %d\n%s", args, code, out)
		}
	}
	if diff := cmp.Diff(was, w.e.State()); diff != "" {
		t.Errorf("plans wrote (-before +after):\n%s", diff)
	}
	w.destroy()
	if left := w.e.State().Instances[0]; len(left.PermissionSets) > 0 || len(left.Assignments) > 0 {
		t.Errorf("left in AWS: %+v %+v", left.PermissionSets, left.Assignments)
	}
}

// withPolicies is an estate for everything.tf.
func withPolicies() *emulator.Estate {
	e := emulator.DefaultEstate()
	for i := range e.Accounts {
		e.Accounts[i].CustomerManagedPolicies = []string{"/team/Billing", "Boundary"}
	}
	e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: "Incident-Response", Members: []string{"wei.chen@company.com"}})
	return e
}

func writeState(t *testing.T, config, folder string, e *emulator.Estate) {
	t.Helper()
	w := prepare(t, program(t), "examples/terraform/before", emulator.Options{Estate: e})
	w.write("main.tf", text(t, config))
	w.must("init", "-no-color", "-input=false")
	w.apply()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	fill(e, w.e.State().Instances[0])
	estate, err := json.MarshalIndent(e, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"main.tf": text(t, config), "estate.json": string(estate) + "\n", "terraform.tfstate": text(t, filepath.Join(w.dir, "terraform.tfstate"))} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func text(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fill puts what is in AWS now into the estate, under the same ids.
func fill(e *emulator.Estate, s emulator.StateInstance) {
	e.Instances = []emulator.EstateInstance{{ARN: s.ARN, IdentityStoreID: s.IdentityStoreID}}
	e.EstateContents = emulator.EstateContents{}
	for _, u := range s.Users {
		e.Users = append(e.Users, emulator.EstateUser{ID: u.ID, UserName: u.UserName, DisplayName: u.DisplayName, GivenName: u.GivenName, FamilyName: u.FamilyName,
			Email: u.Email, Source: u.Source, ExternalID: u.ExternalID, Active: &u.Active})
	}
	for _, g := range s.Groups {
		made := emulator.EstateGroup{ID: g.ID, DisplayName: g.DisplayName, Description: g.Description, Source: g.Source, ExternalID: g.ExternalID}
		for _, m := range s.Memberships {
			if m.Group == g.DisplayName {
				made.Members = append(made.Members, m.User)
			}
		}
		e.Groups = append(e.Groups, made)
	}
	for _, p := range s.PermissionSets {
		e.PermissionSets = append(e.PermissionSets, setOf(p))
	}
	for _, a := range s.Assignments {
		e.Assignments = append(e.Assignments, emulator.EstateAssignment{PermissionSet: a.PermissionSet, Accounts: []string{a.Account}, Group: a.Principal})
	}
}

func setOf(p emulator.StatePermissionSet) emulator.EstatePermissionSet {
	made := emulator.EstatePermissionSet{ARN: p.ARN, Name: p.Name, Description: p.Description, SessionDuration: p.SessionDuration, RelayState: p.RelayState,
		AWSManagedPolicies: p.AWSManagedPolicies, InlinePolicy: json.RawMessage(p.InlinePolicy), Tags: p.Tags}
	for _, c := range p.CustomerManagedPolicies {
		policy := policyOf(c)
		made.CustomerManagedPolicies = append(made.CustomerManagedPolicies, policy)
	}
	switch b := p.PermissionsBoundary; {
	case strings.HasPrefix(b, "arn:"):
		made.PermissionsBoundary = &emulator.EstateBoundary{AWSManagedPolicy: b}
	case b != "":
		policy := policyOf(b)
		made.PermissionsBoundary = &emulator.EstateBoundary{CustomerManagedPolicy: &policy}
	}
	return made
}

// policyOf takes path and name apart.
func policyOf(s string) emulator.EstatePolicy {
	cut := strings.LastIndexByte(s, '/') + 1
	return emulator.EstatePolicy{Path: s[:cut], Name: s[cut:]}
}
