package doctor

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/names"
	"github.com/rolecall-dev/rolecall/internal/presence"
	"github.com/rolecall-dev/rolecall/internal/probe/saml"
	"github.com/rolecall-dev/rolecall/internal/probe/scim"
)

// drawer makes facts as Gather could have gathered them, with anything broken or
// unknown, and several things at once.
type drawer struct {
	t *rapid.T
	f *Facts
	n int
}

func drawFacts(t *rapid.T) *Facts {
	d := &drawer{t: t, f: &Facts{Now: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC), Name: "jane@company.com"}}
	f := d.f
	f.Subject = pick(d, SetUp, Person, Person, Person, Group, Group)
	f.SetUp = pick(d, access.SCIM, access.SCIM, access.SCIM, access.SCIMUsersOnly, access.WithoutSCIM, access.BuiltIn)
	f.IdP = pick(d, "Okta", "Entra ID", "Google Workspace")
	f.Window = presence.WindowOf(f.IdP)
	f.Export = pick(d, "", "", "an export")
	f.Scanned = d.one(3)
	d.protocols()
	if f.hasIdP() {
		d.atIdP()
	}
	if d.one(2) {
		f.Account = pick(d, Known(&access.Account{ID: "444455556666", State: active}), Known(&access.Account{ID: "444455556666", State: active}),
			Known(&access.Account{ID: "444455556666", State: "SUSPENDED"}), Known[*access.Account](nil))
	}
	switch f.Subject {
	case Person:
		d.person()
	case Group:
		d.group()
	default:
		d.setUp()
	}
	return f
}

func pick[T any](d *drawer, from ...T) T {
	return rapid.SampledFrom(from).Draw(d.t, d.label())
}

// one is true once in so many.
func (d *drawer) one(in int) bool { return rapid.IntRange(1, in).Draw(d.t, d.label()) == in }

func (d *drawer) label() string { d.n++; return fmt.Sprint(d.n) }

func seen(what string) diag.Evidence { return diag.Evidence{System: "a system", What: what, Saw: "it"} }

// fact makes one that is known, mostly.
func fact[T any](d *drawer, what string, values ...T) Fact[T] {
	if d.one(6) {
		return Unknown[T]("what " + what + " needs")
	}
	return Known(pick(d, values...), seen(what))
}

func (d *drawer) protocols() {
	f := d.f
	f.Metadata = fact(d, "metadata", nil, []saml.Problem{{Cause: "an old certificate", Fix: "upload"}}, []saml.Problem{{Soon: true, Cause: "an old certificate", Fix: "upload"}})
	f.SCIM, f.TokenAge = Unknown[scim.Answer]("a token"), Unknown[scim.Age]("token_created")
	if !f.usersBySCIM() {
		return
	}
	f.SCIM = fact(d, "scim", scim.Answer{}, scim.Answer{}, scim.Answer{}, scim.Answer{Failure: scim.Unauthorized}, scim.Answer{Failure: scim.Unreachable})
	f.TokenAge = fact(d, "age", scim.AgeOf(f.Now.AddDate(0, -1, 0), f.Now), scim.AgeOf(f.Now.AddDate(0, -1, 0), f.Now), scim.AgeOf(f.Now.AddDate(0, -11, 0), f.Now),
		scim.AgeOf(f.Now.AddDate(-2, 0, 0), f.Now), scim.AgeOf(f.Now.AddDate(0, 2, 0), f.Now))
	f.Endpoint = pick(d, "", "https://one", "https://one")
	on := directory.Provisioning{State: directory.JobOn, Creates: true}
	values := []directory.Provisioning{on, on, on, on}
	for _, state := range []directory.JobState{directory.JobOff, directory.JobPaused, directory.JobNotRun, directory.JobQuarantine, directory.JobUnclear} {
		values = append(values, directory.Provisioning{State: state, Creates: true})
	}
	values = append(values, directory.Provisioning{State: directory.JobOn}, directory.Provisioning{State: directory.JobOn, Creates: true, NextRun: f.Now.Add(time.Hour)},
		directory.Provisioning{State: directory.JobOn, Creates: true, Endpoint: "https://two"}, directory.Provisioning{State: directory.JobOn, Creates: true, Endpoint: "https://one"})
	values = append(values, directory.Provisioning{State: directory.JobOn, Creates: true, Groups: directory.Off}, directory.Provisioning{State: directory.JobOff, Creates: true, Quarantine: &directory.Quarantine{Message: "no"}},
		directory.Provisioning{State: directory.JobOn, Creates: true, OnChange: true, Endpoint: "https://one/"}, directory.Provisioning{State: directory.JobOn, Creates: true, Clashes: []string{"emails"}, Failure: "no", Escrowed: 3, Filters: []string{"some"}})
	f.Provisioning = fact(d, "provisioning", values...)
	f.LastPush = pick(d, time.Time{}, f.Now.Add(-time.Hour))
}

