package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/doctor"
	"github.com/rolecall-dev/rolecall/internal/render"
)

// doctorFlags say what is looked into, and what is known from elsewhere.
type doctorFlags struct {
	aws                       awsFlags
	config, account, metadata string
	markdown, scan            bool
}

func (a *app) doctorCommand() *cobra.Command {
	var f doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor [user NAME | group NAME]",
		Short: "Diagnose why somebody has no access, and what to fix where",
		Long: `doctor checks the whole chain from the config and the identity provider to AWS.
It reports which link is broken, what was seen, and what to do in which system.
Without arguments it checks the set-up, with "user NAME" one person, with "group
NAME" one group; --account selects the account.

It queries the identity provider through the connector in rolecall.hcl, and AWS's
SCIM endpoint with the token named in the scim block. Without them, it reports
what it cannot know. docs/troubleshooting.md lists every cause.

For a person it makes about a dozen calls to AWS, and two per group of the person,
however many users, permission sets and accounts there are; --scan and an account
given by name cost more. A delegated administrator cannot see what a group is
assigned, so the permission sets of --account are read instead, one call each.

It exits with 0 if nothing is wrong, with 6 if waiting fixes it, with 7 if somebody
has to act, and with 5 if nothing wrong was seen but a connector, the SCIM endpoint
or the metadata did not answer, so that nothing is proven. It changes nothing.`,
		Example: `  rolecall doctor
  rolecall doctor user jane.smith@company.com --account production
  rolecall doctor group AWS-Development-Team --markdown`,
		Args: doctorArgs,
	}
	a.jsonFlag(cmd)
	f.aws.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.config, "config", ".", "config file or folder")
	flags.StringVar(&f.account, "account", "", "account id or name (a name costs one call per page of accounts)")
	flags.StringVar(&f.metadata, "saml-metadata", "", "SAML metadata of the identity provider, an https:// URL or a file")
	flags.BoolVar(&f.scan, "scan", false, "if AWS has no user or group of that name, search all names for one that looks the same, one call per hundred")
	flags.BoolVar(&f.markdown, "markdown", false, "print Markdown, for a ticket")
	cmd.MarkFlagsMutuallyExclusive("json", "markdown")
	cmd.RunE = a.command(func(cmd *cobra.Command, args []string) outcome {
		return a.doctor(cmd.Context(), args, &f)
	})
	return cmd
}

func doctorArgs(_ *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case len(args) == 2 && (args[0] == string(doctor.Person) || args[0] == string(doctor.Group)):
		return nil
	default:
		return fmt.Errorf("doctor takes nothing, `user NAME` or `group NAME`")
	}
}

func (a *app) doctor(ctx context.Context, args []string, f *doctorFlags) outcome {
	s, err := a.load(f.config)
	if err != nil {
		return s.fail(err)
	}
	if err := s.connect(ctx, f.aws); err != nil {
		return s.fail(err)
	}
	report, err := s.diagnose(ctx, args, f)
	if err != nil {
		return s.fail(err)
	}
	o := outcome{data: report, within: report.Findings(), text: func(w io.Writer, style render.Style) error {
		if f.markdown {
			return render.DoctorMarkdown(w, report)
		}
		return render.Doctor(w, report, style)
	}}
	switch {
	case report.State != doctor.Problem && (s.unasked || !report.Proven()):
		o.code = NotProven
	case report.State != doctor.Problem:
	case report.Waits():
		o.code = NotYet
	default:
		o.code = WillNotCome
	}
	return s.end(o)
}

// diagnose gathers what the checks look at, and runs them.
func (s *session) diagnose(ctx context.Context, args []string, f *doctorFlags) (doctor.Report, error) {
	aws := s.reader.Diagnosis()
	defer aws.SaveNames()
	c := doctor.Case{Subject: doctor.SetUp, Account: f.account, SetUp: s.setUp(), IdP: s.result.Config.IdPName(), Now: time.Now(), Scan: f.scan,
		Desired: access.Desired(s.result.Config, s.result.Settings.Owner.Value), AWS: aws}
	if len(args) == 2 {
		c.Subject, c.Name = doctor.Subject(args[0]), args[1]
	}
	var err error
	if c.Directory, err = s.directory(); err != nil {
		// AWS's side is worth looking at all the same.
		s.notRead(err, "")
		s.unasked = true
		if found := diag.FromError(err); len(found) > 0 {
			c.NoDirectory = &found[0]
		}
	}
	c.Renamed = func(ctx context.Context, name string) (access.Renamed, error) {
		found, err := s.askRenamed(ctx, c.Desired, nil, []string{name})
		return found[name], err
	}
	s.probeSCIM(&c)
	c.Metadata = s.probeSAML(ctx, f.metadata)
	if c.Subject == doctor.SetUp {
		report, have, notes, err := s.look(ctx, c.Desired)
		if err != nil {
			return doctor.Report{}, err
		}
		s.findings = append(s.findings, notes...)
		c.Live, c.Most = have, mostOfDoctor
		c.Names = doctor.Known(report)
	}
	hear, end := s.watchIdP(c.Directory)
	c.Progress = hear
	facts, err := doctor.Gather(ctx, c)
	end()
	if err != nil {
		return doctor.Report{}, err
	}
	return doctor.Diagnose(facts), nil
}
