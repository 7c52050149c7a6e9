package plan

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// departures are the memberships that go.
type departures struct {
	*draft
	dropped map[access.Membership]bool
	// missing is, by desired group, a user name that leads to nobody.
	missing map[int32]string
	// kept says why a live group gets no more: somebody stays in it who may have to
	// go.
	kept map[int32]*diag.Diagnostic
	// joined says to which desired groups the plan adds members.
	joined map[int32]bool
}

// findDepartures takes out of the groups whoever the config does not name, and
// notes who leaves which group: whatever gives the group more waits for that.
func findDepartures(draft *draft) *departures {
	d := &departures{draft, map[access.Membership]bool{}, map[int32]string{}, map[int32]*diag.Diagnostic{}, map[int32]bool{}}
	for _, m := range d.Desired.Memberships {
		if d.users[m.User].handling == blocked && d.users[m.User].why.Code != Ignored {
			d.missing[m.Group] = d.Desired.Users[m.User].Username
		}
		if gb, ub := d.groups[m.Group], d.users[m.User]; gb.live < 0 || ub.live < 0 || !d.isMember(gb.live, ub.live) {
			d.joined[m.Group] = true
		}
	}
	for g, bound := range d.groups {
		switch bound.handling {
		case ours, adopted:
			d.dropStrangers(int32(g), bound.live)
		case additive:
			d.dropAdded(int32(g), bound.live)
		}
	}
	d.noteDeletedUsers()
	d.noteStrangers()
	return d
}

// noteStrangers keeps what groups have from growing while strangers are in them,
// whom the plan does not take out: a mark that somebody changed must not make them
// stay and gain.
func (d *departures) noteStrangers() {
	for i := range d.groups {
		if b := &d.groups[i]; b.keepsStrangers() {
			d.kept[b.live] = &b.why
		}
	}
}

// noteDeletedUsers notes that a user who is deleted leaves every group, of
// which not all members may have been read.
func (d *departures) noteDeletedUsers() {
	for i, u := range d.Desired.Users {
		live := d.users[i].live
		if !u.Remove || live < 0 || d.Live.Users[live].SCIM || d.users[i].handling == blocked {
			continue
		}
		id := makeID(User, Delete, Key{User: u.Username})
		for g := range d.Live.Groups {
			key := access.Membership{Group: int32(g), User: live}
			if !d.dropped[key] && (d.isMember(int32(g), live) || !d.Live.Observed.Members[d.Live.Groups[g].ID]) {
				d.removals.leaves[g] = append(d.removals.leaves[g], id)
			}
		}
	}
}

// dropStrangers takes out of a group of ours whoever the config does not name.
func (d *departures) dropStrangers(desired, live int32) {
	if !d.Live.Observed.Members[d.Live.Groups[live].ID] {
		return
	}
	var first []ID
	if d.groups[desired].handling == adopted {
		first = d.needs.groups[desired] // it is not ours to write before it carries our mark
	}
	for _, m := range d.Live.Members(int(live)) {
		d.dropUnwanted(m, desired, "not in the config", first)
	}
}

// dropUnwanted takes a member out of a group whom the config does not have in it.
func (d *departures) dropUnwanted(m access.Membership, desired int32, reason string, waits []ID) {
	user := d.desiredUser[m.User]
	if user >= 0 && d.wantsMember(desired, user) || d.ignored(access.UserThing, d.Live.Users[m.User].Username) {
		return
	}
	if name := d.mayBeMissing(m, desired); name != "" {
		d.keepMember(m, desired, name)
	} else {
		d.dropMember(m, d.Desired.Groups[desired].Name, reason, waits)
	}
}

// mayBeMissing returns the missing name under which the config may want a member of a
// group; "" where it is none.
func (d *departures) mayBeMissing(m access.Membership, desired int32) string {
	if name := d.mayMeanMembership(m); name != "" {
		return name
	}
	if d.desiredUser[m.User] < 0 {
		return d.missing[desired]
	}
	return ""
}

// keepMember leaves somebody in a group who may be the missing member under
// another name, or a stranger: so the group gets nothing more meanwhile.
func (d *departures) keepMember(m access.Membership, desired int32, wants string) {
	group, user := d.Desired.Groups[desired].Name, d.Live.Users[m.User].Username
	d.block(Change{Kind: Membership, Action: Delete, Key: Key{Group: group, User: user},
		Refs: d.memberRefs(m.Group, m.User), Reason: "not in the config"}, *keptForName("user", user, wants))
	why := &diag.Diagnostic{Code: DependsOnBlocked,
		Summary: fmt.Sprintf("user %q stays in group %q and may not be the missing %q, so the group gets nothing more", user, group, wants)}
	d.kept[m.Group] = why
}

