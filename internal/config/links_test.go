package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/config"
)

// TestLinkShowsNoLine: a config may be a link to any file of the machine, and a
// pull request may bring such a link: what is wrong there is told without it.
func TestLinkShowsNoLine(t *testing.T) {
	dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(elsewhere, []byte("[default]\nhunter2 = hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"terraform.tfvars", "rolecall.hcl", "inputs.hcl"} {
		link := filepath.Join(dir, name)
		if err := os.Symlink(elsewhere, link); err != nil {
			t.Fatal(err)
		}
		res, found := config.Validate(dir, config.Options{})
		if !found.HasErrors() || strings.Contains(fmt.Sprintf("%+v", found), "hunter2") || strings.Contains(string(res.Sources[link]), "hunter2") {
			t.Errorf("%s: %+v", name, found)
		}
		if err := os.Remove(link); err != nil {
			t.Fatal(err)
		}
	}
	// A link within the folder is as good as a file.
	if err := os.WriteFile(filepath.Join(dir, "shared.hcl"), []byte("access_groups = [}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("shared.hcl", filepath.Join(dir, "terraform.tfvars")); err != nil {
		t.Fatal(err)
	}
	if _, found := config.Validate(dir, config.Options{}); len(found) == 0 || found[0].Snippet != "access_groups = [}" {
		t.Errorf("%+v", found)
	}
}
