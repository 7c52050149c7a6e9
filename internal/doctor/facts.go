package doctor

import (
	"cmp"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/names"
	"github.com/rolecall-dev/rolecall/internal/presence"
	"github.com/rolecall-dev/rolecall/internal/probe/saml"
	"github.com/rolecall-dev/rolecall/internal/probe/scim"
)

// Subject is what is looked into.
type Subject string

// The subjects.
const (
	SetUp  Subject = "set-up"
	Person Subject = "user"
	Group  Subject = "group"
)

// Fact is something that was asked about, or why it could not be.
type Fact[T any] struct {
	Known bool
	Value T
	// Needs says what would make it known; "" where nobody asked, because it
	// does not matter here.
	Needs    string
	Evidence []diag.Evidence
}

// Known makes a fact of an answer.
func Known[T any](value T, seen ...diag.Evidence) Fact[T] {
	return Fact[T]{Known: true, Value: value, Evidence: seen}
}

// Unknown makes a fact that nobody knows, with what it would need.
func Unknown[T any](needs string) Fact[T] { return Fact[T]{Needs: needs} }

// Facts are everything that the checks look at.
type Facts struct {
	Now     time.Time
	Subject Subject
	Name    string // of the user or group
	SetUp   access.SetUp
	// IdP names the identity provider in sentences.
	IdP    string
	Window presence.Window
	// Export names the source of what is known of the identity provider, where
	// that is an export, and perhaps an old one.
	Export string

	// Unanswered are the systems that were asked and gave no answer.
	Unanswered []Unanswered

	// Filled says that what was read of AWS before has users or groups that SCIM
	// brought; set-up only.
	Filled bool

	// At the identity provider. LastPush is when a group was pushed last.
	LastPush time.Time
	// Pushes says that its groups come by push mappings, Assigns that they come by
	// assignments; neither where that is not known.
	Pushes, Assigns bool
	Person          Fact[*directory.Person] // nil: none
	Assignment      Fact[directory.PersonAssignment]
	Provisioning    Fact[directory.Provisioning]
	Events          Fact[directory.EventsFound] // about the person or group; of the set-up about all
	SharedGroups    Fact[[]string]              // used both for assignment and for push
	SAML            Fact[directory.SAML]        // not of a group
	// SignIns are those to the AWS application that failed; asked only where the
	// person has the access.
	SignIns Fact[directory.SignInsFound]
	// OfConfig says that the config names the person so.
	OfConfig bool
	// Sent is the user name that AWS has, of those that the identity provider may
	// send; "" where it shows which one it sends.
	Sent string
	// Holder is another person of the identity provider, to whom the user in AWS
	// belongs who has this one's e-mail address; Former says that the user is this
	// very person under a former name.
	Holder *directory.Person
	Former bool
	// Bearer is another person of the identity provider, whose id the user in AWS
	// carries, while this one signs in under its name.
	Bearer *directory.Person
	// Unbound says that AWS's SCIM endpoint was asked by the person's id and has nobody.
	Unbound bool
	// InCase is the user name in AWS, where it differs in case alone from what SCIM sends.
	InCase string
	// AliasOf is the person of whom the name is another address, while the user in AWS
	// of that name is somebody else; Foreign says that the name is an address of
	// another organization.
	AliasOf string
	Foreign bool
	// Joining are groups that give the access, that are assigned to the AWS
	// application, and that the person is not in: who joins one is assigned by that.
	Joining []string
	// Almost are groups that give the access and that the person is not in, and
	// would be but for something that is seen.
	Almost []Almost
	// EligibleNeeds is what it would need to see whether the person could activate a
	// membership of one of them.
	EligibleNeeds string

	// Of the protocols between it and AWS.
	SCIM     Fact[scim.Answer]
	TokenAge Fact[scim.Age]
	// AtSCIM says that the SCIM endpoint has what AWS has; Endpoint is its address
	// in rolecall.hcl.
	AtSCIM   Fact[bool]
	Endpoint string
	Metadata Fact[[]saml.Problem]

	// In AWS.
	User  Fact[*access.User] // nil: none under the name that the IdP sends
	Alike *Alike             // a user under another name
	// Near are user names a few characters away, which prove nothing; Scanned
	// says that all names of AWS were looked at.
	Near    []string
	Scanned bool
	// InConfig are user names of the config that are near one which it does not name;
	// Named says that the config names exactly that one, Defined that it defines it.
	InConfig []string
	Named    bool
	// Account is that of --account, nil where there is none.
	Account Fact[*access.Account]
	// Missing says of an account that there is not why nothing is meant by its name, and
	// Instead what to write.
	Missing, Instead string
	Defined          bool
	// Own is what the user holds without any group.
	Own []access.AssignedSet
	// Elsewhere is held by the user's groups that the config does not name for
	// this. Both are asked, as Beside shows, where no group of the config leads
	// there.
	Elsewhere []access.AssignedSet
	Beside    []diag.Evidence
	// Paths are the ways in which the config gives, or should give, the access.
	Paths []Path
	// GroupsAtIdP says that the person's groups at the identity provider were seen.
	GroupsAtIdP bool
	// AccessGroups are the names of all groups of the config that give it; Members are
	// those of them into which the config itself puts the person.
	AccessGroups []string
	Members      []string
	// Gone are those of them that were looked for in AWS and are not there.
	Gone []string
	// Names are what AWS has of the config's names; set-up only.
	Names Fact[presence.Report]
	// Coming says, by kind and name, what keeps a name from coming to AWS, and is
	// the zero Verdict where the identity provider knows nothing that does.
	Coming map[diag.Subject]Verdict
	// Compared says what both systems were asked about, OneSided who is not the
	// same in both; set-up only.
	Compared Fact[Compared]
	OneSided []OneSide
	Unclear  []string // what cannot be said of some of them, each with what it would need
}

