package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// System is the machine as the command sees it.
type System struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(name string) string
	// LookupEnv tells a variable that is empty from one that is not set; nil means
	// that an empty one is not set.
	LookupEnv func(name string) (string, bool)
	// AWS changes how AWS is reached; nil means the SDK's standard chain. The
	// demo points it at its own emulator.
	AWS func(*identitycenter.Options)
	// HTTP is the way to identity providers, and to AWS's SCIM endpoint; nil means
	// http.DefaultTransport.
	HTTP http.RoundTripper
}

// Main runs one command line, without the program's name, and returns its exit
// code. The first SIGINT or SIGTERM ends it in good order, the second at once.
func Main(ctx context.Context, args []string, sys System) int {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return int(run(ctx, args, sys))
}

// run is Main without signals.
func run(ctx context.Context, args []string, sys System) ExitCode {
	a := &app{sys: sys}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(sys.Stdin)
	root.SetOut(sys.Stdout)
	root.SetErr(sys.Stderr)
	if cmd, err := root.ExecuteContextC(ctx); err != nil {
		return a.finish(cmd, outcome{code: Failed, findings: diag.List{usage(cmd, err)}})
	}
	return a.code
}

// app is one command line being run.
type app struct {
	sys     System
	json    bool
	noColor bool
	verbose bool
	pinned  string // the file that --settings names
	pins    *pflag.Flag
	code    ExitCode
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "rolecall",
		Short: "Access to your AWS accounts as code, and proof that AWS matches it",
		Long: `rolecall manages access to AWS accounts through IAM Identity Center as code:
it reads an access config in Terraform syntax, compares it with AWS, shows a
plan, applies it and proves that AWS matches the config.

Credentials, Region and endpoints come from the AWS SDK's standard chain:
AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL and so on. No flag takes a secret.

A config may come from an untrusted pull request. --settings FILE, or
ROLECALL_SETTINGS, pins owner, guards, protected, adopt, ignore and every other
setting in FILE, which has the form of rolecall.hcl; it is an error if
rolecall.hcl beside the config contradicts it. ROLECALL_ALLOWED_HOSTS,
ROLECALL_ALLOWED_VARIABLES and ROLECALL_ALLOWED_PATHS allow hosts, variables and
files that a config cannot name by itself. See docs/trust.md.`,
		Example: `  rolecall demo
  rolecall init access
  rolecall plan access
  rolecall apply access`,
		Args:          cobra.ArbitraryArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(args[0])
			}
			return cmd.Help()
		},
	}
	root.PersistentFlags().BoolVar(&a.noColor, "no-color", false, "disable color, as NO_COLOR does")
	root.PersistentFlags().StringVar(&a.pinned, "settings", "", "file that pins settings from outside the config's folder, instead of "+settingsVariable)
	a.pins = root.PersistentFlags().Lookup("settings")
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Hidden: true, Use: "no-help"})
	root.AddCommand(a.commands()...)
	return root
}

func (a *app) commands() []*cobra.Command {
	return []*cobra.Command{
		a.initCommand(), a.validateCommand(), a.planCommand(), a.applyCommand(), a.verifyCommand(), a.doctorCommand(), a.accessCommand(),
		a.unlockCommand(), a.emulatorCommand(), a.demoCommand(), a.versionCommand(), a.completionCommand(),
	}
}

// noCommand is the name of a command that there is none of.
type noCommand string

// Error says so.
func (n noCommand) Error() string { return fmt.Sprintf("unknown command %q", string(n)) }

// usage explains a command line that cannot be run.
func usage(cmd *cobra.Command, err error) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Error, Code: CodeUsage, Summary: err.Error(), Hint: usageHint(cmd, err)}
}

func usageHint(cmd *cobra.Command, err error) string {
	help := fmt.Sprintf("Run `%s --help` for usage.", cmd.CommandPath())
	given, known := "", []string(nil)
	var flag *pflag.NotExistError
	var command noCommand
	switch {
	case errors.As(err, &command):
		given = string(command)
		for _, c := range cmd.Commands() {
			known = append(known, c.Name())
		}
	case errors.As(err, &flag):
		given = flag.GetSpecifiedName()
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	}
	slices.Sort(known)
	near := names.Nearest(given, known)
	switch {
	case near == "":
		return help
	case flag != nil:
		near = "--" + near
	}
	return fmt.Sprintf("Did you mean `%s`? %s", near, help)
}

// path returns the config's path: the one argument, or the current folder.
func path(args []string) string {
	if len(args) == 0 {
		return "."
	}
	return args[0]
}
