package config_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/config/terragrunt"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

const docs = "../../docs"

// TestConfigDocs holds docs/config.md to the tables that the loader reads by.
// Run with -update to write it.
func TestConfigDocs(t *testing.T) {
	var b strings.Builder
	b.WriteString(configIntro)
	b.WriteString(keyTable("Key", config.Schema()))
	b.WriteString("\nIn a Terraform module's variables, these may stand beside them:\n\n")
	b.WriteString(keyTable("Key", config.ModuleKeys()))
	b.WriteString(settingsIntro)
	b.WriteString(keyTable("Setting", config.SettingsSchema()))
	b.WriteString(ignoreText)
	b.WriteString(renamingText)
	b.WriteString(functionsIntro)
	for _, name := range terragrunt.Functions() {
		fmt.Fprintf(&b, "`%s` ", name)
	}
	golden(t, filepath.Join(docs, "config.md"), strings.TrimRight(b.String(), " ")+"\n")
}

func keyTable(what string, keys []config.KeyDoc) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | Type | Required | Default | Set-ups | Meaning |\n|---|---|---|---|---|---|\n", what)
	for _, k := range keys {
		required := ""
		if k.Required {
			required = "yes"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", k.Path, k.Type, required, k.Default, k.SetUps, k.Meaning)
	}
	return b.String()
}

const configIntro = `# The config

Generated from the code; change it there, then run ` + "`go test ./internal/config -update`" + `.

The config is Terraform syntax. These forms are read:

| File | What is read |
|---|---|
| ` + "`*.tfvars`" + ` | its keys; constants only, as in Terraform |
| ` + "`*.tfvars.json`" + ` | the same as JSON |
| ` + "`inputs.hcl`" + ` (Terragrunt) | the keys of ` + "`locals { }`" + ` |
| ` + "`terragrunt.hcl`" + ` | the keys of ` + "`inputs = { }`" + ` |

A folder means its ` + "`terraform.tfvars`, `terraform.tfvars.json`, `*.auto.tfvars`, `*.auto.tfvars.json`, `inputs.hcl` and `terragrunt.hcl`" + `.
A key set in two of them is an error that names both. An ` + "`inputs.hcl`" + ` that ` + "`terragrunt.hcl`" + ` reads counts as far as its inputs pass it on.
Files that ` + "`include`" + ` brings in from above the folder are not read: keys of access belong into the folder itself.

Unknown keys are errors, never ignored: a misspelt key would lose or widen access. Beside the keys of access, locals may have any other name,
unless it is nearly one of these keys and nothing uses it. A key that is null is the same as one that is not written. Texts are in Unicode's
composed form (NFC), as HCL makes them. Numbers and booleans become texts where a text is wanted, as in Terraform, but a number that would become
another text than it is written as (` + "`007`, `1.10`, `1e3`" + `) is an error that says to quote it. Where a set-up is named, the key is for that set-up only;
within a list, the list's counts.

An account is written by its name or its id. Twelve digits in quotes are an id, never a name, whatever an account is called; a number is an error, as
` + "`012345678901`" + ` is 12345678901 to every parser. A name is matched exactly. Where several accounts have it, it means the one that is ACTIVE; where none or
several of them are, it means none, and only an id tells them apart. An account named by its name and again by its id is one account, with a warning.
Every command and the Terraform provider go by this.

## Keys

`

const settingsIntro = `
## Settings of the tool

They are not part of access and live in ` + "`rolecall.hcl`" + ` beside the config: constants only, and never a secret.
` + "`guards`, `scim`, `lints` and `connector \"<kind>\"`" + ` are blocks; the kinds of connectors are okta, entra, google and file.

In the patterns of ` + "`ignore` and `adopt`" + `, ` + "`*`" + ` stands for any characters but ` + "`/`, `?`" + ` for one, and case counts. ` + "`set:`, `group:`, `user:` and `account:`" + ` in front
narrow a pattern to that kind: ` + "`\"set:AWS-*\"`" + ` is about permission sets only, ` + "`\"AWS-*\"`" + ` about whatever has such a name. Users are meant by user name, accounts by
name or id. ` + "`adopt`" + ` takes ` + "`set:` and `group:`" + ` only, and is about what the config defines. [What is promised](promises.md) says what an adoption may take,
what ` + "`ignore`" + ` leaves unseen, and what ` + "`protected`" + ` covers.

A config may come from a stranger's pull request. So secrets go to their vendor's own hosts only, no variable of AWS or of another program is taken for a token, key files are
those of the config's folder, and ` + "`--settings FILE`" + ` pins settings from outside of it: [what to trust in a pull request](trust.md) has the rules, and how to allow more.

`

