package scim

import (
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// filterNames brings the spellings that AWS's pages and IdPs use to one.
var filterNames = map[string]string{
	"groups.value": "groups", "members.value": "members", "member": "members", "manager.value": "manager",
	strings.ToLower(enterpriseSchema) + ":manager":       "manager",
	strings.ToLower(enterpriseSchema) + ":manager.value": "manager",
}

// combination names the attributes of a filter in a fixed order, as "id
// members". AWS supports certain combinations only; an attribute named twice is none.
func combination(conditions []condition) string {
	var names []string
	for _, c := range conditions {
		names = append(names, c.name())
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func (c condition) name() string {
	if name, ok := filterNames[c.attribute]; ok {
		return name
	}
	return c.attribute
}

func valueOf(conditions []condition, name string) string {
	for _, c := range conditions {
		if c.name() == name {
			return c.value
		}
	}
	return ""
}

// managed finds the user with an id if that is their manager.
func (c *call) managed(conditions []condition) (*store.User, bool) {
	u, ok := c.dir.User(valueOf(conditions, "id"))
	return u, ok && u.Enterprise != nil && u.Enterprise.Manager == valueOf(conditions, "manager")
}

// usersOf lists the users in a group. A group that is not there is a 404, as AWS
// documents it for a filter on members.
func (c *call) usersOf(p paging) (page store.Page[*store.User], total int, err error) {
	g, ok := c.dir.Group(p.conditions[0].value)
	if !ok {
		return page, 0, noGroup()
	}
	next := func(after uint64, limit int) store.Page[*store.Membership] { return c.dir.Members(g, after, limit) }
	memberships, total := walk(next, p)
	page = store.Page[*store.User]{Next: memberships.Next, More: memberships.More}
	for _, m := range memberships.Items {
		page.Items = append(page.Items, m.User)
	}
	return page, total, nil
}

// groupsOf lists the groups that a user is in.
func (c *call) groupsOf(p paging) (page store.Page[*store.Group], total int, err error) {
	u, ok := c.dir.User(p.conditions[0].value)
	if !ok {
		return page, 0, noUser()
	}
	next := func(after uint64, limit int) store.Page[*store.Membership] { return c.dir.GroupsOf(u, after, limit) }
	memberships, total := walk(next, p)
	page = store.Page[*store.Group]{Next: memberships.Next, More: memberships.More}
	for _, m := range memberships.Items {
		page.Items = append(page.Items, m.Group)
	}
	return page, total, nil
}

// groupWith finds the group with an id if the user is in it.
func (c *call) groupWith(conditions []condition) (store.Page[*store.Group], int, error) {
	user := valueOf(conditions, "members")
	if _, ok := c.dir.User(user); !ok {
		return store.Page[*store.Group]{}, 0, noUser()
	}
	g, ok := c.dir.Group(valueOf(conditions, "id"))
	if ok {
		_, ok = c.dir.MembershipOf(g.ID, user)
	}
	page, total := one(g, ok)
	return page, total, nil
}

// walk reads one page of memberships, and counts all of them where the answer
// will say how many there are.
func walk(next func(after uint64, limit int) store.Page[*store.Membership], p paging) (store.Page[*store.Membership], int) {
	page, total := next(p.after, p.count), 0
	if p.cursor {
		return page, 0
	}
	for after, more := uint64(0), true; more; {
		part := next(after, 1000)
		total += len(part.Items)
		after, more = part.Next, part.More
	}
	return page, total
}
