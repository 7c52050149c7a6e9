package plan

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Diff gives the plan that turns the live state into the desired one. Absence
// from the desired state means delete only inside the options' scope and only
// for what carries the owner's mark; what was not observed is never taken for
// absent.
func Diff(desired, live *access.State, o Options) *Plan {
	d := newDiffer(Bind(desired, live, o))
	d.findSpared()
	d.findRebinds()
	d.userChanges()
	d.noteNamesakes()
	d.groupChanges()
	d.findDepartures()
	d.noteStrangers()
	d.setChanges()
	d.newEdits()
	d.findGrants()
	d.classifyEdits()
	d.settleBlocked()
	d.indexRevocations()
	d.countKept()
	d.findDetours()
	d.makeEdits()
	d.makeRecords()
	d.makeGrants()
	d.makeRevocations()
	d.provisioning()
	d.membershipChanges()
	d.leftoverSets()
	d.leftoverGroups()
	d.removedUsers()
	d.freeFirst()
	return d.plan()
}

// differ collects the changes of one Diff. Slices that are named after a table
// run parallel to it.
type differ struct {
	*Bound
	// changes are kept by phase, so that putting them in order is joining.
	changes [phases][]Change
	blocked []Blocked
	// isBlocked are the ids of what is blocked.
	isBlocked map[ID]bool

	// desiredX gives, for a live row, the desired one that means it; -1 where
	// the config does not name it.
	desiredUser, desiredGroup, desiredSet []int32
	// inactive are the accounts, by id, in which AWS can change nothing.
	inactive map[string]bool
	// userNeeds, groupNeeds and setNeeds are what has to be done before a
	// desired row can be used.
	userNeeds, groupNeeds, setNeeds [][]ID
	// edits are of the live sets of ours.
	edits map[int32]*edit
	// taken is the change that puts our mark on a live set that is adopted.
	taken map[int32]ID
	// leaves are the memberships that go, and the users who are deleted, by live
	// group.
	leaves [][]ID
	// userGoes, groupGoes and setGoes are the revocations that take access from a
	// live row; setEmpties has those of orphans too, before which a set cannot be
	// deleted.
	userGoes, groupGoes, setGoes, setEmpties [][]ID
	// keptOnSet and keptOnGroup count the live grants that stay although the
	// config does not want them: they keep the set and the group alive. staying
	// counts those of a set that somebody can use.
	keptOnSet, keptOnGroup []int
	staying                map[int32]int
	// groupKeeps says why a live group keeps what it should lose.
	groupKeeps map[int32]*diag.Diagnostic
	// memberKept says why a live group gets no more: somebody stays in it who may
	// have to go.
	memberKept map[int32]*diag.Diagnostic
	// retagged are the desired sets of which tags change.
	retagged map[int32]bool
	// needed are the grants that a revocation waits for.
	needed  map[ID]bool
	dropped map[access.Membership]bool
	// emptied marks the accounts where the plan takes a live set's last grant
	// away, and with it the role, so that provisioning leaves them alone.
	emptied map[setAccount]bool
	// grantedOn are the grants that the plan makes, by desired set, and firstMade
	// the first of them in an account; granted finds them by who gets them, for
	// those that they replace.
	grantedOn [][]grantMade
	firstMade map[setIn]int
	granted   map[holder][]grantMade
	// instead finds them by the orphan's grant that they replace.
	instead  map[grantKey][]grantMade
	revoking []revocation
	revoked  map[grantKey]bool
	// stuck says why nothing can be granted on a desired set.
	stuck map[int32]*diag.Diagnostic
	// joined says to which desired groups the plan adds members.
	joined map[int32]bool
	// recordFirst are the records that have to be written before the grants.
	recordFirst [][]ID
	lost        lost
	rebinds     rebinds
	remembered  remembered
	open        open
	replaced    []ReplacedRole
	// leftAlone counts what is outside of the scope, and hidden what an ignore
	// pattern keeps from being written or removed.
	leftAlone int
	// keptInactive counts what cannot be revoked in accounts that are not active.
	keptInactive int
	// orphansKept are, by live set, the removals of orphans that AWS cannot do.
	orphansKept map[int32][]Change
	hidden      Hidden
	spared      spared
	// leftOn counts, by live set, the assignments that are not this plan's to take
	// away, and why.
	leftOn map[int32]leftOn
	// unrecorded are the removals on sets that carry our mark and no record of an
	// apply of ours.
	unrecorded map[ID]bool
	// deleted are the live groups that the plan deletes; nil where nobody asked.
	deleted []int
}

