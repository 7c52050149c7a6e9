package plan

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

func (d *differ) groupChanges() {
	for i, g := range d.Desired.Groups {
		if g.Referenced {
			continue
		}
		bound := d.groups[i]
		switch bound.hold {
		case fresh:
			d.groupNeeds[i] = []ID{d.add(Change{Kind: Group, Action: Create, Key: Key{Group: g.Name},
				After: &Value{Group: groupValue(g, d.options.Owner, "")}, Reason: "not in IAM Identity Center", Source: d.Desired.Range(g.Origin)})}
		case ours, adopted:
			d.updateGroup(i, g, d.Live.Groups[bound.live])
		case blocked:
			if bound.why.Code == GroupRenamed && bound.live >= 0 || bound.why.Code == Ignored && bound.live >= 0 && d.Live.Groups[bound.live].Description == g.Description {
				continue // it is there; or nobody asks for a change that a pattern hides
			}
			d.block(Change{Kind: Group, Action: Create, Key: Key{Group: g.Name},
				After: &Value{Group: groupValue(g, d.options.Owner, "")}}, bound.why)
		}
	}
}

// groupValue gives what is written to AWS of a group, and its id. The unfinished
// mark is the target's: it puts it on what it creates, and takes it off.
func groupValue(g access.Group, owner, id string) *access.Group {
	return &access.Group{Name: g.Name, Description: g.Description, Owner: owner, Via: g.Via, ID: id}
}

func (d *differ) updateGroup(i int, g, live access.Group) {
	before, after := groupValue(live, live.Owner, live.ID), groupValue(g, d.options.Owner, live.ID)
	before.Unfinished = live.Unfinished
	if d.groups[i].hold == adopted && after.Description == "" {
		after.Description = before.Description
	}
	if *before == *after {
		return
	}
	reason := "description differs from the config"
	switch {
	case live.Name != g.Name:
		reason = fmt.Sprintf("renamed from %q; its id and its access stay", live.Name)
	case live.Owner != d.options.Owner:
		reason = "taken over: an adopt pattern matches it"
	case live.Unfinished != "":
		reason = "an earlier run began to create it; its creation is resumed"
	}
	d.groupNeeds[i] = []ID{d.add(Change{Kind: Group, Action: Update, Key: Key{Group: g.Name}, Refs: Refs{GroupID: live.ID},
		Before: &Value{Group: before}, After: &Value{Group: after}, Reason: reason, Source: d.Desired.Range(g.Origin)})}
}

// findDepartures takes out of the groups whoever the config does not name, and
// notes who leaves which group: whatever gives the group more waits for that.
func (d *differ) findDepartures() {
	for _, m := range d.Desired.Memberships {
		if d.users[m.User].hold == blocked && d.users[m.User].why.Code != Ignored {
			d.lost.members[m.Group] = d.Desired.Users[m.User].Username
		}
		if gb, ub := d.groups[m.Group], d.users[m.User]; gb.live < 0 || ub.live < 0 || !d.isMember(gb.live, ub.live) {
			d.joined[m.Group] = true
		}
	}
	for g, bound := range d.groups {
		switch bound.hold {
		case ours, adopted:
			d.dropStrangers(int32(g), bound.live)
		case additive:
			d.dropAdded(int32(g), bound.live)
		}
	}
	d.noteDeletedUsers()
}

// noteDeletedUsers notes that a user who is deleted leaves every group, of
// which not all members may have been read.
func (d *differ) noteDeletedUsers() {
	for i, u := range d.Desired.Users {
		live := d.users[i].live
		if !u.Remove || live < 0 || d.Live.Users[live].SCIM || d.users[i].hold == blocked {
			continue
		}
		id := makeID(User, Delete, Key{User: u.Username})
		for g := range d.Live.Groups {
			key := access.Membership{Group: int32(g), User: live}
			if !d.dropped[key] && (d.isMember(int32(g), live) || !d.Live.Observed.Members[d.Live.Groups[g].ID]) {
				d.leaves[g] = append(d.leaves[g], id)
			}
		}
	}
}

// membershipChanges adds the memberships that are missing.
func (d *differ) membershipChanges() {
	held := d.heldByGroup()
	for _, m := range d.Desired.Memberships {
		d.wantMember(m, held)
	}
}

// heldByGroup gives the live sets with an edit that each live group has.
func (d *differ) heldByGroup() map[int32][]int32 {
	held := map[int32][]int32{}
	for _, g := range d.Live.Grants {
		if g.Kind != access.GroupPrincipal || d.edits[g.Set] == nil {
			continue
		}
		if have := held[g.Principal]; len(have) == 0 || have[len(have)-1] != g.Set {
			held[g.Principal] = append(have, g.Set)
		}
	}
	return held
}

// joinWaits gives what has to be over before somebody joins a live group: what
// the group loses, and what its sets give less.
func (d *differ) joinWaits(group int32, held map[int32][]int32) []ID {
	waits := slices.Clone(d.groupGoes[group])
	for _, set := range held[group] {
		waits = append(waits, d.edits[set].settled...)
	}
	return waits
}

