package api

import (
	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

func (c *Call) memberID() string { return c.In.part("MemberId").text("UserId") }

func createMembership(c *Call, d *store.Directory) (any, error) {
	m, err := d.CreateMembership(c.stamp(), c.In.text("GroupId"), c.memberID())
	if err != nil {
		return nil, c.refused(err)
	}
	return Out{"MembershipId": m.ID, "IdentityStoreId": d.ID}, nil
}

func deleteMembership(c *Call, d *store.Directory) (any, error) {
	return c.done(d.DeleteMembership(c.stamp(), c.In.text("MembershipId")))
}

func showMembership(d *store.Directory, m *store.Membership) Out {
	return showMeta(Out{
		"IdentityStoreId": d.ID, "MembershipId": m.ID, "GroupId": m.Group.ID, "MemberId": Out{"UserId": m.User.ID},
	}, m.Meta)
}

func describeMembership(c *Call, d *store.Directory) (any, error) {
	m, ok := d.Membership(c.In.text("MembershipId"))
	if !ok {
		return nil, notThere("GROUP_MEMBERSHIP", c.In.text("MembershipId"))
	}
	return showMembership(d, m), nil
}

func getMembershipID(c *Call, d *store.Directory) (any, error) {
	m, ok := d.MembershipOf(c.In.text("GroupId"), c.memberID())
	if !ok {
		e := notThere("GROUP_MEMBERSHIP", "")
		e.Message = "Group membership not found for given Pool/Group/Member." // https://github.com/awslabs/ssosync/issues/135
		return nil, e
	}
	return Out{"MembershipId": m.ID, "IdentityStoreId": d.ID}, nil
}

func listMemberships(c *Call, d *store.Directory) (any, error) {
	g, ok := d.Group(c.In.text("GroupId"))
	if !ok {
		return nil, notThere("GROUP", c.In.text("GroupId"))
	}
	return paged(c, "GroupMemberships", g.Members, func(m *store.Membership) any { return showMembership(d, m) })
}

func listMembershipsForMember(c *Call, d *store.Directory) (any, error) {
	u, ok := d.User(c.memberID())
	if !ok {
		return nil, notThere("USER", c.memberID())
	}
	return paged(c, "GroupMemberships", u.Groups, func(m *store.Membership) any { return showMembership(d, m) })
}

func isMemberInGroups(c *Call, d *store.Directory) (any, error) {
	if _, ok := d.User(c.memberID()); !ok {
		return nil, notThere("USER", c.memberID())
	}
	results := []any{}
	for _, id := range c.In.texts("GroupIds") {
		if _, ok := d.Group(id); !ok {
			return nil, notThere("GROUP", id)
		}
		_, is := d.MembershipOf(id, c.memberID())
		results = append(results, Out{"GroupId": id, "MemberId": Out{"UserId": c.memberID()}, "MembershipExists": is})
	}
	return Out{"Results": results}, nil
}
