package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// validation is what validate says of a config.
type validation struct {
	Valid       bool     `json:"valid"`
	Path        string   `json:"path"`
	Files       []string `json:"files"`
	Owner       string   `json:"owner,omitempty"`
	SetUp       string   `json:"set_up,omitempty"`
	Groups      int      `json:"groups"`
	Users       int      `json:"users"`
	Assignments int      `json:"grants"`
}

func (a *app) validateCommand() *cobra.Command {
	sarif := false
	cmd := &cobra.Command{
		Use:   "validate [PATH]",
		Short: "Check a config without calling AWS",
		Long: `validate reads the config at PATH, a file or a folder (default: the current folder),
and reports every error with its location: what the set-up does not allow, what
AWS would refuse, unknown keys. It makes no network calls.

It also runs the lints: best practices that AWS does not require, such as a common
prefix for group names, or no wildcards in inline policies. Lints are warnings; the
block "lints" in rolecall.hcl turns each off, or into an error. plan and apply do
not run them.`,
		Example: `  rolecall validate
  rolecall validate access/terraform.tfvars
  rolecall validate access --json
  rolecall validate access --sarif`,
		Args: cobra.MaximumNArgs(1),
	}
	a.jsonFlag(cmd)
	cmd.Flags().BoolVar(&sarif, "sarif", false, "print the findings as SARIF 2.1.0, for code scanning in CI")
	cmd.MarkFlagsMutuallyExclusive("json", "sarif")
	cmd.RunE = a.command(func(cmd *cobra.Command, args []string) outcome {
		o := a.validate(path(args))
		if sarif {
			o.text = sarifText(path(args), o.findings, o.sources)
		}
		return o
	})
	return cmd
}

func (a *app) validate(path string) outcome {
	options, err := a.options()
	if err != nil {
		return failed(err)
	}
	result, findings := config.Validate(path, options)
	findings = result.Lint(findings)
	v := validation{Valid: !findings.HasErrors(), Path: path, Files: result.Files, Owner: result.Settings.Owner.Value}
	o := outcome{findings: findings, sources: result.Sources, data: &v}
	if !v.Valid {
		o.code = Failed
		return o
	}
	v.SetUp = string(result.Config.SetUp())
	desired := access.Desired(result.Config, v.Owner)
	v.Groups, v.Users, v.Assignments = len(desired.Groups), len(desired.Users), len(desired.Assignments)
	o.text = v.text(findings)
	return o
}

func (v *validation) text(findings diag.List) text {
	warnings := ""
	if n := findings.Count(diag.Warning); n > 0 {
		warnings = ", with " + count(n, "warning")
	}
	return say("%s is valid%s: %s, %s, %s, %s\n", v.Path, warnings, v.SetUp,
		count(v.Groups, "group"), count(v.Users, "user"), count(v.Assignments, "account assignment"))
}

// count returns "1 group", "2 groups".
func count(n int, what string) string {
	if n != 1 && strings.HasSuffix(what, "y") {
		what = strings.TrimSuffix(what, "y") + "ie"
	}
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
