package config

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/config/terragrunt"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// Settings are what rolecall.hcl says: of the tool, not of access. A field
// that is not set was not written.
type Settings struct {
	Owner access.Text `key:"owner"`
	// Region and InstanceARN say which instance of IAM Identity Center.
	Region      access.Text `key:"region"`
	InstanceARN access.Text `key:"instance_arn"`
	// Protected are names of permission sets and groups whose access is never
	// narrowed without --allow-lockout.
	Protected texts `key:"protected"`
	// Ignore are patterns (access.Matches) of permission sets, groups, users and
	// accounts that are neither written nor removed, Adopt those of the groups and
	// permission sets of the config that may be taken over.
	Ignore texts `key:"ignore"`
	Adopt  texts `key:"adopt"`
	// OtherKeys are top-level keys of the config that another tool needs.
	OtherKeys  texts `key:"other_keys"`
	Guards     Guards
	Lints      access.Lints
	SCIM       *SCIM
	Connectors []Connector
	Range      diag.Range // the file, or zero where there is none
	lints      diag.Range // the block
}

// Number is a whole number with its place.
type Number = access.Number

// Guards are the limits on removals; what is not set keeps its default.
type Guards struct {
	RemovalPercent Number `key:"removal_percent"` // of a kind; default 25
	RemovalMin     Number `key:"removal_min"`     // never refused up to this many of a kind; default 5
	RemovalMax     Number `key:"removal_max"`     // refused above this many; default 100
	Range          diag.Range
}

// SCIM says how AWS's SCIM endpoint is reached.
type SCIM struct {
	Endpoint     access.Text `key:"endpoint"`      // https URL
	TokenEnv     access.Text `key:"token_env"`     // the environment variable that has the token
	TokenCreated access.Text `key:"token_created"` // a date, YYYY-MM-DD; tokens live a year
	Range        diag.Range
}

// Connector says how an identity provider is read. Secrets are never in it,
// only the names of the environment variables that have them.
type Connector struct {
	Kind            access.Text // okta, entra, google or file
	Organization    access.Text `key:"organization"` // Okta: the organization's URL; Entra: the tenant; Google: the customer
	Application     access.Text `key:"application"`  // the AWS application's name or id
	Cloud           access.Text `key:"cloud"`        // Entra: of a national cloud
	ClientID        access.Text `key:"client_id"`
	KeyID           access.Text `key:"key_id"`
	Subject         access.Text `key:"subject"` // Google: the administrator to act as
	Path            access.Text `key:"path"`    // file: the file
	TokenEnv        access.Text `key:"token_env"`
	ClientSecretEnv access.Text `key:"client_secret_env"`
	PrivateKeyEnv   access.Text `key:"private_key_env"`
	PrivateKeyFile  access.Text `key:"private_key_file"`
	CredentialsEnv  access.Text `key:"credentials_env"`
	CredentialsFile access.Text `key:"credentials_file"`
	Range           diag.Range
}

// settings reads rolecall.hcl beside the config, if it is there.
func (l *loader) settings() Settings {
	var out Settings
	if _, err := fs.Stat(l.Folder.Own, SettingsFile); err != nil {
		if pe := source.Unreadable(l.Folder.Name(SettingsFile), err); pe.Code != CodeNotFound {
			l.Report(pe)
		}
		return out
	}
	src, d := l.Read(l.Folder.Own, SettingsFile)
	if d != nil {
		l.Report(*d)
		return out
	}
	shown := l.Folder.Name(SettingsFile)
	if body := l.ParseHCL(src, shown); body != nil {
		out.Range = diag.Range{File: shown}
		l.readSettings(body, &out)
	}
	return out
}

func (l *loader) readSettings(body *hclsyntax.Body, out *Settings) {
	top := newObject(settingsKind())
	l.refuseSecrets(body, settingsKind().Names()...)
	for _, name := range blockNames() {
		if a := body.Attributes[name]; a != nil {
			l.Reportf(CodeMisplacedKey, source.Range(a.NameRange), "Write it as a block: "+blockExample(name)+".", "%q is a block, not a value", name)
			delete(body.Attributes, name)
		}
	}
	top.readFields(l, constants(body), out)
	seen := map[string]diag.Range{}
	for _, b := range body.Blocks {
		name := strings.Join(append([]string{b.Type}, b.Labels...), " ")
		if first, dup := seen[name]; dup {
			l.ReportDuplicate(name, source.Range(b.TypeRange), first)
			continue
		}
		seen[name] = source.Range(b.TypeRange)
		l.readBlock(b, out)
	}
	l.checkSettings(out)
}

func constants(body *hclsyntax.Body) []terragrunt.Field {
	out, _ := terragrunt.Attributes(body, nil)
	return out
}

