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
func (c *call) managed(p paging) (found[*store.User], error) {
	u, ok := c.dir.User(valueOf(p.conditions, "id"))
	return atMostOne(u, ok && u.Enterprise != nil && u.Enterprise.Manager == valueOf(p.conditions, "manager")), nil
}

// usersOf lists the users in a group. A group that is not there is a 404, as AWS
// documents it for a filter on members.
func (c *call) usersOf(p paging) (found[*store.User], error) {
	g, ok := c.dir.Group(p.conditions[0].value)
	if !ok {
		return found[*store.User]{}, noGroup()
	}
	return walk(g.Members, p, func(m *store.Membership) *store.User { return m.User }), nil
}

// groupsOf lists the groups that a user is in.
func (c *call) groupsOf(p paging) (found[*store.Group], error) {
	u, ok := c.dir.User(p.conditions[0].value)
	if !ok {
		return found[*store.Group]{}, noUser()
	}
	return walk(u.Groups, p, func(m *store.Membership) *store.Group { return m.Group }), nil
}

// groupWith finds the group with an id if the user is in it.
func (c *call) groupWith(p paging) (found[*store.Group], error) {
	user := valueOf(p.conditions, "members")
	if _, ok := c.dir.User(user); !ok {
		return found[*store.Group]{}, noUser()
	}
	g, ok := c.dir.Group(valueOf(p.conditions, "id"))
	if ok {
		_, ok = c.dir.MembershipOf(g.ID, user)
	}
	return atMostOne(g, ok), nil
}

// walk reads one page of memberships, of each the side that is wanted, and counts all
// of them where the answer will say how many there are.
func walk[T any](next func(after uint64, limit int) store.Page[*store.Membership], p paging, side func(*store.Membership) T) (f found[T]) {
	page := next(p.after, p.count)
	f.page.Next, f.page.More = page.Next, page.More
	for _, m := range page.Items {
		f.page.Items = append(f.page.Items, side(m))
	}
	for after, more := uint64(0), !p.cursor; more; {
		part := next(after, 1000)
		f.total += len(part.Items)
		after, more = part.Next, part.More
	}
	return f
}