// Alike is a thing under another name than the expected one.
type Alike struct {
	Name   string
	System string
	Rung   names.Match
	Differ []names.Difference
	// Asked says that only the question has the name: nothing is called so.
	Asked bool
}

// Almost is a group that a person could be in.
type Almost struct {
	Group string
	// Paused says why the rule that makes the members does not work; "" where the
	// person could activate a membership.
	Paused   string
	Evidence []diag.Evidence
}

// Membership says how a person is in a group.
type Membership string

// The memberships.
const (
	Direct Membership = "direct"
	Nested Membership = "nested"
	None   Membership = "none"
)

// Path is one group of the config on the way to an account.
type Path struct {
	Group, Set string
	Account    string // id; "" for all that the config names
	At         diag.Range
	// Named says that the config names the group, whatever access it has there.
	Named bool
	// Accounts are those of the config, where none was asked for.
	Accounts []WantedAccount

	IdPGroup Fact[*directory.Group]
	InIdP    Fact[Membership]
	InScope  Fact[bool] // the group is pushed to AWS
	// Push is what the identity provider says went wrong with the group.
	Push string
	// PushedAs is the name under which the group is pushed, where that is another;
	// Unlinked says that what it is pushed to is gone.
	// Logged says that only the log tells of what went wrong.
	PushedAs string
	Unlinked bool
	Logged   bool
	PushSeen []diag.Evidence
	AWSGroup Fact[*access.Group]
	InAWS    Fact[bool]
	// Drift is how the members differ; of a group that is looked into.
	Drift Fact[Drift]
	Alike *Alike
	Near  []string // group names a few characters away
	// InConfig are those of the config, where it does not name the group.
	InConfig []string
	// Beside are groups that the config names by almost this name and that AWS has, too.
	Beside []string
	// Renamed is what the group that is missing is called now; the zero value where
	// nothing says so. Theirs says that rolecall does not make the group.
	Renamed access.Renamed
	Theirs  bool

	Assigned Fact[bool] // in all accounts asked for
	// LacksIn is the account, by id, of which it was asked why the group does not
	// hold the set there; Nobody says that no group does.
	LacksIn  string
	Nobody   bool
	Orphan   string // id of a group that is gone, and holds the set there
	Shared   bool   // the config gives the set to several groups
	Failure  *access.FailedAssignment
	Outdated Fact[bool]
}

// WantedAccount is an account of the config. ID is "" where the organization has none of
// that name, or several.
type WantedAccount struct {
	Name, ID, State string
	Assigned        bool   // to the group of the path
	Instead         string // what to write, where the organization has no account of the name
}

// open says that AWS assigns something there.
func (p *WantedAccount) open() bool { return p.ID != "" && (p.State == "" || p.State == active) }

// active is the state of an account that works, in AWS Organizations.
const active = "ACTIVE"

// Drift are user names that only one side has as direct members.
type Drift struct {
	OnlyIdP, OnlyAWS, Nested []string
	// Absent are members at the identity provider whom AWS does not have at all.
	Absent []string
	// NotLooked is how many members in AWS were not looked for at the identity
	// provider. One who seems to lack there may be one of those, and is not told then.
	NotLooked int
	// Unnamed is how many members at the identity provider have a name in AWS that is
	// not known, and are nobody there by the id.
	Unnamed int
}

