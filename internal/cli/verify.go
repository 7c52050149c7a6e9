package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/rolecall-dev/rolecall/internal/access"
)

func (a *app) verifyCommand() *cobra.Command {
	var f awsFlags
	var longest time.Duration
	cmd := &cobra.Command{
		Use:   "verify [PATH]",
		Short: "Prove that the groups, users and accounts of a config are in AWS",
		Long: `verify asks AWS for every group, user and account that the config at PATH (the
current folder unless given) names: whether it is there under exactly that name,
how many members a group has and where it came from. A name that is missing is
explained by the names that are near, with the characters that differ; a group
that was renamed since the last apply, by what it is called now. Whether a name
that is there still means the same group or account is for plan to say.

With --wait it looks again until everything is there, at most for that time. It
says until when waiting makes sense: by the identity provider's own schedule
where rolecall.hcl has a connector that shows it, else by what is usual.

It exits with 0 only where everything is there, else with 6; with --wait it exits
with 7 where more waiting does not bring it. It changes nothing.`,
		Example: `  rolecall verify access
  rolecall verify access --wait 45m
  rolecall verify access --json`,
		Args: cobra.MaximumNArgs(1),
	}
	a.jsonFlag(cmd)
	f.add(cmd)
	cmd.Flags().DurationVar(&longest, "wait", 0, "wait at most this long, such as 45m, for what is on the way")
	cmd.RunE = a.command(func(cmd *cobra.Command, args []string) outcome {
		return a.verify(cmd.Context(), path(args), f, longest)
	})
	return cmd
}

func (a *app) verify(ctx context.Context, path string, f awsFlags, longest time.Duration) outcome {
	s, err := a.load(path)
	if err != nil {
		return s.fail(err)
	}
	if err := checkWait("wait", longest); err != nil {
		return s.fail(err)
	}
	if err := s.connect(ctx, f); err != nil {
		return s.fail(err)
	}
	desired := access.Desired(s.result.Config, s.result.Settings.Owner.Value)
	v, err := s.await(ctx, desired, longest, true)
	if err != nil {
		return s.fail(err)
	}
	return s.end(outcome{code: v.exit(), data: v, findings: v.Findings(), text: v.text})
}
