package cli

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// starting are the flags of init; what is empty is asked.
type starting struct {
	setUp, owner, idp, account string
}

// started is what init returns.
type started struct {
	Files []string `json:"files"`
	SetUp string   `json:"set_up"`
	Owner string   `json:"owner"`
}

func (a *app) initCommand() *cobra.Command {
	var f starting
	cmd := &cobra.Command{
		Use:   "init [FOLDER]",
		Short: "Write a first config and rolecall.hcl",
		Long: `init asks how users and groups get to AWS and which team owns the config, and
writes a first config (terraform.tfvars) and rolecall.hcl to FOLDER (default: the
current folder). It never overwrites a file. It does not ask for what a flag sets.`,
		Example: `  rolecall init access
  rolecall init access --set-up scim --identity-provider Okta --owner platform --account development`,
		Args: cobra.MaximumNArgs(1),
	}
	a.jsonFlag(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.setUp, "set-up", "", "how users and groups get to AWS: "+strings.Join(setUpNames(), ", "))
	flags.StringVar(&f.owner, "owner", "", "team that owns this, used as the owner tag: 1 to 18 letters, digits and dashes")
	flags.StringVar(&f.idp, "identity-provider", "", "name of the identity provider, such as Okta")
	flags.StringVar(&f.account, "account", "", "name of an AWS account for the first group")
	cmd.RunE = a.command(func(cmd *cobra.Command, args []string) outcome { return a.start(path(args), f) })
	return cmd
}

// setUpName is a set-up as init calls it.
type setUpName struct {
	flag  string
	setUp access.SetUp
	means string
	idp   string // a likely identity provider; "" where there is none
}

func startingSetUps() []setUpName {
	return []setUpName{
		{"scim", access.SCIM, "an identity provider pushes users and groups to AWS (Okta, Entra ID)", "Okta"},
		{"scim-users", access.SCIMUsersOnly, "an identity provider pushes users only (Google Workspace)", "Google Workspace"},
		{"without-scim", access.WithoutSCIM, "an identity provider signs people in and pushes nothing", "Okta"},
		{"built-in", access.BuiltIn, "users and groups live in AWS alone", ""},
	}
}

func setUpNames() []string {
	var out []string
	for _, s := range startingSetUps() {
		out = append(out, s.flag)
	}
	return out
}

func (a *app) start(dir string, f starting) outcome {
	chosen, err := a.complete(&f)
	if err != nil {
		return failed(err)
	}
	files := map[string]string{
		"terraform.tfvars":  firstConfig(chosen.setUp, f.idp, f.account),
		config.SettingsFile: fmt.Sprintf("owner = %q\n", f.owner),
	}
	if err := createFiles(dir, files); err != nil {
		return failed(err)
	}
	did := started{SetUp: string(chosen.setUp), Owner: f.owner}
	for name := range files {
		did.Files = append(did.Files, filepath.Join(dir, name))
	}
	slices.Sort(did.Files)
	return outcome{data: did, text: say("Wrote %s.\n\nNext: add your groups and accounts to terraform.tfvars, then run\n  rolecall validate %s\n  rolecall plan %s\n",
		strings.Join(did.Files, " and "), dir, dir)}
}

// complete asks for what the flags do not say, and checks all of it.
func (a *app) complete(f *starting) (setUpName, error) {
	in := bufio.NewReader(a.sys.Stdin)
	chosen, err := a.askSetUp(in, f.setUp)
	if err != nil {
		return chosen, err
	}
	if chosen.idp != "" && f.idp == "" {
		if f.idp, err = a.askFor(in, "Name of the identity provider", chosen.idp, "--identity-provider"); err != nil {
			return chosen, err
		}
	}
	for _, q := range []struct {
		value                   *string
		question, likely, named string
	}{
		{&f.owner, "Which team owns this? Used as the owner tag (letters, digits, dashes)", "platform", "--owner"},
		{&f.account, "Name of an AWS account for the first group", "development", "--account"},
	} {
		if *q.value != "" {
			continue
		}
		if *q.value, err = a.askFor(in, q.question, q.likely, q.named); err != nil {
			return chosen, err
		}
	}
	if !access.ValidOwner(f.owner) {
		return chosen, diag.Diagnostic{Severity: diag.Error, Code: config.CodeBadOwner, Summary: fmt.Sprintf("%q is not a valid owner", f.owner),
			Hint: "An owner is 1 to 18 letters, digits and dashes."}
	}
	return chosen, nil
}

func (a *app) askSetUp(in *bufio.Reader, given string) (setUpName, error) {
	all := startingSetUps()
	if given == "" {
		fmt.Fprintln(a.sys.Stderr, "How do users and groups get to AWS?")
		for i, s := range all {
			fmt.Fprintf(a.sys.Stderr, "  %d  %-12s  %s\n", i+1, s.flag, s.means)
		}
		var err error
		if given, err = a.askFor(in, "Number or name", all[0].flag, "--set-up"); err != nil {
			return setUpName{}, err
		}
	}
	for i, s := range all {
		if given == s.flag || given == fmt.Sprint(i+1) {
			return s, nil
		}
	}
	hint := names.DidYouMean(names.Nearest(given, setUpNames()), "Choose one of "+strings.Join(setUpNames(), ", ")+".")
	return setUpName{}, diag.Diagnostic{Severity: diag.Error, Code: CodeUsage, Summary: fmt.Sprintf("unknown set-up %q", given), Hint: hint}
}

// askFor asks one question; an empty line means what is likely. Where nobody
// answers, the flag that would have is named.
func (a *app) askFor(in *bufio.Reader, question, likely, flag string) (string, error) {
	fmt.Fprintf(a.sys.Stderr, "%s [%s]: ", question, likely)
	line, err := in.ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || line == "") {
		fmt.Fprintln(a.sys.Stderr)
		return "", diag.Diagnostic{Severity: diag.Error, Code: CodeUsage, Summary: "no answer: nothing was written",
			Hint: fmt.Sprintf("No terminal to ask on? Pass %s.", flag)}
	}
	return cmp.Or(strings.TrimSpace(line), likely), nil
}
