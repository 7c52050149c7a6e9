package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/lease"
)

// unlocked is what unlock returns.
type unlocked struct {
	Owner string `json:"owner"`
	// Broken is the lock that was broken; absent where there was none.
	Broken *lease.Info `json:"broken,omitempty"`
}

func (a *app) unlockCommand() *cobra.Command {
	var f awsFlags
	var owner string
	var approved, now bool
	cmd := &cobra.Command{
		Use:   "unlock [PATH]",
		Short: "Break the lock that an apply left behind",
		Long: `unlock breaks the lock of this owner, whoever holds it. You seldom need it: if a run
has died, the next apply takes over its lock after watching it for two minutes. A
run that is still alive stops writing when it notices; unlock keeps the lock from
others until then, for at most 70 seconds. With --now it does not wait: use it only
if the run is certainly dead.

The owner comes from rolecall.hcl at PATH (default: the current folder) or from
--owner.`,
		Example: `  rolecall unlock access
  rolecall unlock --owner platform --auto-approve`,
		Args: cobra.MaximumNArgs(1),
	}
	a.jsonFlag(cmd)
	f.add(cmd)
	cmd.Flags().StringVar(&owner, "owner", "", "owner of the lock, instead of the one in rolecall.hcl")
	cmd.Flags().BoolVar(&approved, "auto-approve", false, "skip the confirmation prompt")
	cmd.Flags().BoolVar(&now, "now", false, "do not wait for the run that holds the lock to stop; use it only if that run is dead")
	cmd.RunE = a.command(func(cmd *cobra.Command, args []string) outcome {
		return a.unlock(cmd.Context(), path(args), owner, f, approved || a.json, now)
	})
	return cmd
}

func (a *app) unlock(ctx context.Context, path, owner string, f awsFlags, approved, now bool) outcome {
	s, err := a.settings(path, pinnedOnly) // a broken config must not keep a lock
	if err != nil {
		return s.fail(err)
	}
	if err := s.own(owner); err != nil {
		return s.fail(err)
	}
	if err := s.reach(ctx, f, s.result.Settings); err != nil {
		return s.fail(err)
	}
	held, found, err := lease.Read(ctx, s.client, s.owner)
	if err != nil {
		return s.fail(err)
	}
	if found && !approved {
		if o := a.approveUnlock(ctx, held); o != nil {
			return s.end(*o)
		}
	}
	return s.breakLock(ctx, held, found, now)
}

// pinnedOnly says that a finding is about the file that --settings names, or
// contradicts it.
func pinnedOnly(d diag.Diagnostic, pinned string) bool {
	return pinned != "" && (d.Range.File == pinned || d.Code == config.CodePinned)
}

func (a *app) approveUnlock(ctx context.Context, held lease.Info) *outcome {
	answer, err := a.ask(ctx, fmt.Sprintf("The lock of %q is held by %s since %s, renewed %s ago.\nBreak it? Only \"yes\" is accepted: ",
		held.Owner, held.Holder, held.Since.Format(time.RFC3339), held.Age.Round(time.Second)))
	if err != nil {
		o := failed(err)
		return &o
	}
	if answer != "yes" {
		o := refuse(diag.Diagnostic{Code: CodeNotApproved, Summary: "the lock was not broken", Hint: "Answer yes, or pass --auto-approve."})
		return &o
	}
	return nil
}

// breakLock breaks the lock that was shown, and no other.
func (s *session) breakLock(ctx context.Context, held lease.Info, found, now bool) outcome {
	did := unlocked{Owner: s.owner}
	if found {
		watch := s.app.meter()
		broken, err := lease.Break(ctx, s.client, held, lease.BreakOptions{Holder: s.app.holder(), Now: now, Waiting: func(left time.Duration) {
			if !s.app.json {
				watch.first(fmt.Sprintf("If the run that held the lock is alive, it may write for %s more; until then nobody else gets the lock.\n", left.Round(time.Second)))
			}
			watch.show(func() []string { return []string{fmt.Sprintf("Waiting %s more", left.Round(time.Second))} })
		}})
		watch.end()
		if err != nil {
			return s.fail(err)
		}
		if broken {
			did.Broken = &held
		}
	}
	text := say("Nobody holds the lock of %q.\n", s.owner)
	if did.Broken != nil {
		text = say("The lock of %q, held by %s, is broken.\n", s.owner, did.Broken.Holder)
	}
	return s.end(outcome{data: did, text: text})
}
