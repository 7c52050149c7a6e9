package scim

import (
	"net/http"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// maxChanges is how many memberships one request may change (patchgroup and
// creategroup pages of AWS's developer guide).
const maxChanges = 100

func showGroup(g *store.Group) wireGroup {
	return wireGroup{
		ID: g.ID, ExternalID: g.ExternalID, Schemas: []string{groupSchema}, DisplayName: g.DisplayName,
		Meta: &wireMeta{"Group", timestamp(g.CreatedAt), timestamp(g.UpdatedAt)}, Members: []wireMember{},
	}
}

func (c *call) createGroup() (int, any, error) {
	object, err := decodeResource(c.body, groupSchema)
	if err != nil {
		return 0, nil, err
	}
	w, err := readGroup(object)
	if err != nil {
		return 0, nil, err
	}
	ids := memberIDs(w.Members)
	if err := c.checkMembers(ids); err != nil {
		return 0, nil, err
	}
	g, err := c.dir.CreateGroup(c.at, store.Group{DisplayName: w.DisplayName, ExternalID: w.ExternalID, SCIM: true})
	if err != nil {
		return 0, nil, err
	}
	for _, id := range ids {
		if err := c.join(g.ID, id); err != nil {
			return 0, nil, err
		}
	}
	return http.StatusCreated, showGroup(g), nil
}

func readGroup(object map[string]any) (wireGroup, error) {
	var w wireGroup
	if fill(&w, object) != nil || w.DisplayName == "" {
		return w, invalid()
	}
	return w, checkGroup(w.DisplayName, w.ExternalID)
}

func checkGroup(displayName, externalID string) error {
	return checkShape("CreateGroup", map[string]any{"DisplayName": displayName}, externalID)
}

func memberIDs(members []wireMember) []string {
	var ids []string
	for _, m := range members {
		ids = append(ids, m.Value)
	}
	return ids
}

func (c *call) checkMembers(ids []string) error {
	if len(ids) > maxChanges {
		return invalid()
	}
	for _, id := range ids {
		if id == "" {
			return invalid()
		}
		if _, ok := c.dir.User(id); !ok {
			return noUser()
		}
	}
	return nil
}

func (c *call) getGroup() (int, any, error) {
	g, ok := c.dir.Group(c.id)
	if !ok {
		return 0, nil, noGroup()
	}
	return http.StatusOK, showGroup(g), nil
}

func (c *call) deleteGroup() (int, any, error) {
	if err := c.dir.DeleteGroup(c.at, c.id); err != nil {
		return 0, nil, err
	}
	return http.StatusNoContent, nil, nil
}

// patchGroup changes name, external id and memberships, all or nothing: the
// members are looked up before anything is written.
func (c *call) patchGroup() (int, any, error) {
	if _, ok := c.dir.Group(c.id); !ok {
		return 0, nil, noGroup()
	}
	changes, err := parsePatch(c.body)
	if err != nil {
		return 0, nil, err
	}
	edit, err := planGroup(changes)
	if err != nil {
		return 0, nil, err
	}
	if err := c.checkMembers(edit.people()); err != nil {
		return 0, nil, err
	}
	if _, err := c.dir.UpdateGroup(c.at, c.id, edit.attributes); err != nil {
		return 0, nil, err
	}
	for _, m := range edit.members {
		if err := m.apply(c); err != nil {
			return 0, nil, err
		}
	}
	return http.StatusNoContent, nil, nil
}

// groupEdit is what a PATCH means to do to a group.
type groupEdit struct {
	displayName, externalID *string
	members                 []membershipChange
}

type membershipChange struct {
	user string
	in   bool
}

func (e *groupEdit) people() []string {
	var ids []string
	for _, m := range e.members {
		ids = append(ids, m.user)
	}
	return ids
}

func (e *groupEdit) attributes(g *store.Group) error {
	if e.displayName != nil {
		g.DisplayName = *e.displayName
	}
	if e.externalID != nil {
		g.ExternalID = *e.externalID
	}
	return checkGroup(g.DisplayName, g.ExternalID)
}

// apply is idempotent: who is in already is not added, who is not in is not removed.
func (m membershipChange) apply(c *call) error {
	if m.in {
		return c.join(c.id, m.user)
	}
	if have, ok := c.dir.MembershipOf(c.id, m.user); ok {
		return c.dir.DeleteMembership(c.at, have.ID)
	}
	return nil
}

func (c *call) join(group, user string) error {
	if _, ok := c.dir.MembershipOf(group, user); ok {
		return nil
	}
	_, err := c.dir.CreateMembership(c.at, group, user)
	return err
}

func planGroup(changes []change) (*groupEdit, error) {
	e := &groupEdit{}
	for _, ch := range changes {
		var err error
		switch ch.path.attribute {
		case "displayname":
			err = ch.setText(&e.displayName, false)
		case "externalid":
			err = ch.setText(&e.externalID, true)
		case "members":
			err = ch.planMembers(e)
		default:
			err = invalid()
		}
		if err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (ch change) setText(into **string, removable bool) error {
	text, ok := ch.result().(string)
	if ch.path.sub != "" || ch.path.filter != nil || ch.op != "remove" && text == "" || ch.op == "remove" && !removable || ch.op != "remove" && !ok {
		return invalid()
	}
	*into = &text
	return nil
}

// planMembers takes members added or removed one by one. Replacing all, or
// removing all at once, is what AWS refuses.
func (ch change) planMembers(e *groupEdit) error {
	if ch.op == "replace" || ch.path.sub != "" {
		return invalid()
	}
	ids, err := ch.memberList()
	if err != nil || len(ids) == 0 {
		return invalid()
	}
	for _, id := range ids {
		e.members = append(e.members, membershipChange{user: id, in: ch.op == "add"})
	}
	return nil
}

func (ch change) memberList() ([]string, error) {
	if f := ch.path.filter; f != nil {
		if f.attribute != "value" || ch.op != "remove" {
			return nil, invalid()
		}
		return []string{f.value}, nil
	}
	list, ok := ch.values()
	if !ok {
		return nil, invalid()
	}
	var ids []string
	for _, element := range list {
		object, _ := element.(map[string]any)
		value, _ := lookup(object, "value")
		id, _ := value.(string)
		if strings.TrimSpace(id) == "" {
			return nil, invalid()
		}
		ids = append(ids, id)
	}
	return ids, nil
}
