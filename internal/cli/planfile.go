package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/lease"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// clockSkew is how far ahead the clock may be of the machine that made a plan.
const clockSkew = 5 * time.Minute

// newPlanID returns the id of a plan that is written to a file.
func newPlanID() string {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// planFile returns the plan as a file that can be approved.
func (s *session) planFile(p *plan.Plan, path string, f *planFlags) plan.File {
	return plan.File{
		ID: f.planID, Made: time.Now().UTC().Format(time.RFC3339), Caller: s.client.Caller().ARN,
		Config: path, ConfigDigest: digestOf(s.result.Sources), ReadDigest: s.seen.Digest(), Flags: f.line(), Plan: p,
	}
}

// digestOf tells one config from another: it is of all files that were read.
func digestOf(sources diag.Sources) string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		sum := sha256.Sum256(sources[name])
		fmt.Fprintf(h, "%x\n", sum) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil))
}

// approvedFlags are those that decide what a plan is and what it may do: they go
// into its file, and the plan that is made again has the same.
func (f *planFlags) approvedFlags() *pflag.FlagSet {
	set := pflag.NewFlagSet("plan", pflag.ContinueOnError)
	f.addApproved(set)
	return set
}

// line returns the flags as they would be written.
func (f *planFlags) line() []string {
	given := *f
	var out []string
	set := (&planFlags{}).approvedFlags()
	now := given.approvedFlags()
	set.VisitAll(func(flag *pflag.Flag) {
		value := now.Lookup(flag.Name).Value
		list, many := value.(pflag.SliceValue)
		switch {
		case many:
			for _, v := range list.GetSlice() {
				out = append(out, "--"+flag.Name+"="+v)
			}
		case value.String() != flag.DefValue:
			out = append(out, "--"+flag.Name+"="+value.String())
		}
	})
	return out
}

// applyFile carries out a plan that was approved as a file.
func (a *app) applyFile(cmd *cobra.Command, name string, config []string, f *planFlags) outcome {
	if flag := changedFlag(cmd, approvedNames()...); flag != "" {
		return refuse(diag.Diagnostic{Code: CodePlanFile, Summary: fmt.Sprintf("--%s has no effect on a plan file", flag),
			Detail: "What a plan may do was decided when it was made.", Hint: "Pass the flag to rolecall plan --out instead."})
	}
	file, err := readPlan(name)
	if err == nil {
		err = f.take(name, file)
	}
	if err != nil {
		return failed(err)
	}
	path := file.Config
	if len(config) > 0 {
		path = config[0]
	} else if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && !filepath.IsAbs(path) {
		return refuse(diag.Diagnostic{Code: CodePlanFile, Summary: fmt.Sprintf("the plan in %q was made from the config %q, which does not exist here", name, path),
			Detail: "The path is relative to the folder in which the plan was made.",
			Hint:   fmt.Sprintf("Apply it from that folder, or pass the path of the config: `rolecall apply %s PATH`.", name)})
	}
	return a.applyApproved(cmd.Context(), name, path, file, f)
}

func approvedNames() []string {
	names := []string{"wait-sync"}
	(&planFlags{}).approvedFlags().VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	return names
}

// take takes over what a file says of how its plan was made.
func (f *planFlags) take(name string, file *plan.File) error {
	made, err := time.Parse(time.RFC3339, file.Made)
	if err != nil {
		return planFileError(name, fmt.Sprintf("it was made at %q, which is not a valid time", file.Made))
	}
	age := time.Since(made)
	if age > f.maxAge || age < -clockSkew {
		return diag.Diagnostic{Severity: diag.Error, Code: CodePlanAged, Summary: fmt.Sprintf("the plan in %q was made at %s", name, file.Made),
			Detail: fmt.Sprintf("A plan file can be applied for %s.", f.maxAge), Hint: "Plan again, and approve the new plan; --max-age allows older ones."}
	}
	if err := f.approvedFlags().Parse(file.Flags); err != nil {
		return planFileError(name, fmt.Sprintf("its flags cannot be read: %v", err))
	}
	f.planID, f.aws.instance = file.ID, cmp.Or(f.aws.instance, file.Plan.InstanceARN)
	return nil
}

// applyApproved plans again, and goes on where the changes are the approved ones.
func (a *app) applyApproved(ctx context.Context, name, path string, file *plan.File, f *planFlags) outcome {
	f.owner = file.Plan.Owner
	s, err := a.open(ctx, path, f)
	if err != nil {
		return s.fail(err)
	}
	if got := s.client.Instance().ARN; got != file.Plan.InstanceARN {
		return s.fail(planFileError(name, fmt.Sprintf("it was made for %s, and this is %s", file.Plan.InstanceARN, got)))
	}
	return s.locked(ctx, func(l *lease.Lock) outcome {
		p, err := s.plan(ctx, f)
		if err != nil {
			return failed(err)
		}
		if replayed(s.seen, file.ID) {
			return failed(diag.Diagnostic{Severity: diag.Error, Code: CodePlanReplayed, Summary: fmt.Sprintf("the plan in %q has been carried out already, at least in part", name),
				Detail: fmt.Sprintf("The records of permission sets have its id, %s.", file.ID), Hint: "Plan again: what is left is in the new plan."})
		}
		why := "AWS has changed since."
		if file.ConfigDigest != digestOf(s.result.Sources) {
			why = "The config has changed since."
		}
		if err := changedSince(fmt.Sprintf("the plan in %q", name), why, file.Plan, p); err != nil {
			return failed(err)
		}
		if err := s.mayGoOn(l, p); err != nil {
			return failed(err)
		}
		return s.run(p, f).carryOut(ctx, l)
	})
}

// replayed says that the record of a set has the plan's id.
func replayed(live *access.State, id string) bool {
	return slices.ContainsFunc(live.Sets, func(p access.PermissionSet) bool { return slices.Contains(p.Record.Plans, id) })
}

func changedFlag(cmd *cobra.Command, names ...string) string {
	for _, name := range names {
		if cmd.Flags().Changed(name) {
			return name
		}
	}
	return ""
}

func readPlan(name string) (*plan.File, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, badFile("plan", name, err)
	}
	defer file.Close()
	p, err := plan.DecodeFile(file)
	if errors.Is(err, plan.ErrEditedFile) {
		return nil, diag.Diagnostic{Severity: diag.Error, Code: CodePlanEdited, Summary: fmt.Sprintf("the plan in %q has been edited since it was written", name),
			Hint: "Plan again, and approve the new plan. Change the config or the flags, not the file."}
	}
	if err != nil {
		return nil, planFileError(name, err.Error())
	}
	return p, nil
}

func planFileError(name, why string) error {
	return diag.Diagnostic{Severity: diag.Error, Code: CodePlanFile, Summary: fmt.Sprintf("the plan in %q cannot be applied", name), Detail: why,
		Hint: "Create it again with `rolecall plan PATH --out FILE`, and apply it to the same instance. A config is a folder, *.tfvars, *.tfvars.json, inputs.hcl or terragrunt.hcl."}
}
