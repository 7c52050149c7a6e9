package config_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// TestSizes: what would fill the memory is not parsed, whichever file it is in,
// and the error names the file.
func TestSizes(t *testing.T) {
	const many = 800_000
	half := []byte("removed_users = [" + strings.Repeat("1,", many/2) + "]\n")
	few := fstest.MapFile{Data: []byte(plain)}
	list := func(element string) []byte {
		return []byte("removed_users = [" + strings.Repeat(element, many) + "]\n")
	}
	comment := []byte("#" + strings.Repeat("a", 11<<20) + "\n" + plain)
	text := []byte("removed_users = [\"" + strings.Repeat("a", 2<<20) + "\"]\n")
	for name, tt := range map[string]struct {
		files fstest.MapFS
		at    string // the file that is too large; empty means none
	}{
		"numbers":           {fstest.MapFS{"terraform.tfvars": {Data: list("1,")}}, "terraform.tfvars"},
		"lists":             {fstest.MapFS{"terraform.tfvars": {Data: list("[],")}}, "terraform.tfvars"},
		"lines":             {fstest.MapFS{"terraform.tfvars": {Data: []byte(strings.Repeat("\n", 2*many))}}, "terraform.tfvars"},
		"lines of a text":   {fstest.MapFS{"inputs.hcl": {Data: []byte("locals {\n x = <<E\n" + strings.Repeat("a\n", 300_000) + "E\n}\n")}}, "inputs.hcl"},
		"JSON":              {fstest.MapFS{"terraform.tfvars.json": {Data: []byte(`{"removed_users": [` + strings.Repeat("1,", many) + `1]}`)}}, "terraform.tfvars.json"},
		"settings":          {fstest.MapFS{"terraform.tfvars": &few, "rolecall.hcl": {Data: []byte("ignore = [" + strings.Repeat("1,", many) + "]\n")}}, "rolecall.hcl"},
		"together":          {fstest.MapFS{"a.auto.tfvars": {Data: half}, "b.auto.tfvars": {Data: half}}, "b.auto.tfvars"},
		"a file of another": {fstest.MapFS{"terragrunt.hcl": {Data: []byte("inputs = read_terragrunt_config(\"x.hcl\").locals\n")}, "x.hcl": {Data: []byte("locals {\n" + string(list("1,")) + "}\n")}}, "x.hcl"},
		"bytes":             {fstest.MapFS{"a.auto.tfvars": {Data: comment}, "b.auto.tfvars": {Data: comment}}, "b.auto.tfvars"},
		"objects":           {fstest.MapFS{"terraform.tfvars": {Data: []byte("users = [" + strings.Repeat("{},", many/8) + "]\n")}}, "terraform.tfvars"},
		"one long text":     {fstest.MapFS{"terraform.tfvars": {Data: text}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, found := config.LoadFS(tt.files, "", config.Options{})
			var at string
			for _, d := range found {
				if d.Code == config.CodeTooLarge {
					at = d.Range.File
				}
			}
			if at != tt.at {
				t.Errorf("too large: %q, want %q; found %v", at, tt.at, found)
			}
		})
	}
}

// TestManyFindings: a large file that is wrong everywhere does not fill the
// memory with findings, and an error is never left out for warnings.
func TestManyFindings(t *testing.T) {
	warnings := strings.Repeat(`"a@b.c",`, 5*diag.Most)
	for name, src := range map[string]string{
		"errors":               "removed_users = [" + strings.Repeat("[],", 5*diag.Most) + "]\n",
		"blocks":               strings.Repeat("a {}\n", 5*diag.Most),
		"an error at the end":  "removed_users = [" + warnings + "]\nusers = [{}]\n",
		"an error of its type": "removed_users = [" + warnings + "\"\"]\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, found := config.ValidateFS(fstest.MapFS{"terraform.tfvars": {Data: []byte(src)}}, "", config.Options{})
			if len(found) == 0 || len(found) > 2*diag.Most || !found.HasErrors() {
				t.Errorf("%d findings, an error among them: %v", len(found), found.HasErrors())
			}
		})
	}
}

// TestLongLines: a finding in a line of megabytes carries no such snippet.
func TestLongLines(t *testing.T) {
	src := fmt.Sprintf("removed_users = [%s]\n", strings.Repeat(`"é", [],`, 1<<16))
	_, found := config.ValidateFS(fstest.MapFS{"terraform.tfvars": {Data: []byte(src)}}, "", config.Options{})
	total := 0
	for _, d := range found {
		total += len(d.Snippet)
	}
	if len(found) < 10 || total > len(found)*8<<10 {
		t.Errorf("%d findings have %d bytes of snippets", len(found), total)
	}
}
