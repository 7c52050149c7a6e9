package cli

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/setcache"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

// awsFlags say which AWS is meant, where the standard chain does not.
type awsFlags struct {
	profile, region, instance string
	maxTPS                    float64
}

func (f *awsFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.profile, "profile", "", "AWS profile, instead of AWS_PROFILE")
	flags.StringVar(&f.region, "region", "", "Region of IAM Identity Center, instead of the profile's")
	flags.StringVar(&f.instance, "instance-arn", "", "IAM Identity Center instance, if there are several")
	flags.Float64Var(&f.maxTPS, "max-tps", 0, "maximum calls per second to sso-admin (AWS allows 20, shared by all callers) and to the identity store (default 15 and 20)")
}

// session is a config, and AWS as it is reached for it.
type session struct {
	app    *app
	result *config.Result
	owner  string
	client *identitycenter.Client
	reader *read.Reader
	// findings are what is worth saying although the work went on.
	findings diag.List
	// names are what the groups that verify misses are called now.
	names namesNow
	near  nearNow
	// unasked says that the connector could not be opened, although there is one.
	unasked bool
	// wanted and seen are what the latest plan was made from.
	wanted, seen *access.State
}

// load reads the config. Its warnings are kept; its errors end the command.
func (a *app) load(path string) (*session, error) {
	s := &session{app: a, result: &config.Result{}}
	o, err := a.options()
	if err != nil {
		return s, err
	}
	s.result, s.findings = config.Validate(path, o)
	if err := s.findings.Err(); err != nil {
		s.findings = nil // the error has them
		return s, err
	}
	return s, nil
}

// settings reads rolecall.hcl alone; errors end the command where they matter, which
// may depend on the file that pins settings.
func (a *app) settings(path string, matters func(d diag.Diagnostic, pinned string) bool) (*session, error) {
	s := &session{app: a, result: &config.Result{}}
	o, err := a.options()
	if err != nil {
		return s, err
	}
	var findings diag.List
	s.result, findings = config.Load(path, o)
	findings = slices.DeleteFunc(findings, func(d diag.Diagnostic) bool { return !matters(d, o.Settings) })
	return s, findings.Err()
}

// settingsVariable has the file that pins settings, for CI.
const settingsVariable = "ROLECALL_SETTINGS"

func (a *app) getenv(name string) string {
	if a.sys.Getenv == nil {
		return ""
	}
	return a.sys.Getenv(name)
}

// options returns what whoever runs rolecall allows a config, and pins.
func (a *app) options() (config.Options, error) {
	o := config.Options{Machine: trust.Of(a.getenv), Settings: cmp.Or(a.pinned, a.getenv(settingsVariable))}
	if empty := a.emptySettings(); empty != "" {
		return o, diag.Diagnostic{Severity: diag.Error, Code: CodeUsage, Summary: empty + ", so it pins nothing",
			Detail: "The path often comes from another variable, which may be unset.",
			Hint:   "Pass the path of the settings file, or omit it if nothing is to be pinned."}
	}
	if other := a.getenv(settingsVariable); other != "" && other != o.Settings {
		return o, diag.Diagnostic{Severity: diag.Error, Code: CodeUsage, Summary: fmt.Sprintf("--settings says %q, and %s says %q", o.Settings, settingsVariable, other),
			Hint: "Set only one of the two, so that pinned settings are not replaced by accident."}
	}
	return o, nil
}

// emptySettings says what should pin settings and is empty, or returns "".
func (a *app) emptySettings() string {
	if a.pins != nil && a.pins.Changed {
		if a.pinned == "" {
			return "--settings is empty"
		}
		return ""
	}
	if a.sys.LookupEnv == nil {
		return ""
	}
	if value, set := a.sys.LookupEnv(settingsVariable); set && value == "" {
		return settingsVariable + " is set, but empty"
	}
	return ""
}