// bySCIM says that groups come by SCIM.
func (f *Facts) bySCIM() bool { return f.SetUp == access.SCIM }

// usersBySCIM says that users do.
func (f *Facts) usersBySCIM() bool { return f.SetUp == access.SCIM || f.SetUp == access.SCIMUsersOnly }

// hasIdP says that people sign in at an identity provider.
func (f *Facts) hasIdP() bool { return f.SetUp != access.BuiltIn }

// active says that the identity provider has the person, and active.
func (f *Facts) active() bool {
	p := f.Person
	return p.Known && p.Value != nil && (p.Value.Status == directory.Active || p.Value.Status == directory.Unknown)
}

// userName is what the identity provider sends to AWS.
func (f *Facts) userName() string {
	person := ""
	if p := f.Person; p.Known && p.Value != nil {
		person = p.Value.UserName
	}
	return cmp.Or(f.Sent, f.Assignment.Value.UserName, person, f.Name)
}

// named says that the identity provider or the config is known to call the person by
// the name that is looked for, so that not the question alone does.
func (f *Facts) named() bool { return f.Named || f.Person.Known && f.Person.Value != nil }

// inAWS says that AWS has the user under exactly this name.
func (f *Facts) inAWS() bool { return f.User.Known && f.User.Value != nil }

// stuck says that nothing at all is provisioned at the moment, so that no
// person or group is to blame.
func (f *Facts) stuck() bool {
	return tokenRefused(f) || f.pushedElsewhere() || f.Provisioning.Known && f.Provisioning.Value.State != directory.JobOn && f.Provisioning.Value.State != directory.JobUnclear && !f.jobElsewhere()
}

// works says that a path leads all the way.
func (p *Path) works(f *Facts) bool {
	return p.InAWS.Known && p.InAWS.Value && p.Assigned.Known && p.Assigned.Value && !p.Outdated.Value && f.open()
}

// userComes says that the user is not in AWS and the identity provider brings them,
// unless something keeps it.
func (f *Facts) userComes() bool {
	return f.Subject == Person && f.usersBySCIM() && f.active() && f.Assignment.Known && f.User.Known && f.User.Value == nil
}

// memberComes says so of the membership.
func (p *Path) memberComes() bool {
	return p.InIdP.Value == Direct && p.AWSGroup.Value != nil && !p.InAWS.Value
}

// open says that nothing is wrong with the account, or that none was asked for.
func (f *Facts) open() bool {
	a := f.Account
	return !a.Known || a.Value != nil && (a.Value.State == "" || a.Value.State == active)
}

// nowhere says that the account which was asked for is not there: which groups lead to
// it is not known then, and what they hold is neither asked nor told.
func (f *Facts) nowhere() bool { return f.Account.Known && f.Account.Value == nil }

// reaches says that the user can use the access now, whichever the way.
func (f *Facts) reaches() bool {
	if !f.inAWS() || f.User.Value.Disabled || !f.open() {
		return false
	}
	if len(f.Own) > 0 || len(f.Elsewhere) > 0 {
		return true
	}
	return f.through() != nil
}

// unsureOfGrants says that nobody tells what a group on the way holds.
func (f *Facts) unsureOfGrants() bool {
	return slices.ContainsFunc(f.Paths, func(p Path) bool { return !p.Assigned.Known && p.Assigned.Needs != "" })
}

// through returns the first path that leads the user all the way, or nil.
func (f *Facts) through() *Path {
	for i := range f.Paths {
		if f.inAWS() && f.Paths[i].works(f) {
			return &f.Paths[i]
		}
	}
	return nil
}

// until says when a change is there at the latest, or that it is overdue.
func (f *Facts) until(changed time.Time) (at time.Time, overdue bool) {
	longest := time.Duration(f.Window.LongestMinutes) * time.Minute
	p := f.Provisioning
	passed := !changed.IsZero() && p.Value.State == directory.JobOn && p.Value.LastRun.After(changed.Add(longest)) // runs came and went
	if p.Known && !p.Value.OnChange && !passed && !p.Value.NextRun.IsZero() && p.Value.NextRun.After(f.Now) {
		return p.Value.NextRun, false
	}
	if changed.IsZero() {
		changed = f.Now
	}
	at = changed.Add(longest)
	return at, at.Before(f.Now)
}
