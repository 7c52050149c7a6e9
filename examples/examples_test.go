// Package examples_test checks the examples: that each is a config without
// findings, with an owner, and that its estate, where it has one, is one that
// the emulator takes. What the examples do when they are applied is tested with
// the command.
package examples_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config"
)

func TestExamples(t *testing.T) {
	setUps := map[string]access.SetUp{
		"okta-scim": access.SCIM, "google-users-scim": access.SCIMUsersOnly, "okta-without-scim": access.WithoutSCIM,
		"built-in": access.BuiltIn, "terragrunt": access.SCIM, "large": access.WithoutSCIM,
	}
	for _, name := range folders(t) {
		t.Run(name, func(t *testing.T) {
			want, ok := setUps[name]
			if !ok {
				t.Fatal("the example is not in this test's table")
			}
			result, found := config.Validate(name, config.Options{})
			for _, d := range found {
				t.Errorf("%s: %v", d.Severity, d)
			}
			if got := result.Config.SetUp(); got != want {
				t.Errorf("set-up %q, want %q", got, want)
			}
			if result.Settings.Owner.Value != "platform" {
				t.Errorf("owner %q", result.Settings.Owner.Value)
			}
			checkAccounts(t, access.Desired(result.Config, "platform"), estate(t, name))
		})
	}
}

func folders(t *testing.T) []string {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() && e.Name() != "terraform" { // those are tested with Terraform, in acceptance
			out = append(out, e.Name())
		}
	}
	return out
}

func estate(t *testing.T, example string) *emulator.Estate {
	file, err := os.Open(filepath.Join(example, "estate.json"))
	if os.IsNotExist(err) {
		return emulator.DefaultEstate()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	e, err := emulator.ReadEstate(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := emulator.New(emulator.Options{Estate: e}); err != nil {
		t.Fatal(err)
	}
	return e
}

// checkAccounts says which account of the config the estate lacks.
func checkAccounts(t *testing.T, desired access.State, e *emulator.Estate) {
	there := map[string]bool{}
	for _, a := range e.Accounts {
		there[a.Name] = true
	}
	for _, a := range desired.Accounts {
		if !there[a.Name] {
			t.Errorf("the estate has no account %q", a.Name)
		}
	}
	if len(desired.Assignments) == 0 {
		t.Error("the example grants nothing")
	}
}
