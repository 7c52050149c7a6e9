package config_test

import (
	"fmt"
	"path/filepath"
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
	b.WriteString(lintsIntro)
	b.WriteString("| Lint | What it finds | Default | Its keys |\n|---|---|---|---|\n")
	for _, lint := range config.LintDocs() {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s | %s | %s |\n", lint.Code, strings.ReplaceAll(string(lint.Code), ".", ""), lint.Meaning, lint.Default, keyNames(lint.Keys))
	}
	for _, lint := range config.LintDocs() {
		writeLint(&b, lint)
	}
	b.WriteString(lintsEnd)
	golden(t, filepath.Join(docs, "lints.md"), b.String())
}

func keyNames(keys []config.KeyDoc) string {
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

const lintsIntro = `# Lints

Generated from the code; change it there, then run ` + "`go test ./internal/config -update`" + `.

Lints are what AWS takes and a reviewer would ask about. ` + "`rolecall validate`" + ` runs them, offline, beside its checks; ` + "`plan` and `apply`" + ` do not, so that
a change of taste never stops a change of access. A lint warns, which leaves the exit code 0, unless ` + "`rolecall.hcl`" + ` makes it an error, which makes it 1:

` + "```hcl" + `
# access/rolecall.hcl
owner = "platform"

lints {
  description        = "error"
  wildcard_action    = "off"
  group_name_prefix  = { prefix = "AWS-", except = ["Break-Glass"] }
  production_session = { accounts = ["production"], longest = "PT4H" }
}
` + "```" + `

` + "```hcl" + `
# access/terraform.tfvars
management_mode      = "external"
scim_identity_source = "Okta"

external_groups = [
  {
    name                 = "AWS-Operations"
    description          = "Keeps the services running"
    session_duration     = "PT12H"
    aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    accounts_names       = ["staging", "production"]
  },
]
` + "```" + `

` + "```console" + `
$ rolecall validate access
Warning: sessions of the group "AWS-Operations" last PT12H in production: "production"
...
1 warning.
access is valid, with 1 warning: external IdP with SCIM, 1 group, 0 users, 2 account assignments
` + "```" + `

A lint is set by its severity alone, ` + "`off`, `warning` or `error`" + `, or by an object of its keys. Where a lint has a key ` + "`except`" + `, it passes over the groups that the key names.
Where a place has an error already, no lint speaks of it. The lints' ids are stable: they are the findings' ` + "`code`" + ` in the JSON, and the rules in SARIF.

## The lints

`

const lintsEnd = `
## In CI

` + "`--sarif`" + ` prints all findings, errors and lints, as [SARIF](https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html) 2.1.0, which code scanning shows at the lines of a pull request:

` + "```console" + `
$ rolecall validate access --sarif > rolecall.sarif
...
$ rolecall validate nowhere --sarif > rolecall.sarif # exits with 1
...
` + "```" + `

Paths in it are relative to the root of the repository, under the base ` + "`%SRCROOT%`" + `; columns count UTF-16 code units; each config of a repository is a category of its own, by its
path; and fingerprints let an alert stay the same when lines are added above it. The findings also go to stderr, and the exit code is as without it. On GitHub:

` + "```yaml" + `
# .github/workflows/access.yml
name: access
on: [pull_request, push]
permissions:
  contents: read
  security-events: write # to upload findings
jobs:
  validate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-go@v5
        with:
          go-version: stable
      - run: go install github.com/rolecall-dev/rolecall/cmd/rolecall@latest
      - run: rolecall validate access --sarif > rolecall.sarif
      - uses: github/codeql-action/upload-sarif@v3
        if: always() # most of all where validate found errors
        with:
          sarif_file: rolecall.sarif
` + "```" + `
`

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