const functionsIntro = `
## Expressions

In ` + "`inputs.hcl` and `terragrunt.hcl`" + `, locals may use each other, in any order; only those that access depends on are evaluated. No program is run
(` + "`run_cmd`" + `), the environment is not read (` + "`get_env`" + `), and no file outside the config's folder is: such a call is an error where access depends on it.

A name that does not exist is an error within ` + "`try`, `can` and `lookup`" + ` too, as in Terraform: they are for attributes that a value may lack. A local or an input of another file that
` + "`read_terragrunt_config`" + ` reads may be missing there, unless it is nearly the name of one that is there and that the config does not ask for as well (` + "`team`" + ` or ` + "`Teams`" + ` for ` + "`teams`" + `; but ` + "`team2`" + ` may be missing beside ` + "`team1`" + `): that is an error however it is asked for,
through a local of this file, ` + "`merge`" + ` or ` + "`lookup`" + `. So may a file, unless its name is a slip of another file's (` + "`input.hcl`" + ` for ` + "`inputs.hcl`" + `; numbers, and words of fewer than four letters, are names of their own).
` + "`local`" + ` itself is not a value, as in Terraform: name each local, ` + "`local.<name>`" + `.

What expressions make is bounded before it is made: all of a config's together make at most 128 MB and take at most 5 million steps (an element made or looked at), one value has at most 1,000,000 parts,
` + "`format` and `formatlist`" + ` pad to at most 1,000 characters, and a number is less than 2^256. What cannot be written as a number, such as 1 / 0, is an error and never becomes a text.

All files of a config together may have 20 MB, and 1,500,000 words and signs, an object counting as 20 more: about 13,000 groups. With that, no command needs 1 GiB of memory. At most 1,000 warnings and as many errors are listed.

The functions:

`

func allCodes() []diag.CodeDoc {
	all := slices.Concat(config.Codes(), access.Codes())
	slices.SortFunc(all, func(a, b diag.CodeDoc) int { return strings.Compare(string(a.Code), string(b.Code)) })
	return all
}

// TestCodesDocumented finds codes that no table explains, and explanations of
// codes that are gone.
func TestCodesDocumented(t *testing.T) {
	var documented []string
	for _, c := range allCodes() {
		documented = append(documented, string(c.Code))
		if c.Meaning == "" || c.Do == "" {
			t.Errorf("%s has no meaning, or does not say what to do", c.Code)
		}
	}
	declared := slices.Concat(declaredCodes(t, "."), declaredCodes(t, "source"), declaredCodes(t, "../access"))
	slices.Sort(declared)
	if diff := cmp.Diff(declared, documented); diff != "" {
		t.Errorf("codes declared and documented differ (-declared +documented):\n%s", diff)
	}
}

// declaredCodes returns the values of the constants of type diag.Code.
func declaredCodes(t *testing.T, dir string) []string {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, "codes.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
				code, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, code)
			}
		}
		return true
	})
	return out
}

const renamingText = `
### Renaming people and groups

AWS gives a user name and a primary e-mail address to one user only, whatever their case. These edits are made in one apply:

| edit | write |
|---|---|
| the same person under another user name | ` + "`previously = \"<the user name in AWS>\"`" + `: the user keeps id, groups, access and MFA devices |
| addresses that move on from one user to the next | each user's new address, in any order |
| somebody left, and somebody else gets the address | the former in ` + "`removed_users`" + `, the latter in ` + "`users`" + ` |
| two or more who exchange addresses or names | one of them with another one that nobody has; apply; then its own; apply |
| names that move on (` + "`previously`" + ` names one that is still in the config) | the one whose new name is free; apply; take out its ` + "`previously`" + `; then the next |

A user whose address somebody else in AWS has, and keeps, is an error at plan that names the other one. Before you write ` + "`previously`" + ` there, see that both are one person:
a namesake or a successor would get all that the other has (` + "`rolecall access user NAME`" + `).

Where user name and e-mail address change together, as after a marriage or with the company's domain, AWS cannot tell that both are one person: the plan creates a user. It then
has a note where somebody of the same display name, or given and family name, is in groups of this config without being in it, with the ` + "`previously`" + ` to write if both are one person.

` + "`previously`" + ` of a group renames one of ` + "`access_groups`" + ` in AWS, and follows a rename of one of ` + "`external_groups`" + ` that the identity provider has made. A group that was renamed without that is named by plan,
` + "`verify` and `doctor`" + ` with what it is called now: write that name with ` + "`previously`" + `, once you know who is in it, or have it renamed back.

In Terraform, ` + "`previously`" + ` is for what the state does not know. A user or group that the state has is renamed by its argument, and in the module, which has one resource a name, by a ` + "`moved`" + ` block beside it.
`
