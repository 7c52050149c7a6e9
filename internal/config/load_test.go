package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

const plain = "access_groups = []\n"

// TestLoadPath covers what only a real file system shows.
func TestLoadPath(t *testing.T) {
	dir := t.TempDir()
	elsewhere := filepath.Join(t.TempDir(), "shared.tfvars")
	write(t, elsewhere, plain)
	write(t, filepath.Join(dir, "prod.tfvars"), plain)
	write(t, filepath.Join(dir, "main.tf"), "")
	write(t, filepath.Join(dir, "rolecall.hcl"), "owner = \"platform\"\n")
	write(t, filepath.Join(dir, "linked", "placeholder"), "")
	link(t, elsewhere, filepath.Join(dir, "linked", "terraform.tfvars"))
	write(t, filepath.Join(dir, "leak", "inputs.hcl"), "locals {\n  removed_users = [file(\"out.txt\")]\n}\n")
	link(t, elsewhere, filepath.Join(dir, "leak", "out.txt"))
	write(t, filepath.Join(dir, "folder", "terraform.tfvars", "x"), "")
	large := filepath.Join(dir, "large.tfvars")
	write(t, large, "")
	if err := os.Truncate(large, source.MaxFileSize+1); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path string
		want []diag.Code
	}{
		{"prod.tfvars", nil},
		{"linked", nil}, // the config's own file may be a link
		{"leak", []diag.Code{config.CodeUnreadable}},   // what it reads may not
		{"gone", []diag.Code{config.CodeNotFound}},     // no such folder
		{"gone.hcl", []diag.Code{config.CodeNotFound}}, // no such file
		{"main.tf", []diag.Code{config.CodeUnknownForm}},
		{"rolecall.hcl", []diag.Code{config.CodeUnknownForm}},
		{"large.tfvars", []diag.Code{config.CodeTooLarge}},
		{"folder", []diag.Code{config.CodeNoConfig}}, // a folder called like a file
		{".", []diag.Code{config.CodeNoConfig}},
	} {
		t.Run(tt.path, func(t *testing.T) {
			_, found := config.Validate(filepath.Join(dir, tt.path), config.Options{})
			if diff := cmp.Diff(tt.want, codes(found)); diff != "" {
				t.Errorf("findings differ (-want +got):\n%s\n%v", diff, found)
			}
		})
	}
}

func TestUnreadable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root can read everything")
	}
	path := filepath.Join(t.TempDir(), "terraform.tfvars")
	write(t, path, plain)
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if _, found := config.Validate(path, config.Options{}); !slices.Equal(codes(found), []diag.Code{config.CodeUnreadable}) {
		t.Errorf("found %v", found)
	}
}

// TestNotRegular: a pipe that nobody writes to would block for ever.
func TestNotRegular(t *testing.T) {
	fsys := fstest.MapFS{"terraform.tfvars": {Mode: os.ModeNamedPipe}}
	if _, found := config.ValidateFS(fsys, "terraform.tfvars", config.Options{}); !slices.Equal(codes(found), []diag.Code{config.CodeUnreadable}) {
		t.Errorf("found %v", found)
	}
}

func TestRelativePathIsShownAsGiven(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, filepath.Join("env", "terraform.tfvars"), "acess_groups = []\n")
	res, found := config.Validate("env", config.Options{})
	want := filepath.Join("env", "terraform.tfvars") + ":1:1"
	if len(found) != 1 || found[0].Range.String() != want || found[0].Snippet != "acess_groups = []" {
		t.Errorf("found %v, want one at %s", found, want)
	}
	if diff := cmp.Diff([]string{filepath.Join("env", "terraform.tfvars")}, res.Files); diff != "" {
		t.Errorf("files read differ (-want +got):\n%s", diff)
	}
}

func TestGetenvOnPurpose(t *testing.T) {
	fsys := fstest.MapFS{"inputs.hcl": {Data: []byte("locals {\n  removed_users = [get_env(\"NAME\"), get_env(\"GONE\", \"default\")]\n}\n")}}
	env := map[string]string{"NAME": "jane@company.com"}
	res, found := config.LoadFS(fsys, "", config.Options{Getenv: func(k string) (string, bool) { v, ok := env[k]; return v, ok }})
	if len(found) > 0 {
		t.Fatal(found)
	}
	if diff := cmp.Diff([]string{"jane@company.com", "default"}, values(res.Config.RemovedUsers)); diff != "" {
		t.Errorf("values differ (-want +got):\n%s", diff)
	}
}

