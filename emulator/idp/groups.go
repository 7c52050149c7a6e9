package idp

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"
)

// groupJob is a group as it was when its push began.
type groupJob struct {
	Group
	target  PushMapping
	sent    string // name in AWS
	as      string // name that it is to have there
	wanted  bool
	link    bool
	barred  bool
	add     []groupMember
	remove  []groupMember
	skipped []string // user ids, and ids of nested groups
	why     string
}

type groupMember struct{ user, target string }

func (d *Directory) groupJob(id string) groupJob {
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.groups[id]
	j := groupJob{Group: g.Group, target: g.target, sent: g.sent, as: d.groupInAWS(g), wanted: d.provisioned(g), link: g.link, barred: g.barred}
	if j.wanted {
		d.planMembers(g, &j)
	}
	return j
}

// planMembers compares the direct members with those that AWS has.
func (d *Directory) planMembers(g *team, j *groupJob) {
	keep := map[string]bool{}
	for _, id := range g.members {
		p := d.users[id]
		switch {
		case p == nil:
			j.skip(id, "members of nested groups are not provisioned")
		case p.target.TargetID == "" || d.habits.activeMembers && !p.target.Active:
			j.skip(id, "not assigned to the application, or not provisioned yet")
		default:
			keep[id] = true
			if g.in[id] != p.target.TargetID {
				j.add = append(j.add, groupMember{id, p.target.TargetID})
			}
		}
	}
	for id, target := range g.in {
		if !keep[id] && d.users[id].target.TargetID == target {
			j.remove = append(j.remove, groupMember{id, target})
		}
	}
	slices.SortFunc(j.remove, func(a, b groupMember) int { return cmp.Compare(a.user, b.user) })
}

func (j *groupJob) skip(id, why string) {
	j.skipped = append(j.skipped, id)
	j.why = why
}

// syncGroup brings one group in AWS, and its memberships, to what the directory says.
func (d *Directory) syncGroup(ctx context.Context, id string, r *run) error {
	if r.stopped || ctx.Err() != nil {
		return d.postpone(ctx, id, GroupPrincipal)
	}
	j := d.groupJob(id)
	if j.barred {
		return nil
	}
	if err := d.pushGroup(ctx, &j, r); err != nil || !j.wanted {
		return err
	}
	if err := d.pushMembers(ctx, &j, r, AddMembers, j.add); err != nil {
		return err
	}
	if err := d.pushMembers(ctx, &j, r, RemoveMembers, j.remove); err != nil {
		return err
	}
	if len(j.skipped) > 0 {
		return d.record(r, Event{Action: AddMembers, ObjectType: GroupPrincipal, ObjectID: id, Name: j.Name, TargetID: j.target.TargetID, Outcome: Skipped, Reason: j.why, Members: j.skipped}, nil)
	}
	return nil
}

func (j *groupJob) plan() Action {
	known := j.target.TargetID != ""
	switch {
	case j.wanted && !known:
		return Create
	case j.wanted && j.sent != j.as:
		return Update
	case !j.wanted && known:
		return Delete
	}
	return ""
}

// pushGroup makes, renames or deletes the group itself.
func (d *Directory) pushGroup(ctx context.Context, j *groupJob, r *run) error {
	action := j.plan()
	if action == "" {
		return nil
	}
	err := d.fault(j.ID)
	if err == nil {
		action, err = d.sendGroup(ctx, j, action)
	}
	d.groupDone(j, action, err)
	return d.record(r, Event{Action: action, ObjectType: GroupPrincipal, ObjectID: j.ID, Name: j.Name, TargetID: j.target.TargetID, Retried: d.retried(err)}, err)
}

func (d *Directory) sendGroup(ctx context.Context, j *groupJob, action Action) (Action, error) {
	path := "/Groups/" + j.target.TargetID
	switch action {
	case Create:
		return d.createGroup(ctx, j)
	case Update:
		return action, d.scim.patch(ctx, path, patchOp{"replace", "", map[string]any{"displayName": j.as}})
	}
	_, err := d.scim.send(ctx, http.MethodDelete, path, "", nil)
	if missing(err) {
		err = nil // someone else deleted it
	}
	return action, err
}

