package doctor

import (
	"fmt"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// mostNamed is how many of a list are named.
const mostNamed = 5

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

// Links returns the chain.
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

	again   bool   // the identity provider may try again by itself
	stops   bool   // nothing at all comes before it is mended
	near    string // names in AWS that are near one that nobody has
	doubted bool   // the fix says that an export may be old
}

// The checks of what the identity provider does not have.
const (
	personMissing = "person-missing"
	groupMissing  = "group-missing"
)

// Check is one cause.
type Check struct {
	ID    string
	Link  Link
	About []Subject
	// Means, Looks and Fix are for the documentation.
	Means, Looks, Fix string
	// keeps says that it is a reason why a name does not come to AWS, retried that
	// the identity provider may try again by itself; compares that it is told where
	// both systems are compared.
	keeps, retried, compares bool
	rules                    []rule
}

// Checks returns all of them, in the order of the chain.
func Checks() []Check {
	var out []Check
	for _, l := range []struct {
		link   Link
		checks []Check
	}{{InConfig, ofConfig()}, {AtIdP, ofIdP()}, {Application, ofApplication()}, {Provisioning, ofProvisioning()}, {SignIn, ofSignIn()},
		{AWSUser, ofUser()}, {AWSGroup, ofGroup()}, {Permission, ofPermission()}, {Account, ofAccount()}} {
		for _, c := range l.checks {
			c.Link = l.link
			out = append(out, c)
		}
	}
	return out
}

// doubt says that what an export shows may have changed since.
func (v *Verdict) doubt(export string) {
	rests := func(e diag.Evidence) bool { return e.System == export }
	if export != "" && v.Fix != "" && !v.doubted && slices.ContainsFunc(v.Evidence, rests) {
		v.doubted = true
		v.Fix += " This is based on an export: if the directory has changed since, export it again first."
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

// waits says when the problem will have gone by itself.
func waits(at time.Time, problem []Verdict) []Verdict {
	problem[0].Until = at
	return problem
}

// unsure says what a check would need; nothing where nobody asked.
func unsure(needs string) []Verdict {
	if needs == "" {
		return nil
	}
	return []Verdict{{State: CannotTell, Needs: needs}}
}

// shown says that a fact shows what is right, or what it would need.
func shown[T any](fact Fact[T], right bool) []Verdict {
	switch {
	case !fact.Known:
		return unsure(fact.Needs)
	case right:
		return fine(fact.Evidence...)
	}
	return nil
}

// near names what may have been meant, behind words; "" where there is nothing.
func near(words string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return words + diag.Quoted(names)
}

func both() []Subject { return []Subject{Person, Group} }

func all() []Subject { return []Subject{SetUp, Person, Group} }
