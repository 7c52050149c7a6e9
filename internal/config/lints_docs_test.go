package config_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// TestLintDocs holds docs/lints.md to the lints and their settings. Run with
// -update to write it.
func TestLintDocs(t *testing.T) {
	var b strings.Builder
	b.WriteString("| Lint | What it finds | Default | Its keys |\n|---|---|---|---|\n")
	for _, lint := range config.LintDocs() {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s | %s | %s |\n", lint.Code, strings.ReplaceAll(string(lint.Code), ".", ""), lint.Meaning, lint.Default, keyNames(lint.Keys))
	}
	for _, lint := range config.LintDocs() {
		writeLint(&b, lint)
	}
	page(t, "lints.md", map[string]string{"lints": b.String()})
}

func keyNames(keys []access.KeyDoc) string {
	var out []string
	for _, k := range keys {
		out = append(out, "`"+k.Path+"`")
	}
	return strings.Join(out, ", ")
}

func writeLint(b *strings.Builder, lint config.LintDoc) {
	fmt.Fprintf(b, "\n### %s\n\n%s %s\n\n%s", lint.Code, lint.Meaning, lint.Do, lintNotes()[lint.Code])
	fmt.Fprintf(b, "```hcl\nlints {\n  %s\n}\n```\n\n| Key | Type | Default | Meaning |\n|---|---|---|---|\n", lint.Example)
	for _, k := range lint.Keys {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", k.Path, k.Type, k.Default, k.Meaning)
	}
}

// lintNotes say of a lint what its one line does not.
func lintNotes() map[diag.Code]string {
	return map[diag.Code]string{
		access.CodeLintAdministrator: "It knows the policy in every partition (`arn:aws`, `arn:aws-cn`, `arn:aws-us-gov`, ...), and inline policies that allow every action on every\n" +
			"resource, with conditions or without. What a customer managed policy allows cannot be known from the config. A severity without `groups` means that no group may have it.\n\n",
		access.CodeLintManagementAccount: "Groups that share a set by `permission_set_name` count together. The source is AWS's guide to\n" +
			"[delegated administration](https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html). `plan` says the same of the real organization.\n\n",
		access.CodeLintWildcardAction: "`*`, `s3:*` and `*:Get*` are found, in every spelling such as `*:*` and `S3:**`; `s3:Get*` is not. Statements with conditions are passed over. What allows everything on\n" +
			"everything is left to `lint.administrator` where that is on.\n\n",
		access.CodeLintWildcardResource: "Many actions know no resource but `*`, so only some matter: " + codeList(access.EscalatingActions()) + ". Every resource is `*`,\n" +
			"an ARN with nothing but wildcards, such as `arn:aws:s3:::*`, every role or user of IAM, such as `arn:aws:iam::*:role/*`, or `not_resources`. Statements with conditions are passed over.\n\n",
	}
}

func codeList(items []string) string { return "`" + strings.Join(items, "`, `") + "`" }

// TestLintExamples: what the documents show sets its lint, and nothing is wrong
// with it.
func TestLintExamples(t *testing.T) {
	for _, lint := range config.LintDocs() {
		settings := fmt.Sprintf("lints {\n  %s\n}\n", lint.Example)
		res, found := config.LoadFS(fstest.MapFS{"rolecall.hcl": {Data: []byte(settings)}, "terraform.tfvars": {Data: []byte(plain)}}, "", config.Options{})
		if len(found) > 0 || reflect.DeepEqual(res.Settings.Lints, access.Lints{}) {
			t.Errorf("%s: %v", lint.Example, found)
		}
	}
}

// TestLintExceptions: every lint that has the key takes it.
func TestLintExceptions(t *testing.T) {
	for _, lint := range config.LintDocs() {
		if !strings.Contains(keyNames(lint.Keys), "`except`") {
			continue
		}
		read := func(keys string) access.Lints {
			settings := fmt.Sprintf("lints {\n  %s = { severity = \"off\"%s }\n}\n", lint.Key, keys)
			res, found := config.LoadFS(fstest.MapFS{"rolecall.hcl": {Data: []byte(settings)}, "terraform.tfvars": {Data: []byte(plain)}}, "", config.Options{})
			if len(found) > 0 {
				t.Errorf("%s: %v", settings, found)
			}
			return res.Settings.Lints
		}
		if reflect.DeepEqual(read(""), read(`, except = ["Break-Glass"]`)) {
			t.Errorf("%s: the key except changes nothing", lint.Key)
		}
	}
}