func (d *drawer) atIdP() {
	f := d.f
	if f.Subject == SetUp && d.one(2) {
		f.SharedGroups = fact(d, "shared", nil, []string{"one"})
	}
	if f.Subject != Group && d.one(2) {
		f.SAML = fact(d, "saml", directory.SAML{Enabled: true}, directory.SAML{Enabled: true}, directory.SAML{}, directory.SAML{Enabled: true, Certificates: []directory.Certificate{{InUse: true, NotAfter: f.Now}}},
			directory.SAML{Enabled: true, NameID: "${user.email}", NameIDIs: directory.OfEmail, Certificates: []directory.Certificate{{Perhaps: true, NotAfter: f.Now}, {Perhaps: true, NotAfter: f.Now.AddDate(1, 0, 0)}}})
	}
}

func (d *drawer) person() {
	f := d.f
	if f.hasIdP() {
		f.Person = fact(d, "person", nil, d.at(directory.Active), d.at(directory.Active), d.at(directory.Active), d.at(directory.Active), d.at(directory.Suspended), d.at(directory.Unknown))
	}
	if f.Person.Value != nil {
		assigned := directory.PersonAssignment{How: directory.Directly}
		off, failed := assigned, assigned
		off.Sync, failed.Sync = directory.SyncOff, directory.SyncFailed
		f.Assignment = fact(d, "assignment", assigned, directory.PersonAssignment{How: directory.Directly, ExternalID: "another", UserName: f.Name, Changed: f.Now}, assigned, directory.PersonAssignment{How: directory.ByGroup}, directory.PersonAssignment{How: directory.Everybody}, off, failed,
			directory.PersonAssignment{How: directory.NotAssigned}, directory.PersonAssignment{How: directory.NotAssigned, Nested: []directory.Group{{Name: "Outer"}}})
		if f.usersBySCIM() {
			events := func(all ...directory.Event) directory.EventsFound { return directory.EventsFound{Events: all} }
			undecided := directory.Event{Outcome: directory.Undecided}
			f.Events = fact(d, "events", events(), events(), directory.EventsFound{Partial: true}, events(undecided, directory.Event{Outcome: directory.Failed, Reason: "no"}), events(directory.Event{Outcome: directory.Skipped}),
				events(undecided, directory.Event{Outcome: directory.Failed, Token: true}))
		}
	}
	user := &access.User{Username: f.Name, ID: "u"}
	f.User = Known(pick(d, nil, user, user, user, user, &access.User{Username: f.Name, ID: "u", Disabled: true}), seen("user"))
	f.Named = d.one(3)
	f.Defined = f.Named && d.one(2)
	if !f.inAWS() && d.one(3) {
		f.Alike = &Alike{Name: "Jane@company.com", System: pick(d, identityCenter, config), Rung: pick(d, names.Case, presence.SameEmail), Asked: !f.named()}
	}
	if f.Alike != nil && f.Alike.Rung == presence.SameEmail && f.Person.Value != nil {
		f.Former = d.one(2)
		if !f.Former && d.one(2) {
			f.Holder = &directory.Person{ID: "other", UserName: "Jane@company.com"}
		}
	}
	if !f.inAWS() && !f.named() && f.Alike == nil && d.one(2) {
		f.InConfig = []string{"jaen@company.com"}
	}
	if !f.inAWS() && f.Scanned && d.one(2) {
		f.Near = []string{"jone@company.com"}
	}
	d.atSCIM(f.inAWS())
	d.personPaths()
	if f.hasIdP() && f.reaches() && f.Person.Value != nil {
		f.SignIns = fact(d, "sign-ins", directory.SignInsFound{}, directory.SignInsFound{Partial: true}, directory.SignInsFound{SignIns: []directory.SignIn{{Time: f.Now, Reason: "no"}}})
	}
}

func (d *drawer) at(s directory.Status) *directory.Person {
	return &directory.Person{ID: "p", UserName: d.f.Name, Email: "jane.smith@company.com", Status: s, Unfit: pick(d, nil, nil, nil, nil, []string{"the last name is empty"}), Updated: d.f.Now.Add(-pick(d, 0, 48*time.Hour))}
}

func (d *drawer) atSCIM(there bool) {
	if d.f.SCIM.Known && d.f.SCIM.Value.OK() && there && d.one(2) {
		d.f.AtSCIM = fact(d, "at SCIM", true, true, false)
	}
}

