package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const published = `{
	"metadata": {"apiVersion": "2020-01-01", "endpointPrefix": "x", "protocol": "json", "targetPrefix": "X", "uid": "x-1"},
	"operations": {
		"Get": {"name": "Get", "documentation": "<p>Gets.</p>", "http": {"method": "POST"}, "input": {"shape": "In"}, "errors": [{"shape": "Gone"}]},
		"Put": {"name": "Put", "input": {"shape": "Other"}},
		"Lost": {"name": "Lost", "input": {"shape": "Nowhere"}}
	},
	"shapes": {
		"In": {"type": "structure", "required": ["http"], "members": {"http": {"shape": "Text", "documentation": "<p>A member.</p>"}}},
		"Text": {"type": "string", "min": 1, "documentation": "<p>Text.</p>"},
		"Gone": {"type": "structure", "exception": true},
		"Other": {"type": "structure"}
	}
}`

// folders has a published model, and a file of the emulator's with one of its operations.
func folders(t *testing.T) (models, out string) {
	t.Helper()
	models, out = t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		filepath.Join(models, "x.json"):            published,
		filepath.Join(models, "x.paginators.json"): `{"pagination": {"Get": {"input_token": "NextToken"}, "Put": {}}}`,
		filepath.Join(out, "x.json"):               `{"operations": {"Get": {}}}`,
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return models, out
}

func TestTakesWhatIsServed(t *testing.T) {
	models, out := folders(t)
	if err := run(models, out, ""); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, "x.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got model
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Operations) != 1 || len(got.Shapes) != 3 || len(got.Pagination) != 1 || got.Metadata["targetPrefix"] != "X" || got.Metadata["uid"] != nil {
		t.Errorf("got %s", text)
	}
	if members := got.Shapes["In"]["members"].(object); len(members) != 1 {
		t.Errorf("members %v", members)
	}
	for _, gone := range []string{"documentation", "<p>", "method"} {
		if strings.Contains(string(text), gone) {
			t.Errorf("it has %q:\n%s", gone, text)
		}
	}
	if err := run(models, out, "x:Put"); err != nil {
		t.Fatal(err)
	}
	if more, _ := os.ReadFile(filepath.Join(out, "x.json")); !strings.Contains(string(more), `"Other"`) || !strings.Contains(string(more), `"Gone"`) {
		t.Errorf("with one more: %s", more)
	}
}

func TestRefuses(t *testing.T) {
	for add, want := range map[string]string{"x:Nothing": `no operation "Nothing"`, "x:Lost": `no shape "Nowhere"`} {
		models, out := folders(t)
		if err := run(models, out, add); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error about %q", add, err, want)
		}
	}
}

// The emulator's files are what AWS's models have. These are not in the repository and
// change without us, so it runs where somebody who brings them up to date has a folder of
// them; that the table is sound by itself, the tests of the emulator say each time.
func TestFilesAreCurrent(t *testing.T) {
	models := os.Getenv("ROLECALL_AWS_MODELS")
	if models == "" {
		t.Skip("set ROLECALL_AWS_MODELS to a folder of AWS's service models (botocore's data folder) to check that the emulator's are current")
	}
	const files = "../../emulator/internal/model/services"
	out := t.TempDir()
	if err := os.CopyFS(out, os.DirFS(files)); err != nil {
		t.Fatal(err)
	}
	if err := run(models, out, ""); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sso-admin", "identitystore", "organizations", "sts", "iam"} {
		want, _ := os.ReadFile(filepath.Join(out, name+".json"))
		if got, err := os.ReadFile(filepath.Join(files, name+".json")); err != nil || string(got) != string(want) {
			t.Errorf("%s.json is stale (%v): run go -C tools run ./emulatormodel -models with that folder", name, err)
		}
	}
}
