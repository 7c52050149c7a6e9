package directorytest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// TestDocumentedSettings reads each block of settings in docs/idp.
func TestDocumentedSettings(t *testing.T) {
	files, err := filepath.Glob("../../../docs/idp/*.md")
	files = slices.DeleteFunc(files, func(name string) bool { return filepath.Base(name) == "calls.md" })
	if err != nil || len(files) != 4 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		page, err := os.ReadFile(file)
		must(t, err)
		blocks := strings.Split(string(page), "```hcl\n")[1:]
		if len(blocks) == 0 {
			t.Errorf("%s shows no settings", file)
		}
		for _, block := range blocks {
			text, _, _ := strings.Cut(block, "```")
			_, found := config.LoadFS(fstest.MapFS{"rolecall.hcl": {Data: []byte(text)}, "terraform.tfvars": {Data: []byte("users = []\n")}}, "", config.Options{})
			for _, d := range found {
				if d.Severity == diag.Error || d.Range.File == "rolecall.hcl" {
					t.Errorf("%s: %s: %s\n%s", file, d.Summary, d.Detail, text)
				}
			}
		}
	}
}