// personPaths makes some of the ways that [gatherer.paths] would find.
func (d *drawer) personPaths() {
	f := d.f
	member := false
	f.GroupsAtIdP = f.bySCIM() && f.Person.Value != nil && !d.one(4)
	for i := range rapid.IntRange(0, 3).Draw(d.t, d.label()) {
		p := Path{Group: fmt.Sprintf("Group-%d", i), Set: "Set", Theirs: f.bySCIM()}
		f.AccessGroups = append(f.AccessGroups, p.Group)
		if !f.bySCIM() && d.one(2) {
			f.Members = append(f.Members, p.Group)
		}
		group := &access.Group{Name: p.Group, ID: p.Group}
		if f.GroupsAtIdP && d.one(2) == false {
			p.InIdP = fact(d, "membership", Direct, Direct, Nested, None)
			p.IdPGroup = Known(d.groupAt(p.Group), seen("group at the identity provider"))
			if d.one(8) {
				p.IdPGroup, p.InIdP = Fact[*directory.Group]{Needs: "several groups"}, Fact[Membership]{Needs: "several groups"}
			}
			if p.InIdP.Value == None && d.one(2) {
				p.IdPGroup.Value = nil
			}
		}
		there := f.inAWS() && !d.one(3)
		switch {
		case there:
			p.AWSGroup, p.InAWS, member = Known(group, seen("group")), Known(true, seen("member")), true
		case (!p.InIdP.Known || p.InIdP.Value == None) && d.one(2):
			continue
		case !p.InIdP.Known || p.InIdP.Value == None:
			p.Alike = &Alike{Name: "group-" + fmt.Sprint(i), System: identityCenter}
			d.groupByName(&p, group)
		default:
			d.groupByName(&p, group)
		}
		d.scope(&p)
		if there || p.memberComes() {
			d.held(&p)
		}
		f.Paths = append(f.Paths, p)
	}
	if f.bySCIM() && !slices.ContainsFunc(f.Paths, func(p Path) bool { return p.InIdP.Value == Direct || p.InIdP.Value == Nested }) && f.GroupsAtIdP && !f.nowhere() && d.one(3) {
		f.Almost = []Almost{{Group: "Group-9", Paused: pick(d, "", "its rule is paused")}}
	}
	if !member && f.inAWS() && f.Account.Value != nil {
		f.Own = pick(d, nil, nil, []access.AssignedSet{{Set: "Other"}})
	}
}

func (d *drawer) groupAt(name string) *directory.Group {
	return &directory.Group{ID: name, Name: name, NotProvisionable: pick(d, "", "", "", "", "it is of another kind"), Paused: pick(d, "", "", "", "its rule is paused"), Unfit: pick(d, nil, nil, nil, nil, []string{"the name has a %"}), MembershipUpdated: pick(d, time.Time{}, d.f.Now, d.f.Now.Add(-48*time.Hour))}
}

// groupByName looks the group up in AWS, as [gatherer.groupByName] does.
func (d *drawer) groupByName(p *Path, group *access.Group) {
	p.AWSGroup = Known[*access.Group](nil, seen("group"))
	switch {
	case d.one(2):
		p.AWSGroup.Value, p.Alike = group, nil
		if d.f.Subject == Person {
			p.InAWS = Known(false, seen("group"))
		}
	case p.Alike != nil:
	case d.one(4):
		p.Alike = &Alike{Name: "another", System: identityCenter}
	case p.Set != "" && d.one(3):
		p.Renamed = access.Renamed{Name: p.Group, Now: "New", ID: "g", Set: "Set"}
	}
}

func (d *drawer) scope(p *Path) {
	if !d.f.bySCIM() || p.IdPGroup.Value == nil || p.AWSGroup.Value != nil && d.f.Subject == Person && p.InAWS.Value && d.one(2) {
		return
	}
	if !d.one(3) {
		p.InScope = Known(!d.one(4), seen("scope"))
	}
	if d.one(5) {
		p.Push = "it failed"
		p.Unlinked = p.AWSGroup.Value == nil && d.one(2)
	} else if p.AWSGroup.Value == nil && d.one(5) {
		p.PushedAs = "Another"
	}
}

func (d *drawer) held(p *Path) {
	p.Assigned = fact(d, "granted", true, true, false)
	if d.f.Account.Value == nil {
		for i := range rapid.IntRange(1, 3).Draw(d.t, d.label()) {
			p.Accounts = append(p.Accounts, pick(d, WantedAccount{Name: fmt.Sprint(i), ID: "1", Assigned: p.Assigned.Value}, WantedAccount{Name: fmt.Sprint(i), ID: "1", State: "SUSPENDED"}, WantedAccount{Name: fmt.Sprint(i), Instead: "x"}))
		}
		if p.Assigned.Known {
			p.Outdated = Unknown[bool]("--account")
		}
	} else if p.Assigned.Value {
		p.Account = "444455556666"
		p.Outdated = fact(d, "version", false, true)
	}
	if p.Assigned.Known && !p.Assigned.Value {
		p.LacksIn, p.Nobody, p.Shared = "444455556666", d.one(2), d.one(2)
		p.Orphan = pick(d, "", "", "old")
		if p.Orphan == "" && d.one(3) {
			p.Failure = &access.FailedAssignment{Reason: "no"}
		}
	}
}

