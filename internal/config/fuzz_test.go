package config

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config/terragrunt"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// seeds adds the files of all golden cases.
func seeds(f *testing.F, add func(name string, src []byte)) {
	root := os.DirFS("../../testdata/config")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".diag") {
			return err
		}
		src, err := fs.ReadFile(root, path)
		if err == nil && len(src) < 1<<12 {
			add(d.Name(), src)
		}
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
}

// FuzzLoad: whatever a file holds, loading and the lints end without a panic, and each
// finding has a documented code, a hint, and a place that exists.
func FuzzLoad(f *testing.F) {
	names := []string{"terraform.tfvars", "terraform.tfvars.json", inputsFile, terragrunt.FileName, SettingsFile}
	seeds(f, func(name string, src []byte) {
		if i := slices.Index(names, name); i >= 0 {
			f.Add(byte(i), src)
		}
	})
	var known []diag.Code
	for _, c := range slices.Concat(Codes(), access.Codes()) {
		known = append(known, c.Code)
	}
	f.Fuzz(func(t *testing.T, which byte, src []byte) {
		if len(src) > 1<<16 {
			return
		}
		fsys := fstest.MapFS{names[int(which)%len(names)]: {Data: src}}
		if _, ok := fsys[terragrunt.FileName]; ok {
			fsys[inputsFile] = &fstest.MapFile{Data: []byte("locals {\n  users = []\n  team = \"Dev\"\n}\n")}
		}
		if _, ok := fsys[SettingsFile]; ok {
			fsys["terraform.tfvars"] = &fstest.MapFile{Data: []byte(linted)}
		} else {
			fsys[SettingsFile] = &fstest.MapFile{Data: []byte(everyLint)}
		}
		res, found := ValidateFS(fsys, "", Options{})
		found = res.Lint(found)
		if len(res.unread) > 0 && !found.HasErrors() {
			t.Errorf("values were not read and nothing says so: %v", res.unread)
		}
		for _, d := range found {
			if !slices.Contains(known, d.Code) || d.Summary == "" || d.Hint == "" && d.Severity == diag.Error {
				t.Errorf("a finding is not whole: %+v", d)
			}
			if text := res.Sources[d.Range.File]; d.Range.Start.Byte > len(text) || d.Range.End.Byte > len(text) || d.Range.Start.Byte > d.Range.End.Byte {
				t.Errorf("a finding is outside its file of %d bytes: %+v", len(text), d)
			}
		}
	})
}

// everyLint turns every lint on, for whatever the config is.
const everyLint = `lints {
  group_name_prefix  = { prefix = "AWS-" }
  production_session = { accounts = ["*"], longest = "PT1H" }
  administrator      = { groups = ["a*"] }
  management_account = { accounts = ["a", "?b"] }
  wildcard_resource  = { actions = ["*"] }
}
`

// linted has something for every lint to find, whatever the settings are.
const linted = `access_groups = [{
  name = "A", description = "todo", accounts_names = ["a", "b"], session_duration = "PT12H"
  aws_managed_policies = ["arn:aws:iam::aws:policy/AdministratorAccess"]
  inline_policies = [{ name = "p", statements = [
    { actions = ["*", "s3:*", "iam:PassRole"], resources = ["*"] },
    { not_actions = ["s3:*"], not_resources = ["arn:aws:s3:::x"] },
  ] }]
}]
`