func (l *loader) readBlock(b *hclsyntax.Block, out *Settings) {
	at := source.Range(b.DefRange())
	labels := 0
	switch b.Type {
	case "guards":
		out.Guards.Range = at
		l.readInto(b, guardsKind(), &out.Guards)
	case "scim":
		out.SCIM = &SCIM{Range: at}
		l.readInto(b, scimKind(), out.SCIM)
	case "lints":
		out.lints = at
		l.refuseSecrets(b.Body)
		l.readLints(constants(b.Body), &out.Lints)
	case "connector":
		labels = 1
		if len(b.Labels) == 1 {
			l.readConnector(b, at, out)
		}
	default:
		l.reportUnknownBlock(b)
		return
	}
	if len(b.Labels) != labels {
		l.Reportf(CodeBadSetting, at, "Write "+blockExample(b.Type)+".", "the block %q takes %d labels, not %d", b.Type, labels, len(b.Labels))
	}
	for _, inner := range b.Body.Blocks {
		hint := "Remove it; docs/config.md lists the settings."
		if b.Type == "lints" {
			hint = fmt.Sprintf("Write it as a value: %s = { ... }.", inner.Type)
		}
		l.Reportf(CodeUnknownKey, source.Range(inner.TypeRange), hint, "the block %q has no block %q", b.Type, inner.Type)
	}
}

func (l *loader) readInto(b *hclsyntax.Block, kind *access.Kind, out any) {
	object := newObject(kind)
	l.refuseSecrets(b.Body, kind.Names()...)
	object.readFields(l, constants(b.Body), out)
}

func blockNames() []string { return []string{"guards", "scim", "lints", "connector"} }

func blockExample(kind string) string {
	if kind == "connector" {
		return `connector "okta" { ... }`
	}
	return kind + " { ... }"
}

func (l *loader) reportUnknownBlock(b *hclsyntax.Block) {
	hint := names.DidYouMean(names.Nearest(b.Type, blockNames()), "Remove it; docs/config.md lists the settings.")
	if slices.Contains(settingsKind().Names(), b.Type) {
		hint = fmt.Sprintf("Write it as a value: %s = ...", b.Type)
	}
	l.Reportf(CodeUnknownKey, source.Range(b.TypeRange), hint, "rolecall.hcl has no block %q", b.Type)
}

func (l *loader) readConnector(b *hclsyntax.Block, at diag.Range, out *Settings) {
	c := Connector{Kind: access.Text{Value: b.Labels[0], Range: source.Range(b.LabelRanges[0])}, Range: at}
	l.readInto(b, connectorKind(), &c)
	if !slices.Contains(connectorKinds(), c.Kind.Value) {
		hint := names.DidYouMean(names.Nearest(c.Kind.Value, connectorKinds()), "Use one of "+strings.Join(connectorKinds(), ", ")+".")
		l.Reportf(CodeBadSetting, c.Kind.Range, hint, "unknown connector %q", c.Kind.Value)
	}
	out.Connectors = append(out.Connectors, c)
}

func connectorKinds() []string { return []string{"okta", "entra", "google", "file"} }

var (
	awsRegion = regexp.MustCompile(`^([a-z]+-){2,3}\d$`) // sso-admin service model, RegionName
	instance  = regexp.MustCompile(`^arn:aws(-[a-z]{1,5}){0,3}:sso:::instance/(sso)?ins-[a-zA-Z0-9-.]{16}$`)
)

func (l *loader) checkSettings(s *Settings) {
	l.checkOwner(s.Owner)
	l.must(&s.Region, awsRegion.MatchString, "an AWS Region such as eu-west-1")
	l.must(&s.InstanceARN, instance.MatchString, "the ARN of an instance, arn:aws:sso:::instance/ssoins-...")
	if s.SCIM != nil {
		l.must(&s.SCIM.TokenCreated, isDate, "a date such as 2026-01-31")
	}
	if p := s.Guards.RemovalPercent; p.Value > 100 && !l.reportedAt(p.Range) {
		l.Reportf(CodeBadSetting, p.Range, "Write a number from 0 to 100.", "removal_percent is %d, and no more than 100%% can be removed", p.Value)
	}
	l.checkPatterns(s.Ignore, access.SetThing, access.GroupThing, access.UserThing, access.AccountThing)
	l.checkPatterns(s.Adopt, access.SetThing, access.GroupThing)
	l.checkTrust(s)
}

// must refuses what has another form, and forgets it: a Region becomes a part of
// the host that AWS is asked at, and some commands go on despite findings.
func (l *loader) must(t *access.Text, valid func(string) bool, want string) {
	if !t.Set() || valid(t.Value) {
		return
	}
	if !l.reportedAt(t.Range) {
		l.Reportf(CodeBadSetting, t.Range, "Write "+want+".", "%q is not %s", t.Value, want)
	}
	t.Value = ""
}

func (l *loader) reportedAt(at diag.Range) bool {
	return slices.ContainsFunc(l.Found, func(d diag.Diagnostic) bool { return d.Range == at })
}

func (l *loader) checkOwner(owner access.Text) {
	if owner.Set() && !access.ValidOwner(owner.Value) && !l.reportedAt(owner.Range) {
		l.Reportf(CodeBadOwner, owner.Range, "Choose 1 to 18 letters, digits and dashes, such as platform-team.", "%q is not a valid owner", owner.Value)
	}
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func (l *loader) readNumber(n terragrunt.Node, name string) Number {
	t := l.readText(n, name)
	v, err := strconv.Atoi(t.Value)
	if t.Set() && (err != nil || v < 0) && !l.reportedAt(t.Range) {
		l.Reportf(CodeBadSetting, t.Range, "Write a number such as 25.", "%q requires a whole number, 0 or more", name)
	}
	return Number{Value: v, Range: t.Range}
}
