package doctor

import (
	"fmt"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// State is what a check came to.
type State string

// The states. Warning is what works still.
const (
	OK         State = "ok"
	Warning    State = "warning"
	Problem    State = "problem"
	CannotTell State = "cannot_tell"
)

// Link is a part of the chain from the config to the account.
type Link string

// The links, in the order of the chain.
const (
	InConfig     Link = "config"
	AtIdP        Link = "identity provider"
	Application  Link = "AWS application"
	Provisioning Link = "provisioning (SCIM)"
	SignIn       Link = "sign-in (SAML)"
	AWSUser      Link = "user in AWS"
	AWSGroup     Link = "group in AWS"
	Permission   Link = "permission set"
	Account      Link = "account"
)

// Links gives the chain.
func Links() []Link {
	return []Link{InConfig, AtIdP, Application, Provisioning, SignIn, AWSUser, AWSGroup, Permission, Account}
}

// Systems in which somebody has to act.
const (
	config         = "config"
	identityCenter = "AWS IAM Identity Center"
	organizations  = "AWS Organizations"
	rolecall       = "rolecall"
)

// Verdict is what a check says.
type Verdict struct {
	Check string `json:"check"`
	Link  Link   `json:"link"`
	State State  `json:"state"`
	// Cause and Fix are set for a problem and a warning; System says where the
	// fix is done.
	Cause  string `json:"cause,omitempty"`
	Fix    string `json:"fix,omitempty"`
	System string `json:"system,omitempty"`
	// Until says when a problem will have gone by itself.
	Until time.Time `json:"until,omitzero"`
	// Needs says what a check that cannot tell would need.
	Needs    string          `json:"needs,omitempty"`
	Range    diag.Range      `json:"range,omitzero"`
	Evidence []diag.Evidence `json:"evidence,omitempty"`
}

// Check is one cause.
type Check struct {
	ID    string
	Link  Link
	About []Subject
	// Means, Looks and Fix are for the documentation.
	Means, Looks, Fix string
	// run gives nothing where the check does not apply: in another set-up, or
	// because an earlier link is broken.
	run func(*Facts) []Verdict
}

// Checks gives all of them, in the order of the chain.
func Checks() []Check {
	return []Check{
		configOtherName(), notInConfig(), namesMissing(),
		personMissing(), personInactive(), groupNotAtIdP(), oneSystem(),
		applicationOff(), notAssigned(), nestedGroup(), sharedGroup(), groupsNeverCome(),
		scimToken(), tokenAge(), scimElsewhere(), provisioningOff(), quarantine(), createsNone(), provisioningFailed(), outOfScope(), groupOutOfScope(), groupPushFailed(), userNotSynced(), groupNotSynced(),
		samlMetadata(), signInFailed(),
		userOtherName(), userMissing(), userDisabled(),
		groupRenamed(), groupMissing(), membershipByHand(), notInGroup(),
		groupRecreated(), assignmentFailed(), notApplied(), setOutdated(),
		accountMissing(), accountSuspended(),
	}
}

func (c Check) verdicts(f *Facts) []Verdict {
	if !slices.Contains(c.About, f.Subject) {
		return nil
	}
	out := c.run(f)
	for i := range out {
		out[i].Check, out[i].Link = c.ID, c.Link
		out[i].doubt(f.Export)
	}
	return out
}

// doubt says that what an export shows may have changed since.
func (v *Verdict) doubt(export string) {
	rests := func(e diag.Evidence) bool { return e.System == export }
	if export != "" && v.Fix != "" && slices.ContainsFunc(v.Evidence, rests) {
		v.Fix += " This rests on an export: where the directory has changed since, export it again first."
	}
}

// fine, wrong, soon and unsure make the verdicts of a check.
func fine(seen ...diag.Evidence) []Verdict { return []Verdict{{State: OK, Evidence: seen}} }

func wrong(system, fix string, seen []diag.Evidence, format string, args ...any) []Verdict {
	return []Verdict{{State: Problem, System: system, Fix: fix, Evidence: seen, Cause: fmt.Sprintf(format, args...)}}
}

func soon(system, fix string, seen []diag.Evidence, format string, args ...any) []Verdict {
	v := wrong(system, fix, seen, format, args...)
	v[0].State = Warning
	return v
}

// unsure says what a check would need; nothing where nobody asked.
func unsure(needs string) []Verdict {
	if needs == "" {
		return nil
	}
	return []Verdict{{State: CannotTell, Needs: needs}}
}

// each runs a check on every path.
func each(f *Facts, run func(*Facts, *Path) []Verdict) []Verdict {
	var out []Verdict
	for i := range f.Paths {
		for _, v := range run(f, &f.Paths[i]) {
			if v.Range.IsZero() && v.System == config {
				v.Range = f.Paths[i].At
			}
			out = append(out, v)
		}
	}
	return out
}

func both() []Subject { return []Subject{Person, Group} }

func all() []Subject { return []Subject{SetUp, Person, Group} }
