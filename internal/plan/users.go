package plan

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

func (d *draft) userChanges() {
	for i, u := range d.Desired.Users {
		bound := d.users[i]
		switch {
		case u.Referenced:
		case u.Remove:
			// Goes last, after the user's memberships: see removedUsers.
		case bound.handling == created:
			d.needs.users[i] = []ID{d.add(Change{Kind: User, Action: Create, Key: Key{User: u.Username},
				After: &Value{User: attributesOf(u, "")}, Reason: "not in IAM Identity Center", Source: d.Desired.Range(u.Origin)})}
		case bound.live >= 0:
			d.updateUser(i, u, bound)
		default:
			d.block(Change{Kind: User, Action: Create, Key: Key{User: u.Username}, After: &Value{User: attributesOf(u, "")}}, bound.why)
		}
	}
}

// attributesOf returns the user with what is written to AWS and nothing else.
func attributesOf(u access.User, id string) *access.User {
	return &access.User{Username: u.Username, DisplayName: u.DisplayName, Email: u.Email,
		GivenName: u.GivenName, FamilyName: u.FamilyName, ID: id}
}

func (d *draft) updateUser(i int, u access.User, bound binding) {
	live := d.Live.Users[bound.live]
	before, after := attributesOf(live, live.ID), attributesOf(keepUnset(u, live), live.ID)
	if *before == *after {
		return
	}
	c := Change{Kind: User, Action: Update, Key: Key{User: u.Username}, Refs: Refs{UserID: live.ID},
		Before: &Value{User: before}, After: &Value{User: after},
		Reason: "attributes differ from the config", Source: d.Desired.Range(u.Origin)}
	if bound.handling == blocked {
		d.block(c, bound.why)
		return
	}
	if bound.handling == assignOnly {
		d.blockOfSCIM(c, "written", "Change")
		return
	}
	if before.Username != after.Username {
		c.Reason = fmt.Sprintf("renamed from %q", before.Username)
	}
	d.needs.users[i] = []ID{d.add(c)}
}

// blockOfSCIM keeps a change of a user out of the plan who belongs to the identity
// provider.
func (d *draft) blockOfSCIM(c Change, done, do string) {
	why := diag.Diagnostic{Severity: diag.Error, Code: UserOfSCIM, Range: c.Source,
		Summary: fmt.Sprintf("user %q belongs to %s and is not %s here", c.Key.User, d.idp(), done),
		Hint:    fmt.Sprintf("%s the user in %s.", do, d.idp())}
	d.addOnce(why)
	d.block(c, why)
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

// removedUsers deletes the users of `removed_users`, after their memberships
// in groups of ours and the assignments of their own that the plan takes away. AWS
// ends their other memberships with them.
func (d *draft) removedUsers() {
	for i, u := range d.Desired.Users {
		bound := d.users[i]
		if !u.Remove || bound.live < 0 {
			continue
		}
		live := d.Live.Users[bound.live]
		c := Change{Kind: User, Action: Delete, Key: Key{User: u.Username}, Refs: Refs{UserID: live.ID},
			Before: &Value{User: attributesOf(live, live.ID)}, Reason: "in removed_users", Source: d.Desired.Range(u.Origin)}
		if bound.handling == blocked {
			d.block(c, bound.why)
			continue
		}
		if live.SCIM {
			d.blockOfSCIM(c, "deleted", "Deactivate")
			continue
		}
		c.DependsOn = d.removals.users[bound.live]
		d.add(c)
		if d.options.Via == access.ViaTerraform {
			continue // there, deleting a user is a resource's own doing
		}
		d.Findings = append(d.Findings, diag.Diagnostic{Severity: diag.Warning, Code: UserHasMore, Range: c.Source,
			Summary: fmt.Sprintf("user %q is deleted, and with the user whatever they have in groups and permission sets of others, which was not looked at", u.Username),
			Hint:    fmt.Sprintf("`rolecall access user %s` shows all that they have.", u.Username)})
	}
}