func (d *drawer) group() {
	f := d.f
	f.Name = "Group-0"
	first := Path{}
	for i := range rapid.IntRange(1, 2).Draw(d.t, d.label()) {
		if i > 0 && first.Set != "" {
			p := first // another permission set of the same group
			p.Assigned, p.Accounts, p.Orphan, p.Failure, p.Outdated = Fact[bool]{}, nil, "", nil, Fact[bool]{}
			if p.AWSGroup.Value != nil {
				d.held(&p)
			}
			f.Paths = append(f.Paths, p)
		}
		if i > 0 {
			break
		}
		p := Path{Group: f.Name, Set: "Set", Theirs: f.bySCIM()}
		if d.one(4) {
			p.Set, p.Named = "", d.one(2)
			if !p.Named && d.one(2) {
				p.InConfig = []string{"Gruop-0"}
			}
			if d.one(3) {
				p.Alike = &Alike{Name: "group-0", System: "config"}
			}
		}
		if f.bySCIM() && !d.one(4) {
			p.IdPGroup = fact(d, "group", nil, d.groupAt(f.Name), d.groupAt(f.Name), d.groupAt(f.Name))
		}
		d.groupByName(&p, &access.Group{Name: f.Name, ID: "g"})
		d.atSCIM(p.AWSGroup.Value != nil)
		d.scope(&p)
		if p.AWSGroup.Value != nil {
			d.drift(&p)
			if p.Set != "" {
				d.held(&p)
			}
		}
		first = p
		f.Paths = append(f.Paths, p)
	}
}

func (d *drawer) drift(p *Path) {
	if d.f.bySCIM() && p.IdPGroup.Value != nil {
		p.Drift = fact(d, "members", Drift{}, Drift{}, Drift{OnlyIdP: []string{"a"}}, Drift{OnlyAWS: []string{"b"}}, Drift{Absent: []string{"d"}}, Drift{Nested: []string{"c"}}, Drift{OnlyIdP: []string{"a"}, OnlyAWS: []string{"b"}, Nested: []string{"c"}})
	}
}

func (d *drawer) setUp() {
	f := d.f
	f.Account = Fact[*access.Account]{}
	f.Compared = fact(d, "both", Compared{Groups: 1})
	missing := &diag.Diagnostic{Severity: diag.Error, Code: "x", Summary: "missing", Hint: "a hint"}
	items := []presence.Item{{Kind: presence.GroupItem, Name: "There", Verdict: presence.There}, {Kind: presence.GroupItem, Name: "Late", Verdict: presence.NotYet, Finding: missing},
		{Kind: presence.AccountItem, Name: "Never", Verdict: presence.WillNotCome, Finding: missing}, {Kind: presence.UserItem, Name: "Unknown", Verdict: presence.CannotTell, Finding: missing},
		{Kind: presence.GroupItem, Name: "Old", Verdict: presence.WillNotCome, Finding: &diag.Diagnostic{Severity: diag.Error, Code: presence.CodeRenamed, Summary: "renamed"}}}
	items = slices.DeleteFunc(items, func(presence.Item) bool { return d.one(2) })
	f.Names = fact(d, "names", presence.Report{Items: items})
	if d.one(2) {
		f.Coming = map[diag.Subject]Verdict{(presence.Item{Kind: presence.GroupItem, Name: "Late"}).Subject(): pick(d, Verdict{}, Verdict{Cause: "not pushed", Fix: "push"})}
	}
	if f.hasIdP() && !f.bySCIM() && d.one(2) {
		f.Unclear = pick(d, nil, []string{"which is meant"})
		f.OneSided = []OneSide{{Name: "jane@company.com", Person: pick(d, nil, d.at(directory.Suspended))}}
	}
	if !f.bySCIM() || !f.Window.Groups {
		return
	}
	for i := range rapid.IntRange(0, 2).Draw(d.t, d.label()) {
		group := fmt.Sprintf("Group-%d", i)
		p := Path{Group: group, AWSGroup: Known(&access.Group{Name: group}, seen("group")), IdPGroup: Known(pick(d, nil, d.groupAt(group), d.groupAt(group)), seen("group at the identity provider"))}
		d.drift(&p)
		f.Paths = append(f.Paths, p)
	}
}
