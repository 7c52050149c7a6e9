package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// planFlags say what a plan may do and how AWS is read.
type planFlags struct {
	aws                                awsFlags
	owner, fromOwner                   string
	only, adopt, rebind, consent       []string
	removals, lockout, replace, absent bool
	deep, noConnector                  bool
	maxOutstanding                     int
	waitSync, maxAge                   time.Duration
	// planID is that of the plan file that is made or carried out.
	planID string
}

func (f *planFlags) add(cmd *cobra.Command) {
	f.aws.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.owner, "owner", "", "owner tag of what rolecall creates, instead of the one in rolecall.hcl")
	f.addApproved(flags)
	flags.DurationVar(&f.waitSync, "wait-sync", 0, "first wait up to this long, such as 45m, for SCIM to sync users and groups")
	flags.BoolVar(&f.noConnector, "no-connector", false, "do not query the identity provider through the connector in rolecall.hcl (two calls per group, one per user, at most a hundred groups and users)")
	flags.IntVar(&f.maxOutstanding, "max-outstanding", 0, "maximum number of account assignment jobs at once (default 10)")
}

// addApproved adds the flags that say what a plan is about and what it may do.
// Each begins with what the struct has, so that a second set shows the first's.
func (f *planFlags) addApproved(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.consent, "allow", f.consent, "allow only the finding with this id, which the plan shows as (allow: ID)")
	flags.BoolVar(&f.removals, "allow-removals", f.removals, "allow more removals than the guards permit, and removals by an adoption")
	flags.BoolVar(&f.lockout, "allow-lockout", f.lockout, "allow changes that remove or narrow your own or protected access, or the last administrator of an account")
	flags.BoolVar(&f.replace, "allow-replace", f.replace, "allow roles to be replaced, which changes their ARNs")
	flags.BoolVar(&f.absent, "allow-missing", f.absent, "if groups, users or accounts are missing, apply the rest (exit code 3)")
	flags.StringArrayVar(&f.rebind, "allow-rebind", f.rebind, "accept that this group or account name now refers to another object, which gets the access")
	flags.StringArrayVar(&f.adopt, "adopt", f.adopt, "take over the group or permission set with this name, or all that match this pattern (prefix set: or group: to narrow it)")
	flags.StringVar(&f.fromOwner, "from-owner", f.fromOwner, "with --adopt: the owner to take it over from")
	flags.StringArrayVar(&f.only, "only", f.only, "limit the plan to this group of the config; can be repeated")
	flags.BoolVar(&f.deep, "deep", f.deep, "read every assignment of every owned permission set")
}

// check refuses flags that mean nothing.
func (f *planFlags) check() error {
	summary, hint := "", ""
	switch {
	case f.aws.maxTPS < 0 || f.maxOutstanding < 0:
		summary, hint = "--max-tps and --max-outstanding cannot be negative", "Omit them to use what AWS's quotas allow."
	case f.fromOwner != "" && len(f.adopt) == 0:
		summary, hint = "--from-owner requires --adopt", "Name what to take over with --adopt NAME."
	default:
		return nil
	}
	return diag.Diagnostic{Severity: diag.Error, Code: CodeUsage, Summary: summary, Hint: hint}
}

// options returns what the plan may do.
func (f *planFlags) options(s *session, cfg access.Config) plan.Options {
	o := plan.Options{Owner: s.owner, SetUp: s.setUp(), IdP: s.idp(), Adopt: s.adopts(f), FromOwner: f.fromOwner,
		PlanID: f.planID, Ignore: values(s.result.Settings.Ignore)}
	if len(f.only) > 0 {
		o.Scope = scopeOf(cfg, s.result.Config)
	}
	guards := s.result.Settings.Guards
	o.Guards = plan.Guards{
		AllowRemovals: f.removals, AllowLockout: f.lockout, AllowReplace: f.replace, AllowMissing: f.absent, AllowRebind: f.rebind,
		Allow:          f.consent,
		RemovalPercent: guards.RemovalPercent.Value, RemovalMin: guards.RemovalMin.Value, RemovalMax: guards.RemovalMax.Value,
		Protected: values(s.result.Settings.Protected), Caller: callerOf(s.client.Caller()),
	}
	return o
}

func values(list access.List[access.Text]) []string {
	var out []string
	for _, t := range list.Items {
		out = append(out, t.Value)
	}
	return out
}

func callerOf(c identitycenter.Caller) plan.Caller {
	return plan.Caller{Account: c.Account, PermissionSet: c.PermissionSet, User: c.UserName,
		Management: c.Role == identitycenter.ManagementAccount}
}

// checkConsent refuses a plan where somebody agrees to a finding that it does
// not have.
func (f *planFlags) checkConsent(p *plan.Plan) error {
	unknown := p.NotFound(f.consent)
	if len(unknown) == 0 {
		return nil
	}
	var ids []string
	for _, d := range p.Findings {
		if plan.Allowable(d) {
			ids = append(ids, fmt.Sprintf("%s (%s)", d.ID, d.Summary))
		}
	}
	hint := "Nothing in the plan needs --allow; remove it."
	if len(ids) > 0 {
		hint = "--allow accepts these ids: " + strings.Join(ids, "; ") + "."
	}
	return diag.Diagnostic{Severity: diag.Error, Code: CodeUsage, Hint: hint,
		Summary: fmt.Sprintf("the plan has no finding with the id %s", strings.Join(unknown, ", ")),
		Detail:  "An id identifies one finding; if the finding changes, so does its id."}
}

// assumptions are those of the estimate.
func (f *planFlags) assumptions() apply.Assumptions {
	return apply.Assumptions{TPS: f.aws.maxTPS, IdentityTPS: f.aws.maxTPS, MaxOutstanding: f.maxOutstanding}
}

// tps is how many calls a second are made to sso-admin at most.
func (f *planFlags) tps() float64 {
	if f.aws.maxTPS > 0 {
		return f.aws.maxTPS
	}
	return identitycenter.Limits()[identitycenter.SSOAdmin].TPS
}
