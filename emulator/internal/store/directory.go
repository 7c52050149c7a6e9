package store

import (
	"strings"
	"time"
)

// Directory is an identity store: users, groups and memberships of one instance.
type Directory struct {
	ID     string // d-0123456789
	Tenant string // the SCIM tenant; "" where automatic provisioning is off
	Issuer string // issuer of the external ids that SCIM brings

	store       *Store
	instance    *Instance
	users       list[*User]
	groups      list[*Group]
	userByID    map[string]*User
	groupByID   map[string]*Group
	memberByID  map[string]*Membership
	userByName  map[string]*User
	userByMail  map[string]*User
	userByExt   map[string]*User
	groupByName map[string]*Group
	groupByExt  map[string]*Group
	memberships int
	provisioned map[string]bool // users that SCIM removed, by id
}

func newDirectory(i *Instance, id string) *Directory {
	return &Directory{
		ID: id, store: i.store, instance: i,
		userByID: map[string]*User{}, groupByID: map[string]*Group{}, memberByID: map[string]*Membership{},
		userByName: map[string]*User{}, userByMail: map[string]*User{}, userByExt: map[string]*User{},
		groupByName: map[string]*Group{}, groupByExt: map[string]*Group{}, provisioned: map[string]bool{},
	}
}

// Meta says when and by whom a thing was made and last changed.
type Meta struct {
	CreatedAt, UpdatedAt time.Time
	CreatedBy, UpdatedBy string

	given bool // of the estate: no request made it, so all of AWS sees it
}

func (m *Meta) made(st Stamp)    { *m = Meta{st.At, st.At, st.By, st.By, st.Request == ""} }
func (m *Meta) changed(st Stamp) { m.UpdatedAt, m.UpdatedBy = st.At, st.By }

// newID makes the id of a user, group or membership: the digits of the
// identity store, then a UUID, which is the form of older stores. A store whose
// own id is a UUID makes bare ones.
func (d *Directory) newID() string {
	if digits, ok := strings.CutPrefix(d.ID, "d-"); ok {
		return digits + "-" + d.store.ids.uuid()
	}
	return d.store.ids.uuid()
}

// fold is how names are compared: AWS documents nothing, RFC 7643 makes userName
// case-insensitive, so names that differ in case only are taken for the same.
func fold(name string) string { return strings.ToLower(name) }

// reservedName tells the names that AWS keeps for itself.
func reservedName(name string) bool {
	return strings.EqualFold(name, "Administrator") || strings.EqualFold(name, "AWSAdministrators")
}

// forget takes the assignments of a deleted principal along, where the settings
// say so; else they stay as orphans.
func (d *Directory) forget(typ, id string) {
	pr := d.instance.principals[typ+id]
	if pr != nil && d.store.RemoveOrphans {
		pr.assignments.drain(d.instance.unassign)
	}
}

// stuck tells whether AWS cannot remove the assignments of a principal that is
// gone: seen of users that automatic provisioning removed
// (https://github.com/hashicorp/terraform-provider-aws/issues/19341), not of those
// that somebody deleted in the console.
func (d *Directory) stuck(typ, id string) bool {
	return !d.has(typ, id) && (d.provisioned[id] || d.store.StuckOrphans)
}

// Counts are the sizes of the directory.
func (d *Directory) Counts() (users, groups, memberships int) {
	return len(d.users.items), len(d.groups.items), d.memberships
}

func quotaLeft(have, quota int, what string) error {
	if have >= quota {
		return refuse(OverQuota, "You have reached the maximum number of %s (%d).", what, quota)
	}
	return nil
}

func duplicate(typ, attribute string) *Error {
	return &Error{Kind: Duplicate, Type: typ, Message: "Duplicate " + attribute}
}
