package render

import (
	"fmt"

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
		return "!", held
	}
}

// nouns returns what a kind is called, one and many.
func nouns(k plan.Kind) (one, many string) {
	switch k {
	case plan.User:
		return "user", "users"
	case plan.Group:
		return "group", "groups"
	case plan.Membership:
		return "membership", "memberships"
	case plan.PermissionSet:
		return "permission set", "permission sets"
	case plan.Tags:
		return "tags", "tags"
	case plan.ManagedPolicy:
		return "AWS managed policy", "AWS managed policies"
	case plan.CustomerManagedPolicy:
		return "customer managed policy", "customer managed policies"
	case plan.InlinePolicy:
		return "inline policy", "inline policies"
	case plan.PermissionsBoundary:
		return "permissions boundary", "permissions boundaries"
	case plan.Assignment:
		return "account assignment", "account assignments"
	case plan.Provisioning:
		return "provisioning", "provisionings"
	case plan.Record:
		return "record", "records"
	default:
		return string(k), string(k)
	}
}

// kinds returns the kinds in the order in which people read about them.
func kinds() []plan.Kind {
	return []plan.Kind{plan.User, plan.Group, plan.Membership, plan.PermissionSet, plan.Tags, plan.ManagedPolicy,
		plan.CustomerManagedPolicy, plan.InlinePolicy, plan.PermissionsBoundary, plan.Assignment, plan.Provisioning, plan.Record}
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
	one, _ := nouns(c.Kind)
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
