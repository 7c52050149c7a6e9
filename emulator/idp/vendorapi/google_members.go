package vendorapi

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"

	"github.com/rolecall-dev/rolecall/emulator/idp"
)

// googleCustomer is the organization's id.
const googleCustomer = "C01234567"

// googleMembers lists the members of a group, and on demand those of nested
// groups too.
func (a *API) googleMembers(w http.ResponseWriter, r *http.Request) {
	v, id := a.view(), r.PathValue("group")
	if _, ok := v.group(id); !ok {
		googleMissing(w, "groupKey")
		return
	}
	all := r.URL.Query().Get("includeDerivedMembership") == "true"
	ids := around(id, v.membersOf, all)
	var members []any
	for _, member := range ids {
		members = append(members, v.googleMember(member))
	}
	for _, g := range v.Groups {
		if g.ID == id || all && slices.Contains(ids, g.ID) {
			members = append(members, others(g)...)
		}
	}
	googlePage(a, w, r, "admin#directory#members", "members", members, 200, 200, same)
}

// googleMember is a user or group as a member.
func (v view) googleMember(id string) any {
	m := map[string]any{"kind": "admin#directory#member", "id": id, "role": "MEMBER", "status": "ACTIVE", "type": "GROUP"}
	if g, ok := v.group(id); ok {
		m["email"] = groupAddress(g)
	}
	if u, ok := v.user(id); ok {
		m["type"], m["email"] = "USER", u.UserName
		if u.Status != idp.Active {
			m["status"] = "SUSPENDED"
		}
	}
	return m
}

// others are the members that are no users or groups of the directory: the one
// that stands for everybody, which has the organization's id and no address, and
// people of other organizations.
func others(g idp.Group) []any {
	var all []any
	if g.Everybody {
		all = append(all, map[string]any{"kind": "admin#directory#member", "id": googleCustomer, "role": "MEMBER", "type": "CUSTOMER"})
	}
	for _, address := range g.Outsiders {
		h := fnv.New64a()
		_, _ = h.Write([]byte(address))
		all = append(all, map[string]any{"kind": "admin#directory#member", "id": fmt.Sprint(h.Sum64()), "email": address, "role": "MEMBER", "type": "USER"})
	}
	return all
}
