package plan

import "strings"

// narrows says whether a change to a permission set can take permissions away.
// What a customer managed policy says is not known, so it may deny; an inline
// policy may take away unless it only gains Allow statements. The session
// duration takes nothing away.
func narrows(c Change) bool {
	switch c.Kind {
	case ManagedPolicy:
		return c.Action == Delete || denies(c.Key.Policy)
	case CustomerManagedPolicy:
		return true
	case InlinePolicy:
		return !onlyAllowsMore(documentOf(c.Before), documentOf(c.After))
	case PermissionsBoundary:
		return c.Action != Delete
	default:
		return false
	}
}

func documentOf(v *Value) string {
	if v == nil {
		return ""
	}
	return v.Document
}

// denies says whether an AWS managed policy takes away, by its name:
// AWSDenyAll, AWSCompromisedKeyQuarantineV3.
func denies(policy string) bool {
	name := strings.ToLower(policy[strings.LastIndexByte(policy, '/')+1:])
	return strings.Contains(name, "deny") || strings.Contains(name, "quarantine")
}

// onlyAllowsMore says that a document keeps every statement of another and adds
// nothing but Allow statements. The order and the Sids of statements mean
// nothing. A document that is not understood does not.
func onlyAllowsMore(before, after string) bool {
	old, ok := readPolicy(before)
	if !ok {
		return false
	}
	now, ok := readPolicy(after)
	if !ok || len(old.statements) > 0 && old.rest != now.rest {
		return false
	}
	missing := map[string]int{}
	for _, s := range old.statements {
		missing[s.text]++
	}
	for _, s := range now.statements {
		if missing[s.text] > 0 {
			missing[s.text]--
		} else if s.effect != "Allow" {
			return false
		}
	}
	for _, n := range missing {
		if n > 0 {
			return false
		}
	}
	return true
}