// own finds out whose objects are meant: rolecall.hcl says it, or the flag.
func (s *session) own(flag string) error {
	written := s.result.Settings.Owner
	s.owner = cmp.Or(flag, written.Value)
	switch {
	case s.owner == "":
		return diag.Diagnostic{Severity: diag.Error, Code: CodeNoOwner, Summary: "no owner is set",
			Detail: "rolecall marks each object with its owner, and never touches objects of others.",
			Hint:   fmt.Sprintf("Write `owner = \"platform\"`, with your own name, in %s beside the config, or pass --owner.", config.SettingsFile)}
	case !access.ValidOwner(s.owner):
		return diag.Diagnostic{Severity: diag.Error, Code: config.CodeBadOwner, Summary: fmt.Sprintf("%q is not a valid owner", s.owner),
			Hint: "An owner is 1 to 18 letters, digits and dashes."}
	case written.Value != "" && written.Value != s.owner:
		return diag.Diagnostic{Severity: diag.Error, Code: CodeOtherOwner, Range: written.Range,
			Summary: fmt.Sprintf("--owner says %q, and %s says %q", s.owner, filepath.Base(written.Range.File), written.Value),
			Detail:  "With another owner, everything in the config would belong to somebody else.",
			Hint:    "Remove --owner, or change the file."}
	}
	return nil
}

// connect finds the instance and who is calling.
func (s *session) connect(ctx context.Context, f awsFlags) error {
	if err := s.reach(ctx, f, s.result.Settings); err != nil {
		return err
	}
	return access.CheckPartition(s.result.Config, s.client.Caller().Partition()).Err()
}

// reach connects to AWS.
func (s *session) reach(ctx context.Context, f awsFlags, settings config.Settings) error {
	client, err := s.app.connect(ctx, f, settings)
	if err != nil {
		return err
	}
	s.client, s.reader = client, read.New(client)
	s.findings = append(s.findings, client.Notes()...)
	return nil
}

// connect reaches AWS: flags come before rolecall.hcl, and that before the
// SDK's standard chain.
func (a *app) connect(ctx context.Context, f awsFlags, settings config.Settings) (*identitycenter.Client, error) {
	o := identitycenter.Options{
		Profile: f.profile, Region: cmp.Or(f.region, settings.Region.Value),
		InstanceARN: cmp.Or(f.instance, settings.InstanceARN.Value), MaxTPS: f.maxTPS,
	}
	// A machine without a cache folder makes more calls, and nothing else.
	if cache, err := setcache.OfUser(); err == nil {
		o.Cache = cache
	}
	if a.sys.AWS != nil {
		a.sys.AWS(&o)
	}
	defer a.whileConnecting()()
	return identitycenter.Connect(ctx, o)
}

// whileConnecting shows that AWS is waited for, where that takes long; the function
// that it returns ends it.
func (a *app) whileConnecting() (end func()) {
	watch, ticker, over := a.meter(), time.NewTicker(time.Second), make(chan struct{})
	var shown sync.WaitGroup
	shown.Go(func() {
		for {
			select {
			case <-ticker.C:
				watch.show(func() []string { return []string{"Waiting for AWS to answer"} })
			case <-over:
				return
			}
		}
	})
	return func() {
		ticker.Stop()
		close(over)
		shown.Wait()
		watch.end()
	}
}

func (s *session) setUp() access.SetUp { return s.result.Config.SetUp() }

// idp names the identity provider, where the set-up has one.
func (s *session) idp() string {
	if s.setUp() == access.BuiltIn {
		return ""
	}
	return s.result.Config.IdPName()
}

// end completes an outcome with what the session saw.
func (s *session) end(o outcome) outcome {
	o.findings = append(s.findings, o.findings...)
	o.sources = s.result.Sources
	if s.client != nil {
		o.calls = s.client.Calls()
	}
	return o
}

// fail ends the session with an error.
func (s *session) fail(err error) outcome { return s.end(failed(err)) }
