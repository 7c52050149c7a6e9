package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/lease"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

func (a *app) applyCommand() *cobra.Command {
	var f planFlags
	var approved bool
	cmd := &cobra.Command{
		Use:   "apply [PATH | PLANFILE [PATH]]",
		Short: "Make AWS match the config",
		Long: `apply creates a plan as plan does, shows it, asks for confirmation and carries it
out. Before each write it checks the objects concerned, at most a minute earlier;
if one differs from the plan, that change and everything that depends on it are
skipped. If you answer more than a minute after AWS was read, apply plans again
and continues only if the changes are the same.

A file written by plan --out is an approval. apply reads the config and AWS again,
with the flags that the file was made with, and continues without asking only if
the changes are the same; otherwise it writes nothing and exits with 3. A file
that was already applied, was edited, or is older than --max-age is refused with
exit code 1.

Only one apply per owner runs at a time. Ctrl-C finishes what is in progress and
reports what is left; every step can be repeated, so run apply again to continue.`,
		Example: `  rolecall apply access
  rolecall apply access --auto-approve
  rolecall apply access.plan
  rolecall apply access --allow-rebind AWS-Development-Team`,
		Args: cobra.MaximumNArgs(2),
	}
	a.jsonFlag(cmd)
	f.add(cmd)
	a.verboseFlag(cmd)
	cmd.Flags().BoolVar(&approved, "auto-approve", false, "skip the confirmation prompt")
	cmd.Flags().DurationVar(&f.maxAge, "max-age", 24*time.Hour, "refuse a plan file older than this")
	cmd.RunE = a.command(func(cmd *cobra.Command, args []string) outcome {
		if name := path(args); isPlanFile(name) {
			return a.applyFile(cmd, name, args[1:], &f)
		}
		if len(args) > 1 {
			return refuse(diag.Diagnostic{Code: CodeUsage, Summary: fmt.Sprintf("%q is not a plan file", args[0]), Hint: "Pass the path of one config, or a plan file and the path of its config."})
		}
		if a.json && !approved {
			return refuse(diag.Diagnostic{Code: CodeNotApproved, Summary: "--json cannot ask for confirmation", Hint: "Pass --auto-approve, or apply a plan file."})
		}
		return a.applyConfig(cmd.Context(), path(args), &f, approved)
	})
	return cmd
}

// isPlanFile tells a plan file from a config: it is a file, and none of the
// forms that a config has.
func isPlanFile(name string) bool {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	base := filepath.Base(name)
	return !strings.HasSuffix(base, ".tfvars") && !strings.HasSuffix(base, ".tfvars.json") && filepath.Ext(base) != ".hcl"
}

func (a *app) applyConfig(ctx context.Context, path string, f *planFlags, approved bool) outcome {
	s, err := a.openSynced(ctx, path, f)
	if err != nil {
		return s.fail(err)
	}
	return s.locked(ctx, func(l *lease.Lock) outcome {
		p, err := s.plan(ctx, f)
		if err != nil {
			return failed(err)
		}
		if err := s.mayGoOn(l, p); err != nil {
			return failed(err)
		}
		r := s.run(p, f)
		if !p.Refused() && len(p.Changes) > 0 && !approved {
			if o := s.approve(ctx, r); o != nil {
				return *o
			}
			if r, err = s.stillApproved(ctx, r); err != nil {
				return failed(err)
			}
		}
		return r.carryOut(ctx, l)
	})
}

// How long earlier jobs are waited for, and a release of the lock may take.
const (
	earlierJobs = 5 * time.Minute
	releaseTime = 10 * time.Second
)

// locked takes the owner's lock, waits for the jobs of earlier runs, works, and
// releases the lock.
func (s *session) locked(ctx context.Context, work func(*lease.Lock) outcome) outcome {
	l, err := s.takeLock(ctx)
	if err != nil {
		return s.fail(err)
	}
	if l.Held() {
		s.findings = append(s.findings, l.Notes()...)
	}
	o := s.afterEarlierJobs(ctx, func() outcome { return work(l) })
	release, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancel()
	if err := l.Release(release); err != nil && o.code != PartlyApplied {
		o.findings = append(o.findings, notReleased(err))
	}
	return s.end(o)
}

// takeLock takes the owner's lock, and shows how long one that looks abandoned is
// still watched.
func (s *session) takeLock(ctx context.Context) (*lease.Lock, error) {
	watch := s.app.meter()
	defer watch.end()
	return lease.Take(ctx, s.client, lease.Options{Owner: s.owner, Holder: s.app.holder(), Watching: func(held lease.Info, left time.Duration) {
		if !s.app.json {
			watch.first(fmt.Sprintf("The lock of %q, held by %s, looks abandoned: it was last renewed %s ago. Watching it; it is taken over unless it is renewed.\n",
				held.Owner, held.Holder, held.Age.Round(time.Second)))
		}
		watch.show(func() []string { return []string{fmt.Sprintf("Taking over the lock in %s", left.Round(time.Second))} })
	}})
}

// mayGoOn refuses a plan that does more than revoke where there is no lock.
func (s *session) mayGoOn(l *lease.Lock, p *plan.Plan) error {
	if l.Held() || p.Refused() || len(p.Changes) == 0 {
		return nil
	}
	if !p.OnlyRevokes() {
		return lease.NoLock(s.owner)
	}
	s.findings = append(s.findings, l.Notes()...)
	return nil
}

func notReleased(err error) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Warning, Code: CodeNotReleased, Summary: "the lock could not be released",
		Detail: err.Error(), Hint: "The next apply takes it over after watching it for two minutes; `rolecall unlock` breaks it now."}
}

func (s *session) afterEarlierJobs(ctx context.Context, work func() outcome) outcome {
	watch := s.app.meter()
	notes, err := s.client.WaitForJobs(ctx, earlierJobs, func(left int) {
		watch.show(func() []string { return []string{fmt.Sprintf("Waiting for %s of an earlier run", count(left, "job"))} })
	})
	watch.end()
	if err != nil {
		return failed(err)
	}
	s.findings = append(s.findings, notes...)
	return work()
}

// holder names this run for whoever finds the lock taken.
func (a *app) holder() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return fmt.Sprintf("%s@%s, process %d", cmp.Or(a.sys.Getenv("USER"), a.sys.Getenv("USERNAME"), "unknown"), host, os.Getpid())
}

// exitOfRun returns the exit code of what an apply did.
func exitOfRun(p *plan.Plan, r *apply.Result) ExitCode {
	switch {
	case r.Interrupted:
		return Interrupted
	case r.Stopped != nil && r.Stopped.Reason == apply.StopCredentials:
		return NoCredentials
	case r.Complete() && len(p.Blocked) == 0 && (r.Stopped == nil || r.Stopped.Reason != apply.StopLease):
		return Done
	case onlyRecords(p, r.Done) && len(r.Failed) > 0 && allDenied(r.Failed):
		return NoCredentials
	default:
		return PartlyApplied
	}
}

// onlyRecords says that nothing was done that changes what anybody has.
func onlyRecords(p *plan.Plan, done []plan.ID) bool {
	return !slices.ContainsFunc(done, func(id plan.ID) bool {
		return !slices.ContainsFunc(p.Changes, func(c plan.Change) bool { return c.ID == id && c.Kind == plan.Record })
	})
}

func allDenied(failures []apply.Failure) bool {
	return !slices.ContainsFunc(failures, func(f apply.Failure) bool { return !aboutCredentials(f.Finding) })
}