func newDiffer(b *Bound) *differ {
	d := &differ{Bound: b, isBlocked: map[ID]bool{}, inactive: map[string]bool{}, orphansKept: map[int32][]Change{}, edits: map[int32]*edit{}, taken: map[int32]ID{}, staying: map[int32]int{}, leftOn: map[int32]leftOn{},
		dropped: map[access.Membership]bool{}, emptied: map[setAccount]bool{}, firstMade: map[setIn]int{},
		granted: map[holder][]grantMade{}, instead: map[grantKey][]grantMade{}, revoked: map[grantKey]bool{}, stuck: map[int32]*diag.Diagnostic{}, joined: map[int32]bool{}, unrecorded: map[ID]bool{}, groupKeeps: map[int32]*diag.Diagnostic{}, memberKept: map[int32]*diag.Diagnostic{}, needed: map[ID]bool{}, retagged: map[int32]bool{}}
	d.desiredUser = reverse(b.users, len(b.Live.Users))
	d.desiredGroup = reverse(b.groups, len(b.Live.Groups))
	d.desiredSet = reverse(b.sets, len(b.Live.Sets))
	for _, a := range b.Live.Accounts {
		d.inactive[a.ID] = !a.Active()
	}
	d.userNeeds = make([][]ID, len(b.Desired.Users))
	d.groupNeeds = make([][]ID, len(b.Desired.Groups))
	d.setNeeds, d.recordFirst = make([][]ID, len(b.Desired.Sets)), make([][]ID, len(b.Desired.Sets))
	d.grantedOn = make([][]grantMade, len(b.Desired.Sets))
	d.setGoes, d.setEmpties = make([][]ID, len(b.Live.Sets)), make([][]ID, len(b.Live.Sets))
	d.groupGoes, d.leaves = make([][]ID, len(b.Live.Groups)), make([][]ID, len(b.Live.Groups))
	d.userGoes = make([][]ID, len(b.Live.Users))
	d.keptOnSet, d.keptOnGroup = make([]int, len(b.Live.Sets)), make([]int, len(b.Live.Groups))
	d.lost = newLost(b)
	grants := phase(Change{Kind: Assignment, Action: Create})
	d.changes[grants] = make([]Change, 0, max(0, len(b.Desired.Grants)-len(b.Live.Grants)))
	return d
}

func reverse(bindings []binding, n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = -1
	}
	for i, b := range bindings {
		if b.live >= 0 {
			out[b.live] = int32(i)
		}
	}
	return out
}

// add puts a change into the plan and gives its id.
func (d *differ) add(c Change) ID {
	if c.ID == "" {
		c.ID = makeID(c.Kind, c.Action, c.Key)
	}
	list := &d.changes[phase(c)]
	if len(*list) == cap(*list) {
		// Doubling: append grows large slices by a quarter only, and a first
		// apply can have a million changes.
		*list = slices.Grow(*list, len(*list)+16)
	}
	*list = append(*list, c)
	return c.ID
}

// block keeps a change out of the plan and says why.
func (d *differ) block(c Change, why diag.Diagnostic) {
	if why.Code == Ignored {
		d.hidden.Changes++
		return
	}
	c.ID = makeID(c.Kind, c.Action, c.Key)
	d.isBlocked[c.ID] = true
	d.blocked = append(d.blocked, Blocked{Change: c, Cause: why.Code, Why: why.Summary})
}