// dropAdded takes out of a group that is not ours whom an earlier plan added
// and the config no longer names.
func (d *departures) dropAdded(desired, live int32) {
	added := d.options.Scope.Added[d.Desired.Groups[desired].Name]
	if len(added) == 0 {
		return
	}
	for _, m := range d.Live.Members(int(live)) {
		if slices.Contains(added, d.Live.Users[m.User].Username) {
			d.dropUnwanted(m, desired, "added by rolecall, and no longer in the config", nil)
		}
	}
}

// dropMember removes a live membership, once, and remembers it for whatever
// goes after it.
func (d *departures) dropMember(m access.Membership, groupName, reason string, waits []ID) {
	key := access.Membership{Group: m.Group, User: m.User}
	if d.dropped[key] {
		return
	}
	d.dropped[key] = true
	id := d.add(Change{Kind: Membership, Action: Delete, Key: Key{Group: groupName, User: d.Live.Users[m.User].Username},
		Refs: d.memberRefs(m.Group, m.User), Reason: reason, DependsOn: waits})
	d.removals.leaves[m.Group] = append(d.removals.leaves[m.Group], id)
	d.removals.users[m.User] = append(d.removals.users[m.User], id)
}

// addMembers adds the memberships that are missing.
func (w *writer) addMembers() {
	editedSets := map[int32][]int32{} // the live sets with an edit, by the live group that has them
	for _, g := range w.Live.Assignments {
		if g.Kind != access.GroupPrincipal || w.edits[g.Set] == nil {
			continue
		}
		if have := editedSets[g.Principal]; len(have) == 0 || have[len(have)-1] != g.Set {
			editedSets[g.Principal] = append(have, g.Set)
		}
	}
	for _, m := range w.Desired.Memberships {
		if gb, ub := w.groups[m.Group], w.users[m.User]; gb.live < 0 || ub.live < 0 || !w.isMember(gb.live, ub.live) {
			w.addMember(m, gb, ub, editedSets[gb.live])
		}
	}
}

// addMember adds a membership, or says what is in the way; editedSets are the sets of the
// group that have an edit.
func (w *writer) addMember(m access.Membership, gb, ub binding, editedSets []int32) {
	group := w.Desired.Groups[m.Group].Name
	c := Change{Kind: Membership, Action: Create, Key: Key{Group: group, User: w.Desired.Users[m.User].Username},
		Refs: w.memberRefs(gb.live, ub.live), Reason: "in the config, not in the group", Source: w.Desired.Range(m.Origin),
		DependsOn: slices.Concat(w.needs.groups[m.Group], w.needs.users[m.User])}
	switch {
	case gb.handling == blocked:
		w.block(c, gb.why)
	case gb.handling == assignOnly:
		w.addOnce(gb.why)
		w.block(c, gb.why)
	case ub.handling == blocked:
		w.block(c, ub.why)
	case gb.live < 0:
		w.add(c)
	case !w.Live.Observed.Members[w.Live.Groups[gb.live].ID]:
		w.block(c, w.notObserved(fmt.Sprintf("the members of group %q", group)))
	default:
		if why := w.joinInTheWay(gb.live, editedSets); why != nil {
			w.block(c, *why)
			return
		}
		// What the group loses has to be over, and what its sets allow less.
		waits := slices.Concat(c.DependsOn, w.removals.groups[gb.live])
		for _, set := range editedSets {
			waits = append(waits, w.edits[set].provisioned...)
		}
		c.DependsOn = unique(waits)
		w.add(c)
	}
}

// joinInTheWay says why nobody may join a live group: a set of it should allow
// less, and cannot be changed.
func (w *writer) joinInTheWay(group int32, editedSets []int32) *diag.Diagnostic {
	if why := w.assignments.staying.groups[group]; why != nil {
		return &diag.Diagnostic{Code: DependsOnBlocked,
			Summary: fmt.Sprintf("group %q keeps an assignment that should be removed: %s", w.Live.Groups[group].Name, why.Summary)}
	}
	if why := w.ignoredUses.groups[group]; why != nil {
		return why
	}
	for _, set := range editedSets {
		if e := w.edits[set]; e.blocked != nil && e.awaited() {
			return e.blocked
		}
	}
	return nil
}