// TestEvaluatedOnce: what is asked for as a value, as what it is written as, and
// again, is evaluated for the first of them.
func TestEvaluatedOnce(t *testing.T) {
	fsys := fstest.MapFS{"inputs.hcl": {Data: []byte(`locals {
  name = (get_env("NAME"))
  removed_users = concat([local.name, upper(local.name), local.object.key], [for i in range(2) : "${local.name}${i}"])
  object = { ("${get_env("KEY")}y") = local.name }
}
`)}}
	asked := map[string]int{}
	_, found := config.LoadFS(fsys, "", config.Options{Getenv: func(k string) (string, bool) { asked[k]++; return "ke", true }})
	if diff := cmp.Diff(map[string]int{"NAME": 1, "KEY": 1}, asked); diff != "" || len(found) > 0 {
		t.Errorf("evaluations differ (-want +got):\n%s%v", diff, found)
	}
}

// TestSettings: what rolecall.hcl says arrives, and what is not written is not
// set.
func TestSettings(t *testing.T) {
	res, found := config.LoadFS(os.DirFS(filepath.Join(cases, "settings")), "", config.Options{})
	if len(found) > 0 {
		t.Fatal(found)
	}
	s := res.Settings
	got := []string{s.Owner.Value, s.Region.Value, s.Protected.Items[0].Value, s.Ignore.Items[0].Value, s.Ignore.Items[3].Value, s.Adopt.Items[1].Value, s.SCIM.TokenEnv.Value,
		s.Connectors[0].Kind.Value, s.Connectors[0].Organization.Value, s.Lints.Description.Severity.Value, s.Lints.GroupNamePrefix.Prefix.Value, s.Lints.GroupNamePrefix.Except.Items[0].Value}
	want := []string{"platform", "eu-west-1", "Break-Glass", "AWSControlTower*", "user:*@partner.com", "group:AWS-Audit", "SCIM_TOKEN", "okta", "https://company.okta.com", "off", "AWS-", "Break-Glass"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings differ (-want +got):\n%s", diff)
	}
	if g := s.Guards; g.RemovalPercent.Value != 50 || g.RemovalMax.Value != 1000 || g.RemovalMin.Set() {
		t.Errorf("guards are %+v", g)
	}
}

// TestCasesCoverEveryCode: a finding that no case has is one whose place and
// text nobody has looked at.
func TestCasesCoverEveryCode(t *testing.T) {
	elsewhere := []diag.Code{config.CodePinned, config.CodeUnreadable, config.CodeTooLarge, config.CodeUnknownForm, access.CodeTooManySets}
	var all strings.Builder
	for _, dir := range caseDirs(t) {
		text, err := os.ReadFile(filepath.Join(dir, "want.diag"))
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for _, c := range allCodes() {
		if !strings.Contains(all.String(), " "+string(c.Code)+"\n") && !slices.Contains(elsewhere, c.Code) {
			t.Errorf("no case has %s", c.Code)
		}
	}
}

func codes(found diag.List) []diag.Code {
	var out []diag.Code
	for _, d := range found {
		out = append(out, d.Code)
	}
	return out
}

func values(l access.List[access.Text]) []string {
	var out []string
	for _, t := range l.Items {
		out = append(out, t.Value)
	}
	return out
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
}

// TestUnseenCharacters: a mark at the beginning of a file is harmless; what
// cannot be seen anywhere else is named with its place.
func TestUnseenCharacters(t *testing.T) {
	for name, tt := range map[string]struct{ file, src, want string }{
		"a mark":                           {"terraform.tfvars", "\ufeff" + plain, ""},
		"a mark in JSON":                   {"terraform.tfvars.json", "\ufeff{\"access_groups\": []}", ""},
		"a mark and line ends":             {"terraform.tfvars", "\ufeffaccess_groups = []\r\n", ""},
		"UTF-16":                           {"terraform.tfvars", "\xff\xfea\x00", "1:1: the text is UTF-16, not UTF-8"},
		"UTF-16 in JSON":                   {"terraform.tfvars.json", "\xfe\xff\x00{", "1:1: the text is UTF-16, not UTF-8"},
		"a no-break space":                 {"terraform.tfvars", "removed_users = []\naccess_groups\u00a0= []\n", "2:14: the character U+00A0"},
		"one in JSON":                      {"terraform.tfvars.json", "{\n\"access_groups\":\u00a0[]}", "2:17: the character U+00A0"},
		"a zero-width space":               {"inputs.hcl", "locals {\n  access_groups = \u200b[]\n}\n", "2:19: the character U+200B"},
		"a mark in the middle":             {"terraform.tfvars", "removed_users = []\n\ufeffaccess_groups = []\n", "2:1: the character U+FEFF"},
		"a no-break space in rolecall.hcl": {"rolecall.hcl", "owner\u00a0= \"platform\"\n", "1:6: the character U+00A0"},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{"a.auto.tfvars": {Data: []byte("management_mode = \"internal\"\n")}, tt.file: {Data: []byte(tt.src)}}
			_, found := config.LoadFS(fsys, "", config.Options{})
			if tt.want == "" && len(found) > 0 || tt.want != "" && (len(found) != 1 || !strings.HasPrefix(found[0].Error(), tt.file+":"+tt.want)) {
				t.Errorf("found %v, want %q", found, tt.want)
			}
		})
	}
}