// dropAdded takes out of a group that is not ours whom an earlier plan added
// and the config no longer names.
func (d *differ) dropAdded(desired, live int32) {
	name := d.Desired.Groups[desired].Name
	added := d.options.Scope.Added[name]
	if len(added) == 0 {
		return
	}
	for _, m := range d.Live.Members(int(live)) {
		user := d.desiredUser[m.User]
		username := d.Live.Users[m.User].Username
		if slices.Contains(added, username) && !d.ignored(access.UserThing, username) && (user < 0 || !d.wantsMember(desired, user)) {
			d.dropMember(m, name, "added by rolecall, and no longer in the config", nil)
		}
	}
}

func (d *differ) wantMember(m access.Membership, held map[int32][]int32) {
	group, user := d.Desired.Groups[m.Group], d.Desired.Users[m.User]
	gb, ub := d.groups[m.Group], d.users[m.User]
	c := Change{Kind: Membership, Action: Create, Key: Key{Group: group.Name, User: user.Username},
		Refs: d.memberRefs(gb.live, ub.live), Reason: "in the config, not in the group", Source: d.Desired.Range(m.Origin),
		DependsOn: slices.Concat(d.groupNeeds[m.Group], d.userNeeds[m.User])}
	if gb.live >= 0 && ub.live >= 0 && d.isMember(gb.live, ub.live) {
		return
	}
	switch {
	case gb.hold == blocked:
		d.block(c, gb.why)
	case gb.hold == grantOnly:
		d.once(gb.why)
		d.block(c, gb.why)
	case ub.hold == blocked:
		d.block(c, ub.why)
	case gb.live >= 0 && !d.Live.Observed.Members[d.Live.Groups[gb.live].ID]:
		d.block(c, d.notObserved(fmt.Sprintf("the members of group %q", group.Name)))
	default:
		if why := d.joinInTheWay(gb.live, held); why != nil {
			d.block(c, *why)
			return
		}
		if gb.live >= 0 {
			c.DependsOn = unique(append(c.DependsOn, d.joinWaits(gb.live, held)...))
		}
		d.add(c)
	}
}

// joinInTheWay says why nobody may join a live group: a set of it should give
// less, and cannot be changed.
func (d *differ) joinInTheWay(group int32, held map[int32][]int32) *diag.Diagnostic {
	if group < 0 {
		return nil
	}
	if why := d.groupKeeps[group]; why != nil {
		return &diag.Diagnostic{Code: DependsOnBlocked,
			Summary: fmt.Sprintf("group %q keeps an assignment that should go: %s", d.Live.Groups[group].Name, why.Summary)}
	}
	if why := d.spared.groups[group]; why != nil {
		return why
	}
	for _, set := range held[group] {
		if e := d.edits[set]; e.blocked != nil && e.awaited() {
			return e.blocked
		}
	}
	return nil
}

// once adds a finding that may come up for many rows.
func (d *differ) once(f diag.Diagnostic) {
	if !slices.ContainsFunc(d.Findings, f.Same) {
		d.Findings = append(d.Findings, f)
	}
}

// raise adds a finding, or makes one that is there already as severe.
func (d *differ) raise(f diag.Diagnostic) {
	for i, have := range d.Findings {
		if have.Same(f) {
			d.Findings[i].Severity = f.Severity
			return
		}
	}
	d.Findings = append(d.Findings, f)
}

func (d *differ) notObserved(what string) diag.Diagnostic {
	f := diag.Diagnostic{Severity: diag.Error, Code: NotObserved, Summary: what + " could not be read completely, so nothing is concluded from what is absent"}.With(diag.Remedy{Way: diag.ReadAll})
	d.once(f)
	return f
}

func (d *differ) memberRefs(group, user int32) Refs {
	var r Refs
	if group >= 0 {
		r.GroupID = d.Live.Groups[group].ID
	}
	if user >= 0 {
		r.UserID = d.Live.Users[user].ID
	}
	return r
}

func (d *differ) isMember(group, user int32) bool {
	_, found := slices.BinarySearchFunc(d.Live.Memberships, access.Membership{Group: group, User: user}, access.Membership.Compare)
	return found
}

// dropStrangers takes out of a group of ours whoever the config does not name.
func (d *differ) dropStrangers(desired, live int32) {
	if !d.Live.Observed.Members[d.Live.Groups[live].ID] {
		return
	}
	var first []ID
	if d.groups[desired].hold == adopted {
		first = d.groupNeeds[desired] // it is not ours to write before it carries our mark
	}
	for _, m := range d.Live.Members(int(live)) {
		user := d.desiredUser[m.User]
		if user >= 0 && d.wantsMember(desired, user) || d.ignored(access.UserThing, d.Live.Users[m.User].Username) {
			continue
		}
		if name := d.lost.members[desired]; name != "" && user < 0 {
			d.keepMember(m, desired, name)
			continue
		}
		d.dropMember(m, d.Desired.Groups[desired].Name, "not in the config", first)
	}
}

func (d *differ) wantsMember(group, user int32) bool {
	if d.Desired.Users[user].Remove {
		return false
	}
	_, found := slices.BinarySearchFunc(d.Desired.Memberships, access.Membership{Group: group, User: user}, access.Membership.Compare)
	return found
}

