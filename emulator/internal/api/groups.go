package api

import (
	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

func createGroup(c *Call, d *store.Directory) (any, error) {
	if c.In.text("DisplayName") == "" {
		return nil, required("displayName")
	}
	g, err := d.CreateGroup(c.stamp(), store.Group{DisplayName: c.In.text("DisplayName"), Description: c.In.text("Description")})
	if err != nil {
		return nil, c.refused(err)
	}
	return Out{"GroupId": g.ID, "IdentityStoreId": d.ID}, nil
}

func updateGroup(c *Call, d *store.Directory) (any, error) {
	_, err := d.UpdateGroup(c.stamp(), c.In.text("GroupId"), func(g *store.Group) error {
		for _, op := range c.In.parts("Operations") {
			if err := setGroupAttribute(g, op); err != nil {
				return err
			}
		}
		return revalidate("CreateGroup", Out{"IdentityStoreId": d.ID, "DisplayName": g.DisplayName}.set("Description", g.Description))
	})
	return c.done(err)
}

func setGroupAttribute(g *store.Group, op Args) error {
	value := op["AttributeValue"]
	switch path := lowerFirst(op.text("AttributePath")); path {
	case "displayName":
		if value == nil {
			return required(path)
		}
		return setText(&g.DisplayName, path, value)
	case "description":
		return setText(&g.Description, path, value)
	default:
		return validation("Unsupported attribute path: " + path)
	}
}

func showGroup(d *store.Directory, g *store.Group) Out {
	out := showMeta(Out{"GroupId": g.ID, "IdentityStoreId": d.ID, "DisplayName": g.DisplayName}, g.Meta)
	showExternalID(out, d, g.ExternalID)
	return out.set("Description", g.Description)
}

func describeGroup(c *Call, d *store.Directory) (any, error) {
	g, ok := d.Group(c.In.text("GroupId"))
	if !ok {
		return nil, notThere("GROUP", c.In.text("GroupId"))
	}
	return showGroup(d, g), nil
}

func deleteGroup(c *Call, d *store.Directory) (any, error) {
	return c.done(d.DeleteGroup(c.stamp(), c.In.text("GroupId")))
}

func listGroups(c *Call, d *store.Directory) (any, error) {
	wanted, err := c.filter("DisplayName")
	if err != nil {
		return nil, err
	}
	read := reader[*store.Group](d.Groups)
	if wanted != "" {
		read = single(d.GroupByName(wanted))
	}
	return paged(c, "Groups", read, func(g *store.Group) any { return showGroup(d, g) })
}

func getGroupID(c *Call, d *store.Directory) (any, error) {
	g, err := alternate(c, d, "GROUP", d.GroupByExternalID, lookups[store.Group]{"displayName": d.GroupByName})
	if err != nil {
		return nil, err
	}
	return Out{"GroupId": g.ID, "IdentityStoreId": d.ID}, nil
}
