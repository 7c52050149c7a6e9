package idp

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
)

// googleCustomer is the organization's id.
const googleCustomer = "C01234567"

// googleMembers lists the members of a group, and on demand those of nested
// groups too.
func (a *API) googleMembers(w http.ResponseWriter, r *http.Request) {
	s, id := a.d.Snapshot(), r.PathValue("group")
	if !slices.ContainsFunc(s.Groups, func(g Group) bool { return g.ID == id }) {
		googleMissing(w, "groupKey")
		return
	}
	all := r.URL.Query().Get("includeDerivedMembership") == "true"
	ids := around(id, s.membersOf, all)
	var members []any
	for _, member := range ids {
		members = append(members, s.googleMember(member))
	}
	for _, g := range s.Groups {
		if g.ID == id || all && slices.Contains(ids, g.ID) {
			members = append(members, g.others()...)
		}
	}
	googlePage(a, w, r, "admin#directory#members", "members", members, 200, 200, func(m any) any { return m })
}

// googleMember is a user or group as a member.
func (s Snapshot) googleMember(id string) any {
	m := map[string]any{"kind": "admin#directory#member", "id": id, "role": "MEMBER", "status": "ACTIVE", "type": "GROUP"}
	for _, g := range s.Groups {
		if g.ID == id {
			m["email"] = g.address()
		}
	}
	for _, u := range s.Users {
		if u.ID == id {
			m["type"], m["email"] = "USER", u.UserName
			if u.Status != Active {
				m["status"] = "SUSPENDED"
			}
		}
	}
	return m
}

// others are the members that are no users or groups of the directory: the one
// that stands for everybody, which has the organization's id and no address, and
// people of other organizations.
func (g Group) others() []any {
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
