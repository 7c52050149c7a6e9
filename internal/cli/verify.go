package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/render"
	"github.com/rolecall-dev/rolecall/internal/verify"
)

func (a *app) verifyCommand() *cobra.Command {
	var f awsFlags
	cmd := &cobra.Command{
		Use:   "verify [PATH]",
		Short: "Prove that the groups, users and accounts of a config are in AWS",
		Long: `verify asks AWS for every group, user and account that the config at PATH (the
current folder unless given) names: whether it is there under exactly that name,
how many members a group has and where it came from. A name that is missing is
explained by the names that are near, with the characters that differ.

It exits with 0 only where everything is there, with 6 where something is not
there yet, and with 7 where waiting does not bring it. It changes nothing.`,
		Example: `  rolecall verify access
  rolecall verify access --json`,
		Args: cobra.MaximumNArgs(1),
	}
	a.jsonFlag(cmd)
	f.add(cmd)
	cmd.RunE = a.command(func(cmd *cobra.Command, args []string) outcome {
		return a.verify(cmd.Context(), path(args), f)
	})
	return cmd
}

func (a *app) verify(ctx context.Context, path string, f awsFlags) outcome {
	s, err := a.load(path)
	if err != nil {
		return s.fail(err)
	}
	if err := s.connect(ctx, f); err != nil {
		return s.fail(err)
	}
	desired := access.Desired(s.result.Config, s.result.Settings.Owner.Value)
	live, notes, err := s.client.ReadIdentities(ctx, desired)
	if err != nil {
		return s.fail(err)
	}
	s.findings = append(s.findings, notes...)
	report := verify.Check(desired, live, verify.Options{SetUp: s.setUp(), IdP: s.idp()})
	return s.end(outcome{code: exitOfVerdict(report.Verdict()), data: report, findings: report.Findings(),
		text: func(w io.Writer, style render.Style) error { return render.Verify(w, report, style) }})
}

func exitOfVerdict(v verify.Verdict) ExitCode {
	switch v {
	case verify.There:
		return Done
	case verify.WillNotCome:
		return WillNotCome
	default: // what cannot be told is not proved either
		return NotYet
	}
}
