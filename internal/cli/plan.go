package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/doctor"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/presence"
	"github.com/rolecall-dev/rolecall/internal/render"
)

// planOutput says what becomes of a plan.
type planOutput struct {
	file               string
	detailed, markdown bool
}

func (a *app) planCommand() *cobra.Command {
	var f planFlags
	var how planOutput
	cmd := &cobra.Command{
		Use:   "plan [PATH]",
		Short: "Show the changes that AWS needs to match the config",
		Long: `plan compares the config at PATH (default: the current folder) with AWS. It shows
what would change and why, what is blocked, what a guard refuses and which flag
allows it; -v adds the number of calls and how long an apply will take. It writes
nothing to AWS.

"No changes" covers only what was read. Where that is cheap, everything is read;
otherwise the plan lists what was not read, and --deep reads it too.
docs/promises.md describes what a plan and its apply guarantee, and the limits.`,
		Example: `  rolecall plan
  rolecall plan access --out access.plan
  rolecall plan access --detailed-exitcode
  rolecall plan access --only AWS-Development-Team
  AWS_PROFILE=management rolecall plan live/inputs.hcl --json`,
		Args: cobra.MaximumNArgs(1),
	}
	a.jsonFlag(cmd)
	a.verboseFlag(cmd)
	f.add(cmd)
	cmd.Flags().StringVar(&how.file, "out", "", "write the plan to this file, for apply; an existing file is replaced")
	cmd.Flags().BoolVar(&how.detailed, "detailed-exitcode", false, "exit with 2 if there are changes")
	cmd.Flags().BoolVar(&how.markdown, "markdown", false, "print the plan as Markdown, for a comment on a pull request")
	cmd.MarkFlagsMutuallyExclusive("json", "markdown")
	cmd.RunE = a.command(func(cmd *cobra.Command, args []string) outcome {
		return a.plan(cmd.Context(), path(args), &f, how)
	})
	return cmd
}

func (a *app) plan(ctx context.Context, path string, f *planFlags, how planOutput) outcome {
	s, err := a.openSynced(ctx, path, f)
	if err != nil {
		return s.fail(err)
	}
	if how.file != "" {
		f.planID = newPlanID()
	}
	p, err := s.plan(ctx, f)
	if err != nil {
		return s.fail(err)
	}
	data := s.planData(p, f)
	o := outcome{data: data, within: p.Findings, text: s.planText(data, how)}
	switch {
	case p.Refused():
		o.code = Refused
	case how.detailed && len(p.Changes)+len(p.Blocked) > 0:
		o.code = ChangesPending
	}
	if how.file != "" {
		if err := writeFile(how.file, s.planFile(p, path, f).Encode); err != nil {
			return s.fail(err)
		}
	}
	return s.end(o)
}

// open reads the config and reaches AWS.
func (a *app) open(ctx context.Context, path string, f *planFlags) (*session, error) {
	s, err := a.load(path)
	if err != nil {
		return s, err
	}
	if err := f.check(); err != nil {
		return s, err
	}
	if err := s.own(f.owner); err != nil {
		return s, err
	}
	return s, s.connect(ctx, f.aws)
}

// openSynced opens, and waits for what SCIM brings where --wait-sync says so.
func (a *app) openSynced(ctx context.Context, path string, f *planFlags) (*session, error) {
	s, err := a.open(ctx, path, f)
	if err != nil {
		return s, err
	}
	return s, s.awaitSync(ctx, f)
}