// dropMember removes a live membership, once, and remembers it for whatever
// goes after it.
func (d *differ) dropMember(m access.Membership, groupName, reason string, waits []ID) {
	key := access.Membership{Group: m.Group, User: m.User}
	if d.dropped[key] {
		return
	}
	d.dropped[key] = true
	id := d.add(Change{Kind: Membership, Action: Delete, Key: Key{Group: groupName, User: d.Live.Users[m.User].Username},
		Refs: d.memberRefs(m.Group, m.User), Reason: reason, DependsOn: waits})
	d.leaves[m.Group] = append(d.leaves[m.Group], id)
	d.userGoes[m.User] = append(d.userGoes[m.User], id)
}

// leftoverGroups deletes groups of ours that the config no longer names, where
// nothing else uses them.
func (d *differ) leftoverGroups() {
	var left []string
	for i, g := range d.Live.Groups {
		if !d.leftoverGroup(i) {
			continue
		}
		c := Change{Kind: Group, Action: Delete, Key: Key{Group: g.Name}, Refs: Refs{GroupID: g.ID},
			Before: &Value{Group: groupValue(g, g.Owner, g.ID)}, Reason: "carries our mark and is no longer in the config"}
		if why, stays := d.groupStays(i, g); stays {
			switch {
			case g.UnknownMark, why.Code == AccountInactive:
				d.once(why)
			case why.Code != OtherDoor:
				d.once(why)
				d.block(c, why)
			default: // nothing of it is to do
				left = append(left, g.Name)
			}
			continue
		}
		for _, m := range d.Live.Members(i) {
			d.dropMember(m, g.Name, "its group is deleted", nil)
		}
		c.DependsOn = slices.Concat(d.groupGoes[i], d.leaves[i])
		d.add(c)
	}
	d.tellOtherDoor("group", left)
}

// leftoverGroup says that a live group is ours, and that the config no longer has
// it; what a pattern hides is counted with all that is hidden.
func (d *differ) leftoverGroup(i int) bool {
	g := d.Live.Groups[i]
	return g.Owner == d.options.Owner && g.Owner != "" && d.desiredGroup[i] < 0 && d.groupInScope(g.Name) && !d.ignored(access.GroupThing, g.Name)
}

// goingOnRecord gives the groups that the plan deletes and that a record has. They
// stay on record until they are gone: a run that is cut off in between has then
// still used them.
func (d *differ) goingOnRecord(r access.Recorded) (groups []int, waits []ID) {
	if !r.There {
		return nil, nil
	}
	if d.deleted == nil {
		d.deleted = []int{}
		for i, g := range d.Live.Groups {
			if !d.leftoverGroup(i) {
				continue
			}
			if _, stays := d.groupStays(i, g); !stays {
				d.deleted = append(d.deleted, i)
			}
		}
	}
	for _, i := range d.deleted {
		if g := d.Live.Groups[i]; r.KnowsID(g.ID) {
			groups, waits = append(groups, i), append(waits, makeID(Group, Delete, Key{Group: g.Name}))
		}
	}
	return groups, waits
}

// isOnRecord says that the record of a set of ours has the principal, or may have
// it.
func (d *differ) isOnRecord(id string) bool { return d.remembered.knows(id) || d.remembered.overflowed }

func (d *differ) groupInScope(name string) bool {
	return d.options.Scope.all() || slices.Contains(d.options.Scope.Groups, name)
}

// removedUsers deletes the users of `removed_users`, after their memberships
// in groups of ours and the grants of their own that the plan takes away. AWS
// ends their other memberships with them.
func (d *differ) removedUsers() {
	for i, u := range d.Desired.Users {
		bound := d.users[i]
		if !u.Remove || bound.live < 0 {
			continue
		}
		live := d.Live.Users[bound.live]
		c := Change{Kind: User, Action: Delete, Key: Key{User: u.Username}, Refs: Refs{UserID: live.ID},
			Before: &Value{User: attributesOf(live, live.ID)}, Reason: "in removed_users", Source: d.Desired.Range(u.Origin)}
		if bound.hold == blocked {
			d.block(c, bound.why)
			continue
		}
		if live.SCIM {
			why := diag.Diagnostic{Severity: diag.Error, Code: UserOfSCIM, Range: c.Source,
				Summary: fmt.Sprintf("user %q belongs to %s and is not deleted here", u.Username, d.idp()),
				Hint:    fmt.Sprintf("Deactivate the user in %s.", d.idp())}
			d.once(why)
			d.block(c, why)
			continue
		}
		c.DependsOn = d.userGoes[bound.live]
		d.add(c)
		if d.options.Via == access.ViaTerraform {
			continue // there, deleting a user is a resource's own doing
		}
		d.Findings = append(d.Findings, diag.Diagnostic{Severity: diag.Warning, Code: UserHasMore, Range: c.Source,
			Summary: fmt.Sprintf("user %q is deleted, and with the user whatever they have in groups and permission sets of others, which was not looked at", u.Username),
			Hint:    fmt.Sprintf("`rolecall access user %s` shows all that they have.", u.Username)})
	}
}
