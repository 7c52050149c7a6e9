package idp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// userJob is a user as it was when its push began, and what is to be done.
type userJob struct {
	User
	target Provisioned
	sent   string
	wanted bool // is to be in AWS and active
	barred bool
}

func (d *Directory) userJob(id string) userJob {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.users[id]
	wanted := d.inScope(p) && p.Status == Active
	u := p.User
	u.UserName = d.nameInAWS(u)
	if d.mapping.UserNameOnce && p.target.TargetID != "" {
		u.UserName = p.named
	}
	return userJob{User: u, target: p.target, sent: p.sent, wanted: wanted, barred: p.barred}
}

// syncUser brings one user in AWS to what the directory says.
func (d *Directory) syncUser(ctx context.Context, id string, r *run) error {
	if r.stopped || ctx.Err() != nil {
		return d.postpone(ctx, id, UserPrincipal)
	}
	j := d.userJob(id)
	e := Event{Action: j.plan(d.habits), ObjectType: UserPrincipal, ObjectID: id, Name: j.UserName}
	if e.Action == "" {
		return d.passOver(r, &j, e)
	}
	err := d.fault(id)
	if err == nil {
		e.Action, err = d.pushUser(ctx, &j, e.Action)
	}
	d.userDone(&j, e.Action, err)
	e.TargetID, e.Retried = j.target.TargetID, d.retried(err)
	return d.record(r, e, err)
}

// passOver logs that an active user is not in scope, where the kind's log says so.
func (d *Directory) passOver(r *run, j *userJob, e Event) error {
	if !d.habits.logsScope || j.wanted || j.Status != Active || j.target.TargetID != "" {
		return nil
	}
	e.Action, e.Outcome, e.Reason = Create, Skipped, "not assigned to the application"
	return d.record(r, e, nil)
}

// plan says what a user needs: nothing where the result is "".
func (j *userJob) plan(h habits) Action {
	known := j.target.TargetID != ""
	switch {
	case j.barred:
		return ""
	case j.wanted && !known:
		return Create
	case j.wanted && !j.target.Active:
		return Enable
	case j.wanted && j.sent != j.representation():
		return Update
	case !j.wanted && known && h.purge > 0 && j.Status == Deleted && time.Since(j.DeletedAt) >= h.purge:
		return Delete
	case !j.wanted && known && j.target.Active:
		return Disable
	}
	return ""
}

// pushUser does what is planned; a user who turns out to be in AWS is taken over.
func (d *Directory) pushUser(ctx context.Context, j *userJob, action Action) (Action, error) {
	path := "/Users/" + j.target.TargetID
	var err error
	switch action {
	case Create:
		return d.createUser(ctx, j)
	case Update, Enable:
		err = d.updateUser(ctx, path, j)
	case Disable:
		err = d.scim.patch(ctx, path, d.disabling())
	case Delete:
		_, err = d.scim.send(ctx, http.MethodDelete, path, "", nil)
	}
	return action, err
}

func (d *Directory) createUser(ctx context.Context, j *userJob) (Action, error) {
	id, err := d.scim.find(ctx, "/Users", "userName", j.UserName)
	if err != nil {
		return Create, err
	}
	if id != "" {
		j.target.TargetID = id
		return Match, d.updateUser(ctx, "/Users/"+id, j)
	}
	made, err := d.scim.send(ctx, http.MethodPost, "/Users", "", j.resource())
	if err == nil {
		j.target.TargetID = made.ID
	}
	return Create, err
}

// updateUser replaces the user, as Okta does, or changes attribute by attribute,
// as Entra ID does.
func (d *Directory) updateUser(ctx context.Context, path string, j *userJob) error {
	if d.habits.replaces {
		_, err := d.scim.send(ctx, http.MethodPut, path, "", j.resource())
		return err
	}
	return d.scim.patch(ctx, path, j.operations()...)
}

// disabling is the deactivation in the kind's own spelling: Entra ID sends a
// capital letter and a string.
func (d *Directory) disabling() patchOp {
	if d.kind == Entra {
		return patchOp{Op: "Replace", Path: "active", Value: "False"}
	}
	return patchOp{Op: "replace", Value: map[string]any{"active": false}}
}