// plan reads AWS and compares.
func (s *session) plan(ctx context.Context, f *planFlags) (*plan.Plan, error) {
	cfg, err := onlyGroups(s.result.Config, f.only)
	if err != nil {
		return nil, err
	}
	whole := access.Desired(s.result.Config, s.owner)
	desired := asInWhole(access.Desired(cfg, s.owner), whole)
	watch := s.app.watchRead()
	live, notes, err := s.reader.Read(ctx, read.Options{
		Desired: whole, Owner: s.owner, Only: f.only, Deep: f.deep, Ignore: values(s.result.Settings.Ignore),
		Adopt: slices.Concat(f.adopt, values(s.result.Settings.Adopt)), Progress: watch.step,
	})
	watch.end()
	if err != nil {
		return nil, err
	}
	s.findings = append(s.findings, notes...)
	s.wanted, s.seen = &desired, &live
	if err := s.checkAdopt(f); err != nil {
		return nil, err
	}
	o := f.options(s, cfg)
	if len(f.only) > 0 {
		o.Renamed = movedOn(&whole, &live, s.owner)
	}
	p := s.diff(ctx, &desired, &live, o, len(f.only) > 0)
	if err := f.checkConsent(p); err != nil {
		return nil, err
	}
	p.InstanceARN = s.client.Instance().ARN
	d, notes := s.connector(f)
	s.askWhatComes(ctx, p, desired, live, d)
	p.Findings = append(sayBlocked(p.Findings), notes...)
	p.Findings = append(p.Findings, s.otherSystem(ctx, desired, live, d)...)
	return p, ctx.Err() // who interrupts the identity provider's questions wants no plan
}

// diff compares. Where only some names were read, what is missing is explained by all
// that there are.
func (s *session) diff(ctx context.Context, desired, live *access.State, o plan.Options, some bool) *plan.Plan {
	p := plan.Diff(desired, live, o)
	groups := plan.Lacks(p.Findings, plan.GroupMissing) && some
	users := plan.Lacks(p.Findings, plan.UserMissing) && (some || !listsUsers(*desired))
	if !groups && !users {
		return p
	}
	o.Names = s.everyName(ctx, groups, users)
	return plan.Diff(desired, live, o)
}

// askWhatComes puts to the names that SCIM has not brought what the identity provider
// says keeps them.
func (s *session) askWhatComes(ctx context.Context, p *plan.Plan, desired, live access.State, d directory.Directory) {
	if d == nil || !plan.Lacks(p.Findings, plan.GroupMissing, plan.UserMissing) {
		return
	}
	names := presence.Ask(&desired, &live, presence.Options{SetUp: s.setUp(), IdP: s.idp(), Names: s.near.all})
	var items []presence.Item
	for _, f := range p.Findings {
		switch { // one who is to be removed has no subject
		case f.Subject.Name == "":
			continue
		case f.Code == plan.GroupMissing:
			items = append(items, names.Group(desired.GroupIndex(f.Subject.Name)))
		case f.Code == plan.UserMissing:
			items = append(items, names.User(desired.UserIndex(f.Subject.Name)))
		}
	}
	a := doctor.NewArrivals(ctx, doctor.Case{SetUp: s.setUp(), IdP: s.idp(), Now: time.Now(), Directory: d})
	why := a.Ask(ctx, items)
	for i, f := range p.Findings {
		switch v, asked := why[f.Subject]; {
		case v.Cause != "":
			p.Findings[i] = v.Evident(f)
		case asked:
			p.Findings[i] = f.Coming()
		}
	}
}

func (s *session) planData(p *plan.Plan, f *planFlags) render.PlanData {
	data := render.NewPlanData(p, apply.NewEstimate(p.Changes, f.assumptions()), s.wanted, s.seen)
	data.Only = f.only
	return data
}

// planText returns the plan as people read it, and what to do with its file.
func (s *session) planText(data render.PlanData, how planOutput) text {
	calls := s.client.Calls()
	return func(w io.Writer, style render.Style) error {
		if how.markdown {
			return render.PlanMarkdown(w, data, calls, s.result.Sources)
		}
		if err := render.Plan(w, data, calls, s.result.Sources, style); err != nil || how.file == "" {
			return err
		}
		if data.Plan.Refused() {
			_, err := fmt.Fprintf(w, "\nThe refused plan was written to %s. It cannot be applied.\n", how.file)
			return err
		}
		if len(data.Plan.Changes) == 0 {
			_, err := fmt.Fprintf(w, "\nThe plan was written to %s.\n", how.file)
			return err
		}
		_, err := fmt.Fprintf(w, "\nThe plan was written to %s. To apply it:\n  rolecall apply %s\n", how.file, how.file)
		return err
	}
}