func (d *differ) userChanges() {
	for i, u := range d.Desired.Users {
		bound := d.users[i]
		switch {
		case u.Referenced:
		case u.Remove:
			// Goes last, after the user's memberships: see removedUsers.
		case bound.hold == fresh:
			d.userNeeds[i] = []ID{d.add(Change{Kind: User, Action: Create, Key: Key{User: u.Username},
				After: &Value{User: attributesOf(u, "")}, Reason: "not in IAM Identity Center", Source: d.Desired.Range(u.Origin)})}
		case bound.live >= 0:
			d.updateUser(i, u, bound)
		default:
			d.block(Change{Kind: User, Action: Create, Key: Key{User: u.Username}, After: &Value{User: attributesOf(u, "")}}, bound.why)
		}
	}
}

// attributesOf gives the user with what is written to AWS and nothing else.
func attributesOf(u access.User, id string) *access.User {
	return &access.User{Username: u.Username, DisplayName: u.DisplayName, Email: u.Email,
		GivenName: u.GivenName, FamilyName: u.FamilyName, ID: id}
}

func (d *differ) updateUser(i int, u access.User, bound binding) {
	live := d.Live.Users[bound.live]
	before, after := attributesOf(live, live.ID), attributesOf(keepUnset(u, live), live.ID)
	if *before == *after {
		return
	}
	c := Change{Kind: User, Action: Update, Key: Key{User: u.Username}, Refs: Refs{UserID: live.ID},
		Before: &Value{User: before}, After: &Value{User: after},
		Reason: "attributes differ from the config", Source: d.Desired.Range(u.Origin)}
	if bound.hold == blocked {
		d.block(c, bound.why)
		return
	}
	if bound.hold == grantOnly {
		why := diag.Diagnostic{Severity: diag.Error, Code: UserOfSCIM, Range: c.Source,
			Summary: fmt.Sprintf("user %q belongs to %s and is not written here", u.Username, d.idp()),
			Hint:    fmt.Sprintf("Change the user in %s.", d.idp())}
		d.Findings = append(d.Findings, why)
		d.block(c, why)
		return
	}
	if before.Username != after.Username {
		c.Reason = fmt.Sprintf("renamed from %q", before.Username)
	}
	d.userNeeds[i] = []ID{d.add(c)}
}

// keepUnset leaves alone what the config does not say.
func keepUnset(u, live access.User) access.User {
	for _, f := range []struct {
		want *string
		have string
	}{{&u.DisplayName, live.DisplayName}, {&u.Email, live.Email}, {&u.GivenName, live.GivenName}, {&u.FamilyName, live.FamilyName}} {
		if *f.want == "" {
			*f.want = f.have
		}
	}
	return u
}

// plan brings what was collected into the canonical order and asks the guards.
func (d *differ) plan() *Plan {
	o := d.options
	changes, ok := ordered(slices.Concat(d.changes[:]...))
	if !ok { // the search over plans looks for one; none may be carried out in part
		d.Findings = append(d.Findings, diag.Diagnostic{Severity: diag.Error, Code: Circle, Summary: "changes of this plan wait for one another in a circle, so it cannot be carried out",
			Hint: "This is a defect of rolecall. Please report it, with the config; applying a part of the edit first helps."})
	}
	d.changes = [phases][]Change{}
	if changes == nil {
		changes = []Change{} // an empty list in JSON, not null
	}
	p := &Plan{
		FormatVersion: FormatVersion, Owner: o.Owner, SetUp: o.SetUp, IdP: o.IdP, Read: d.Live.Observed,
		Changes: changes, Blocked: d.blocked, Findings: d.Findings, Replaced: d.replaced,
		Strangers: d.strangers(), FollowUps: followUps(o.SetUp, o.IdP, changes),
		Summary: summarize(changes, len(d.blocked)), PlanID: o.PlanID,
	}
	d.countHidden()
	if d.hidden != (Hidden{}) {
		p.Hidden = &d.hidden
	}
	p.Outside, p.KeptInactive = d.leftAlone, d.keptInactive
	p.OutdatedElsewhere, p.OutdatedIn = d.outdatedElsewhere()
	for _, kept := range d.orphansKept {
		p.KeptOrphans += len(kept)
	}
	p.StrangersIn = d.strangersIn()
	d.guard(p)
	p.Findings = p.Findings.Sorted()
	return p
}
