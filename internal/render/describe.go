package render

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/plan"
)

// blocked stands beside the plan's own actions for changes that cannot be made.
const blocked plan.Action = "blocked"

// mark returns the symbol and the color of an action.
func mark(a plan.Action) (string, tone) {
	switch a {
	case plan.Create:
		return "+", good
	case plan.Update:
		return "~", change
	case plan.Delete:
		return "-", bad
	default:
		return "!", halted
	}
}

// noun is what one and many of a kind are called.
type noun struct {
	kind      plan.Kind
	one, many string
}

// nouns are those of all kinds, in the order in which people read about them.
func nouns() []noun {
	return []noun{
		{plan.User, "user", "users"},
		{plan.Group, "group", "groups"},
		{plan.Membership, "membership", "memberships"},
		{plan.PermissionSet, "permission set", "permission sets"},
		{plan.Tags, "tags", "tags"},
		{plan.ManagedPolicy, "AWS managed policy", "AWS managed policies"},
		{plan.CustomerManagedPolicy, "customer managed policy", "customer managed policies"},
		{plan.InlinePolicy, "inline policy", "inline policies"},
		{plan.PermissionsBoundary, "permissions boundary", "permissions boundaries"},
		{plan.Assignment, "account assignment", "account assignments"},
		{plan.Provisioning, "provisioning", "provisionings"},
		{plan.Record, "record", "records"},
	}
}

// rankOf returns where a kind stands in nouns.
func rankOf(k plan.Kind) int {
	return slices.IndexFunc(nouns(), func(n noun) bool { return n.kind == k })
}

func nounOf(k plan.Kind) noun {
	if at := rankOf(k); at >= 0 {
		return nouns()[at]
	}
	return noun{k, string(k), string(k)}
}

// account names an account as people and AWS know it: "development
// (222233334444)".
func account(name, id string) string {
	switch {
	case id == "":
		return name
	case name == "" || name == id:
		return id
	default:
		return fmt.Sprintf("%s (%s)", name, id)
	}
}

// principal names who has or gets an account assignment.
func principal(k plan.Key) string {
	switch {
	case k.OrphanType == "USER":
		return "a user that is gone, " + k.OrphanID
	case k.OrphanID != "":
		return "a group that is gone, " + k.OrphanID
	case k.User != "":
		return "user " + k.User
	default:
		return "group " + k.Group
	}
}

// principalOf names who has or gets a change's assignment, with the id where it
// is asked for and the name is not the id.
func (s Style) principalOf(c *plan.Change) string {
	text := principal(c.Key)
	if c.Key.OrphanID == "" {
		text += s.id(c.Refs.GroupID + c.Refs.UserID) // an assignment has one of them
	}
	return text
}

// id returns an id after the name that it belongs to, where ids are asked for.
func (s Style) id(id string) string {
	if !s.Verbose || id == "" {
		return ""
	}
	return " [" + id + "]"
}

// object names what a change is about, in full: it is read where nothing else
// says so.
func object(c *plan.Change) string {
	switch c.Key.Level {
	case plan.Down:
		return objectOf(c) + " (first step)"
	case plan.Up:
		return objectOf(c) + " (last step)"
	default:
		return objectOf(c)
	}
}

func objectOf(c *plan.Change) string {
	one := nounOf(c.Kind).one
	switch k := c.Key; c.Kind {
	case plan.User:
		return one + " " + k.User
	case plan.Group:
		return one + " " + k.Group
	case plan.Membership:
		return fmt.Sprintf("%s of %s in %s", one, k.User, k.Group)
	case plan.PermissionSet:
		return one + " " + k.PermissionSet
	case plan.ManagedPolicy, plan.CustomerManagedPolicy:
		return fmt.Sprintf("%s %s on %s", one, k.Policy, k.PermissionSet)
	case plan.Assignment:
		return fmt.Sprintf("%s %s in %s for %s", one, k.PermissionSet, account(k.AccountName, k.Account), principal(k))
	default:
		return fmt.Sprintf("%s of %s", one, k.PermissionSet)
	}
}
