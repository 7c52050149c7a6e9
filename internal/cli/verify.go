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
		Short: "Check that the groups, users and accounts of a config exist in AWS",
		Long: `verify looks up every group, user and account that the config at PATH (default: the
current folder) names: whether it exists under exactly that name, how many members
a group has, and where it came from. For a missing name it shows similar names and
the characters that differ; for a group that was renamed since the last apply, its
new name. Whether a name still refers to the same group or account is checked by
plan.

With --wait it keeps checking until everything exists, for at most that time. It
reports how long waiting makes sense: by the identity provider's own schedule if
rolecall.hcl has a connector that shows it, otherwise by the usual sync time.

It exits with 0 only if everything exists, otherwise with 6; with --wait it exits
with 7 if waiting longer does not help. It changes nothing.`,
		Example: `  rolecall verify access
  rolecall verify access --wait 45m
  rolecall verify access --json`,
		Args: cobra.MaximumNArgs(1),
	}
	a.jsonFlag(cmd)
	f.add(cmd)
	cmd.Flags().DurationVar(&longest, "wait", 0, "wait up to this long, such as 45m, for what is still being synced")
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
