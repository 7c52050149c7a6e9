package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/render"
	"github.com/rolecall-dev/rolecall/internal/report"
)

// accessFlags say how access is shown.
type accessFlags struct {
	aws       awsFlags
	config    string
	csv, scan bool
}

func (a *app) accessCommand() *cobra.Command {
	var f accessFlags
	cmd := &cobra.Command{
		Use:   "access user|group|account NAME",
		Short: "Show the access of a user, group or account, and where it comes from",
		Long: `access reads assignments from AWS, whoever made them:

  access user NAME      the accounts that a person can reach, with which
                        permission set, and through which group or directly.
                        NAME is the user name or the e-mail address.
  access group NAME     the members of a group, and the accounts and permission
                        sets that it grants.
  access account NAME   everyone who can sign in to an account, with what and
                        through which group, and assignments that nobody can
                        use. NAME is the account's name or 12-digit id.

It shows the owner of each permission set, disabled users, suspended accounts,
and what could not be read. It needs no config; if there is one, rolecall.hcl
beside it selects the instance and Region.

It makes 3 or 4 calls to find the instance. Then, for a user: 4, and 2 per group
of the user; for a group: 4, and up to 1 per member; for an account: 2, and 1 per
permission set there, 2 per group and up to 1 per person. In addition, 1 per
permission set shown (2 if its name is not cached yet), and for the accounts 1
each, or 1 per 20 in the organization.

Only the management account can ask for the assignments of a user or group. From
a delegated administrator's account every assignment is read, 1 call per
permission set and account; it reports in advance how long that takes. "access
account" costs the same from both.

It exits with 0 if the name was found, with or without access, otherwise with 1.
It changes nothing.`,
		Example: `  rolecall access user jane@company.com
  rolecall access group AWS-Development-Team
  rolecall access account production --csv
  rolecall access account 444455556666 --json`,
		Args:              accessArgs,
		ValidArgsFunction: completeAccess,
	}
	a.jsonFlag(cmd)
	f.aws.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.config, "config", ".", "config file or folder that rolecall.hcl is beside")
	flags.BoolVar(&f.csv, "csv", false, "print CSV, one row per person, account and way of access")
	flags.BoolVar(&f.scan, "scan", false, "if no user or group has that name, search all names for similar ones, one call per hundred (default: the first hundred)")
	cmd.MarkFlagsMutuallyExclusive("json", "csv")
	cmd.RunE = a.command(func(cmd *cobra.Command, args []string) outcome {
		return a.access(cmd.Context(), report.Kind(args[0]), args[1], &f)
	})
	return cmd
}

func accessKinds() []string {
	return []string{string(report.User), string(report.Group), string(report.Account)}
}

func accessArgs(_ *cobra.Command, args []string) error {
	if len(args) == 2 && args[1] != "" && slices.Contains(accessKinds(), args[0]) {
		return nil
	}
	return fmt.Errorf("access takes `user NAME`, `group NAME` or `account NAME`")
}

// completeAccess completes the first word; names would cost calls to AWS.
func completeAccess(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return accessKinds(), cobra.ShellCompDirectiveNoFileComp
}

func (a *app) access(ctx context.Context, kind report.Kind, name string, f *accessFlags) outcome {
	// What is wrong with the config beside rolecall.hcl, or that there is none, does
	// not matter to whoever only looks at AWS.
	s, err := a.settings(f.config, func(d diag.Diagnostic, pinned string) bool {
		return filepath.Base(d.Range.File) == config.SettingsFile || d.Range.File == pinned
	})
	if err != nil {
		return s.fail(err)
	}
	if err := s.reach(ctx, f.aws, s.result.Settings); err != nil {
		return s.fail(err)
	}
	read, err := s.readAccess(ctx, kind, name, f)
	if err != nil {
		return s.fail(err)
	}
	s.findings = append(s.findings, read.Notes...)
	if read.ID == "" {
		return s.end(refuse(nobodyCalled(kind, name, read, f.scan)))
	}
	s.findings = append(s.findings, saidInCase(name, &read)...)
	return s.end(shownAccess(reportOn(kind, &read), f.csv))
}

func (s *session) readAccess(ctx context.Context, kind report.Kind, name string, f *accessFlags) (read.Access, error) {
	watch := s.app.watchRead()
	defer watch.end()
	o := read.AccessOptions{Scan: f.scan, Progress: watch.step, Estimate: watch.announce}
	switch kind {
	case report.User:
		return s.reader.UserAccess(ctx, name, o)
	case report.Group:
		return s.reader.GroupAccess(ctx, name, o)
	default:
		return s.reader.AccountAccess(ctx, name, o)
	}
}

// shortRead is how long a part of a read may take without a word beforehand.
const shortRead = 2 * time.Second

// announce tells whoever waits for a slow read how long it takes, on stderr.
func (r *readWatch) announce(e read.AccessEstimate) {
	takes := time.Duration(e.Seconds * float64(time.Second)).Round(time.Second)
	switch {
	case r.app.json:
		r.app.emit("estimate", e)
	case takes > shortRead:
		r.meter.above(fmt.Sprintf("Only the management account can ask by user or group. Reading all %s instead: %d calls, about %s.\n", e.What, e.Calls, takes))
	}
}

func reportOn(kind report.Kind, read *read.Access) report.Report {
	s := &read.State
	switch kind {
	case report.User:
		return report.OfUser(s, at(s.Users, read.ID, func(u access.User) string { return u.ID }))
	case report.Group:
		return report.OfGroup(s, at(s.Groups, read.ID, func(g access.Group) string { return g.ID }))
	default:
		return report.OfAccount(s, at(s.Accounts, read.ID, func(a access.Account) string { return a.ID }))
	}
}

// at returns where in a table the row with the id is; a read always has the one
// that it was about.
func at[T any](rows []T, id string, idOf func(T) string) int {
	for i, row := range rows {
		if idOf(row) == id {
			return i
		}
	}
	panic("a read lacks what it is about")
}

// shownAccess prints a report. A CSV has rows and nothing else, so what could
// not be seen is said beside it.
func shownAccess(r report.Report, asCSV bool) outcome {
	if !asCSV {
		return outcome{data: r, text: func(w io.Writer, style render.Style) error { return render.Access(w, r, style) }}
	}
	o := outcome{text: func(w io.Writer, _ render.Style) error { return render.AccessCSV(w, r) }}
	for _, what := range r.Observed.CannotSee {
		o.findings = append(o.findings, diag.Diagnostic{Severity: diag.Note, Code: CodeNotSeen, Summary: "not in the CSV, because it was not read: " + what})
	}
	return o
}