// userDone keeps what is now known of the user in AWS.
func (d *Directory) userDone(j *userJob, action Action, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.users[j.User.ID]
	if err != nil {
		d.userFailed(p, err)
		return
	}
	arrived := p.target.TargetID != j.target.TargetID
	p.target = Provisioned{UserID: p.ID, TargetID: j.target.TargetID, Active: j.wanted, State: Synchronized, LastSync: time.Now()}
	p.sent, p.named = j.representation(), j.UserName
	if action == Delete {
		p.target.TargetID, p.sent = "", ""
	}
	if arrived && !d.habits.mappings { // Okta does not push a group again because a member arrived
		d.touchTeamsOf(p)
	}
}

// userFailed notes a failure and whether it will be tried again.
func (d *Directory) userFailed(p *person, err error) {
	refusal, ok := errors.AsType[*PushError](err)
	if !ok {
		d.dirtyUsers.add(p.ID)
		return
	}
	p.target.State, p.target.Error = Failed, refusal.Error()
	if refusal.Status == http.StatusNotFound && p.target.TargetID != "" {
		d.userDeletedInAWS(p)
		return
	}
	if d.retried(err) {
		d.dirtyUsers.add(p.ID)
	} else {
		p.barred = true
	}
}

// userDeletedInAWS deals with a user whom someone deleted in AWS: Entra ID makes the user
// again, the others do not.
func (d *Directory) userDeletedInAWS(p *person) {
	if d.habits.remakes {
		p.target.TargetID, p.target.Active, p.sent = "", false, ""
		d.dirtyUsers.add(p.ID)
		return
	}
	p.barred = true
	if d.kind == Okta {
		p.target.Error = "No user returned for user " + p.UserName
	}
}

// retried tells whether a failure will be tried again without anybody's doing.
func (d *Directory) retried(err error) bool {
	refusal, ok := errors.AsType[*PushError](err)
	return ok && (d.habits.insists || refusal.transient())
}

// postpone keeps an object for the next run, as the context has ended.
func (d *Directory) postpone(ctx context.Context, id string, typ PrincipalType) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if typ == UserPrincipal {
		d.dirtyUsers.add(id)
	} else {
		d.dirtyGroups.add(id)
	}
	return ctx.Err()
}

// resource is the user as POST and PUT carry it.
func (j *userJob) resource() map[string]any {
	r := map[string]any{
		"schemas": []string{userSchema}, "externalId": j.User.ID, "userName": j.UserName,
		"displayName": j.DisplayName, "active": true,
		"name":   map[string]any{"givenName": j.GivenName, "familyName": j.FamilyName},
		"emails": []any{map[string]any{"value": j.Email, "type": "work", "primary": true}},
		"groups": []any{},
	}
	if j.Title != "" {
		r["title"] = j.Title
	}
	if j.Department != "" {
		r["schemas"] = []string{userSchema, enterprise}
		r[enterprise] = map[string]any{"department": j.Department}
	}
	return r
}

// operations is the user as PATCH carries it. Entra ID does not clear attributes
// in AWS that were emptied in the directory.
func (j *userJob) operations() []patchOp {
	ops := []patchOp{
		{"Replace", "active", "True"}, {"Replace", "userName", j.UserName}, {"Replace", "displayName", j.DisplayName},
		{"Replace", "name.givenName", j.GivenName}, {"Replace", "name.familyName", j.FamilyName},
		{"Replace", "emails[type eq \"work\"].value", j.Email}, {"Replace", "externalId", j.User.ID},
	}
	if j.Title != "" {
		ops = append(ops, patchOp{"Replace", "title", j.Title})
	}
	if j.Department != "" {
		ops = append(ops, patchOp{"Replace", enterprise + ":department", j.Department})
	}
	return ops
}

// representation is what an update compares with.
func (j *userJob) representation() string {
	text, err := json.Marshal(j.resource())
	if err != nil { // strings, booleans and lists of them
		return ""
	}
	return string(text)
}