// createGroup makes the group without members, or takes over one of the same
// name. Okta does so only where the administrator linked the two.
func (d *Directory) createGroup(ctx context.Context, j *groupJob) (Action, error) {
	id, err := d.scim.find(ctx, "/Groups", "displayName", j.as)
	switch {
	case err != nil:
		return Create, err
	case id != "" && !d.habits.adoptsGroups && !j.link:
		return Create, &PushError{Status: http.StatusConflict, Detail: "A group of the same name exists in AWS IAM Identity Center. Link it to push to it."}
	case id != "":
		j.target.TargetID = id
		if d.habits.groupExternalID {
			return Match, d.scim.patch(ctx, "/Groups/"+id, patchOp{"Replace", "externalId", j.ID})
		}
		return Match, nil
	}
	body := map[string]any{"schemas": []string{groupSchema}, "displayName": j.as, "members": []any{}}
	if d.habits.groupExternalID {
		body["externalId"] = j.ID
	}
	made, err := d.scim.send(ctx, http.MethodPost, "/Groups", "", body)
	j.target.TargetID = made.ID
	return Create, err
}

func (d *Directory) groupDone(j *groupJob, action Action, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.groups[j.ID]
	if err != nil {
		d.groupFailed(g, err, action == Update)
		return
	}
	if action == Delete {
		g.unlink()
		return
	}
	if action == Match {
		d.takeOver(g, j.target.TargetID)
	}
	g.target.TargetID, g.target.State, g.target.Error, g.target.LastPush = j.target.TargetID, Synchronized, "", time.Now()
	g.sent = j.as
}

// takeOver takes a group of AWS from whichever other group had it, whose own
// removal or renaming there has failed so far: done later, it would hit this one.
func (d *Directory) takeOver(by *team, target string) {
	for id, g := range d.groups {
		if g != by && g.target.TargetID == target {
			g.unlink()
			d.dirtyGroups.add(id)
		}
	}
}

// groupFailed notes a failure and whether it will be tried again. A 404 to a
// request about the group alone (its members are all there) means that someone
// deleted it in AWS: Entra ID makes it again, Okta asks for an administrator.
func (d *Directory) groupFailed(g *team, err error, alone bool) {
	refusal, ok := errors.AsType[*PushError](err)
	if !ok {
		d.dirtyGroups.add(g.ID)
		return
	}
	g.target.State, g.target.Error = Failed, refusal.Error()
	switch deleted := alone && refusal.Status == http.StatusNotFound; {
	case deleted && d.habits.remakes:
		g.unlink()
		d.dirtyGroups.add(g.ID)
	case deleted: // Okta's words, from AWS's tutorial for it
		g.deletedInAWS, g.barred = true, true
		g.target.Error = "Linked group is missing in AWS IAM Identity Center. Change the linked group to resume pushing group memberships."
	case d.retried(err):
		d.dirtyGroups.add(g.ID)
	default:
		g.barred = true
	}
}

// pushMembers changes memberships, a hundred a request.
func (d *Directory) pushMembers(ctx context.Context, j *groupJob, r *run, action Action, members []groupMember) error {
	path, verb := "/Groups/"+j.target.TargetID, map[Action]string{AddMembers: "add", RemoveMembers: "remove"}[action]
	for part := range slices.Chunk(members, maxMembers) {
		var users []string
		var values []any
		for _, m := range part {
			users, values = append(users, m.user), append(values, map[string]any{"value": m.target})
		}
		err := d.fault(j.ID)
		if err == nil {
			err = d.scim.patch(ctx, path, patchOp{verb, "members", values})
		}
		d.membersDone(j.ID, action, part, err, d.groupMissing(ctx, path, err))
		e := Event{Action: action, ObjectType: GroupPrincipal, ObjectID: j.ID, Name: j.Name, TargetID: j.target.TargetID, Members: users, Retried: d.retried(err)}
		if err := d.record(r, e, err); err != nil {
			return err
		}
	}
	return nil
}

// groupMissing tells, after a 404, whether it is the group that is not there.
func (d *Directory) groupMissing(ctx context.Context, path string, err error) bool {
	if !missing(err) {
		return false
	}
	_, err = d.scim.send(ctx, http.MethodGet, path, "", nil)
	return missing(err)
}

func (d *Directory) membersDone(group string, action Action, members []groupMember, err error, missing bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.groups[group]
	if err != nil {
		d.groupFailed(g, err, missing)
		return
	}
	g.target.State, g.target.Error, g.target.LastPush = Synchronized, "", time.Now()
	for _, m := range members {
		if action == AddMembers {
			g.in[m.user] = m.target
		} else {
			delete(g.in, m.user)
		}
	}
}
