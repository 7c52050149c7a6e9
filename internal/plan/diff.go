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
	d.userChanges()
	d.groupChanges()
	d.membershipChanges()
	d.setChanges()
	d.grantChanges()
	d.leftoverSets()
	d.leftoverGroups()
	d.removedUsers()
	d.provisioning()
	return d.plan()
}

// differ collects the changes of one Diff. Slices that are named after a table
// run parallel to it.
type differ struct {
	*Bound
	// changes are kept by phase, so that putting them in order is joining.
	changes [phases][]Change
	blocked []Blocked

	// desiredX gives, for a live row, the desired one that means it; -1 where
	// the config does not name it.
	desiredUser, desiredGroup, desiredSet []int32
	// userNeeds, groupNeeds and setNeeds are what has to be done before a
	// desired row can be used.
	userNeeds, groupNeeds, setNeeds [][]ID
	// setTouched are the changes that make a live set outdated in its accounts.
	setTouched [][]ID
	// userGoes, groupGoes and setGoes are the revocations that have to be over
	// before a live row can be deleted, or a live set provisioned again.
	userGoes, groupGoes, setGoes [][]ID
	// keptOnSet and keptOnGroup count the live grants that stay although the
	// config does not want them: they keep the set and the group alive.
	keptOnSet, keptOnGroup []int
	dropped                map[access.Membership]bool
	// emptied marks the accounts where the plan takes a live set's last grant
	// away, and with it the role, so that provisioning leaves them alone.
	emptied map[setAccount]bool
	// granted finds the grants that the plan makes, for those that they replace.
	granted map[holder][]grantMade
	// instead finds them by the orphan's grant that they replace.
	instead  map[grantKey][]grantMade
	revoked  map[grantKey]bool
	lost     lost
	rebinds  []*rebind // by desired group; nil where there is none
	replaced []ReplacedRole
	// adoptedTakes are removals that an adoption brings and that the guard
	// cannot tell by the object that is adopted.
	adoptedTakes []ID
}

func newDiffer(b *Bound) *differ {
	d := &differ{Bound: b}
	d.desiredUser = reverse(b.users, len(b.Live.Users))
	d.desiredGroup = reverse(b.groups, len(b.Live.Groups))
	d.desiredSet = reverse(b.sets, len(b.Live.Sets))
	d.userNeeds = make([][]ID, len(b.Desired.Users))
	d.groupNeeds = make([][]ID, len(b.Desired.Groups))
	d.setNeeds = make([][]ID, len(b.Desired.Sets))
	d.setTouched, d.setGoes = make([][]ID, len(b.Live.Sets)), make([][]ID, len(b.Live.Sets))
	d.groupGoes = make([][]ID, len(b.Live.Groups))
	d.userGoes = make([][]ID, len(b.Live.Users))
	d.keptOnSet, d.keptOnGroup = make([]int, len(b.Live.Sets)), make([]int, len(b.Live.Groups))
	d.dropped, d.emptied = map[access.Membership]bool{}, map[setAccount]bool{}
	d.granted, d.instead = map[holder][]grantMade{}, map[grantKey][]grantMade{}
	d.lost = newLost(b)
	grants := phase(Change{Kind: Assignment, Action: Create})
	d.changes[grants] = make([]Change, 0, max(0, len(b.Desired.Grants)-len(b.Live.Grants)))
	d.revoked, d.rebinds = map[grantKey]bool{}, make([]*rebind, len(b.Desired.Groups))
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
	c.ID = makeID(c.Kind, c.Action, c.Key)
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
	c.ID = makeID(c.Kind, c.Action, c.Key)
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
	if bound.hold == grantOnly {
		why := diag.Diagnostic{Severity: diag.Error, Code: UserOfSCIM, Range: c.Source,
			Summary: fmt.Sprintf("user %q belongs to %s and is not written here", u.Username, d.options.IdP),
			Hint:    fmt.Sprintf("Change the user in %s.", d.options.IdP)}
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
	changes := slices.Concat(d.changes[:]...)
	d.changes = [phases][]Change{}
	if changes == nil {
		changes = []Change{} // an empty list in JSON, not null
	}
	p := &Plan{
		FormatVersion: FormatVersion, Owner: o.Owner, SetUp: o.SetUp, IdP: o.IdP, Read: d.Live.Observed,
		Changes: changes, Blocked: d.blocked, Findings: d.Findings, Replaced: d.replaced,
		Strangers: d.strangers(), FollowUps: followUps(o.SetUp, o.IdP, changes),
		Summary: summarize(changes, len(d.blocked)),
	}
	d.guard(p)
	p.Findings = p.Findings.Sorted()
	return p
}
