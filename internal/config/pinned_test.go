package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/config"
)

// TestPinned: what --settings says counts, and nothing beside the config changes
// or widens it in silence.
func TestPinned(t *testing.T) {
	const all = "owner = \"platform\"\nregion = \"eu-west-1\"\nprotected = [\"Break-Glass\"]\nadopt = [\"set:A\", \"set:B\"]\nignore = [\"AWS*\"]\nguards {\n  removal_max = 10\n}\n"
	for _, tt := range []struct {
		name, pinned, own string
		key               string // of the contradiction; "" where there is none
		want              string // owner, protected, adopt, ignore, most removals
	}{
		{"nothing beside the config", all, "", "", "platform [Break-Glass] [set:A set:B] [AWS*] 10"},
		{"the same beside it", all, all, "", "platform [Break-Glass] [set:A set:B] [AWS*] 10"},
		{"in another order", all, "adopt = [\"set:B\", \"set:A\"]\n", "", "platform [Break-Glass] [set:A set:B] [AWS*] 10"},
		{"more protected", all, "protected = [\"Root\", \"Break-Glass\"]\n", "", "platform [Root Break-Glass] [set:A set:B] [AWS*] 10"},
		{"less protected", all, "protected = []\n", "protected", ""},
		{"another owner", all, "owner = \"other\"\n", "owner", ""},
		{"another Region", all, "region = \"us-east-1\"\n", "region", ""},
		{"adopts more", all, "adopt = [\"set:A\", \"set:B\", \"*\"]\n", "adopt", ""},
		{"adopts less", all, "adopt = [\"set:A\"]\n", "adopt", ""},
		{"ignores more", all, "ignore = [\"*\"]\n", "ignore", ""},
		{"ignores nothing", all, "ignore = []\n", "ignore", ""},
		{"another guard", all, "guards {\n  removal_max = 11\n}\n", "removal_max", ""},
		{"adopts what is not pinned", "owner = \"platform\"\n", "adopt = [\"*\"]\n", "adopt", ""},
		{"ignores what is not pinned", "owner = \"platform\"\n", "ignore = [\"*\"]\n", "ignore", ""},
		{"a wider guard", "owner = \"platform\"\n", "guards {\n  removal_percent = 26\n}\n", "removal_percent", ""},
		{"a wider least", "owner = \"platform\"\n", "guards {\n  removal_min = 6\n}\n", "removal_min", ""},
		{"a wider most", "owner = \"platform\"\n", "guards {\n  removal_max = 101\n}\n", "removal_max", ""},
		{"a narrower guard", "owner = \"platform\"\n", "guards {\n  removal_max = 3\n}\n", "", "platform [] [] [] 3"},
		{"protects what is not pinned", "owner = \"platform\"\n", "protected = [\"A\"]\n", "", "platform [A] [] [] 0"},
		{"the owner is not pinned", "ignore = []\n", "owner = \"platform\"\n", "", "platform [] [] [] 0"},
		{"other keys", "other_keys = [\"a\"]\n", "other_keys = [\"b\"]\n", "other_keys", ""},
		{"another endpoint", "scim {\n  endpoint = \"https://scim.eu-west-1.amazonaws.com/a/\"\n}\n", "scim {\n  endpoint = \"https://scim.eu-west-1.amazonaws.com/b/\"\n}\n", "scim", ""},
		{"another connector", "connector \"okta\" {\n  organization = \"a.okta.com\"\n}\n", "connector \"okta\" {\n  organization = \"b.okta.com\"\n}\n", "connector", ""},
		{"a further connector", "connector \"okta\" {\n  organization = \"a.okta.com\"\n}\n", "connector \"file\" {\n  path = \"a.csv\"\n}\n", "connector", ""},
		{"other lints", "lints {\n  description = \"error\"\n}\n", "lints {\n  description = \"off\"\n}\n", "lints", ""},
		{"the same lints", "owner = \"platform\"\nlints {\n  description = \"error\"\n}\n", "lints {\n\n  description = \"error\"\n}\n", "", "platform [] [] [] 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "pinned.hcl")
			if err := os.WriteFile(file, []byte(tt.pinned), 0o600); err != nil {
				t.Fatal(err)
			}
			fsys := fstest.MapFS{"terraform.tfvars": {Data: []byte("access_groups = []\n")}, "rolecall.hcl": {Data: []byte(tt.own)}}
			res, found := config.ValidateFS(fsys, "", config.Options{Settings: file})
			if tt.key == "" {
				s := res.Settings
				got := strings.Join([]string{s.Owner.Value, list(values(s.Protected)), list(values(s.Adopt)), list(values(s.Ignore)), fmt.Sprint(s.Guards.RemovalMax.Value)}, " ")
				if diff := cmp.Diff(tt.want, got); diff != "" || len(found) > 0 {
					t.Errorf("settings differ (-want +got):\n%s%v", diff, found)
				}
				return
			}
			if len(found) != 1 || found[0].Code != config.CodePinned || !strings.Contains(found[0].Summary, "\""+tt.key+"\"") ||
				found[0].Range.File != "rolecall.hcl" || found[0].Range.Start.Line == 0 || found[0].Related[0].File != file {
				t.Errorf("it finds %+v", found)
			}
		})
	}
}

func list(items []string) string { return "[" + strings.Join(items, " ") + "]" }

// TestPinnedFileIsWrong: a file that is not there, or cannot be read, pins
// nothing, so it is an error.
func TestPinnedFileIsWrong(t *testing.T) {
	fsys := fstest.MapFS{"terraform.tfvars": {Data: []byte("access_groups = []\n")}}
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.hcl")
	if err := os.WriteFile(broken, []byte("owner = \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(dir, "gone.hcl"), dir, broken} {
		if _, found := config.ValidateFS(fsys, "", config.Options{Settings: file}); !found.HasErrors() || !strings.HasPrefix(found[0].Range.File, file) {
			t.Errorf("%s: %v", file, found)
		}
	}
}
