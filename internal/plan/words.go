package plan

import (
	"fmt"
	"slices"
)

// Verb is what people call an action on a kind: policies are attached and
// detached, members are added and removed.
func Verb(kind Kind, action Action) string {
	switch kind {
	case ManagedPolicy, CustomerManagedPolicy, PermissionsBoundary:
		return verbOf(action, "attach", "detach")
	case Membership:
		return verbOf(action, "add", "remove")
	case Record:
		return verbOf(action, "write", "remove")
	case Provisioning:
		return "provision"
	default:
		return string(action)
	}
}

func verbOf(action Action, create, remove string) string {
	switch action {
	case Create:
		return create
	case Delete:
		return remove
	default:
		return string(action)
	}
}

// Describe names a change for a person, in words that follow "cannot": detach
// AWS managed policy "arn:..." from permission set "Ops". A change's ID is for
// programs.
func (c Change) Describe() string {
	return Verb(c.Kind, c.Action) + " " + c.about() + map[Level]string{Down: " (first step)", Up: " (last step)"}[c.Key.Level]
}

func (c Change) about() string {
	set, to := fmt.Sprintf("permission set %q", c.Key.PermissionSet), c.direction()
	switch c.Kind {
	case User:
		return fmt.Sprintf("user %q", c.Key.User)
	case Group:
		return fmt.Sprintf("group %q", c.Key.Group)
	case Membership:
		return fmt.Sprintf("user %q %s group %q", c.Key.User, to, c.Key.Group)
	case Tags:
		return "the tags of " + set
	case Record:
		return "the record of " + set
	case ManagedPolicy:
		return fmt.Sprintf("AWS managed policy %q %s %s", c.Key.Policy, to, set)
	case CustomerManagedPolicy:
		return fmt.Sprintf("customer managed policy %q %s %s", c.Key.Policy, to, set)
	case InlinePolicy:
		return "the inline policy of " + set
	case PermissionsBoundary:
		return fmt.Sprintf("the permissions boundary %s %s", to, set)
	case Assignment:
		return fmt.Sprintf("the assignment of %s in account %s for %s", set, c.accountWords(), c.principalWords())
	default: // a permission set, or its provisioning
		return set
	}
}

// direction joins what is attached or added to what it is attached or added to.
func (c Change) direction() string {
	switch c.Action {
	case Create:
		return "to"
	case Delete:
		return "from"
	default:
		return "of"
	}
}

func (c Change) accountWords() string {
	if c.Key.AccountName == "" || c.Key.AccountName == c.Key.Account {
		return c.Key.Account
	}
	return fmt.Sprintf("%q (%s)", c.Key.AccountName, c.Key.Account)
}

func (c Change) principalWords() string {
	switch {
	case c.Key.OrphanType == "USER":
		return "a user that is gone, " + c.Key.OrphanID
	case c.Key.OrphanID != "":
		return "a group that is gone, " + c.Key.OrphanID
	case c.Key.User != "":
		return fmt.Sprintf("user %q", c.Key.User)
	default:
		return fmt.Sprintf("group %q", c.Key.Group)
	}
}

// described returns changes in words, in the order of their ids.
func described(changes []Change, ids []ID) []string {
	words := make(map[ID]string, len(ids))
	for _, c := range changes {
		if slices.Contains(ids, c.ID) {
			words[c.ID] = c.Describe()
		}
	}
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = words[id]
	}
	return out
}
