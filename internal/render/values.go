package render

import (
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// attribute is one value of an object; "" means none.
type attribute struct{ name, before, after string }

// values shows from what to what a change leads.
func (p *page) values(c *plan.Change) {
	if c.Kind == plan.InlinePolicy {
		p.policyDiff(documentOf(c.Before), documentOf(c.After))
		return
	}
	list := attributesOf(c)
	if c.Action == plan.Create && len(list) > 0 && list[0].name == "name" {
		list = list[1:] // the section's title says it
	}
	p.attributes(list)
}

func attributesOf(c *plan.Change) []attribute {
	before, after := orZero(c.Before), orZero(c.After)
	switch c.Kind {
	case plan.User:
		if c.Action == plan.Delete {
			return nil
		}
		return userAttributes(deref(before.User), deref(after.User))
	case plan.Group:
		if c.Action == plan.Delete {
			return nil
		}
		return groupAttributes(deref(before.Group), deref(after.Group))
	case plan.PermissionSet:
		if c.Action == plan.Delete {
			return nil
		}
		x, y := deref(before.PermissionSet), deref(after.PermissionSet)
		return append(setAttributes(x, y), tagAttributes(x.Tags, y.Tags)...)
	case plan.Tags:
		return tagAttributes(before.Tags, after.Tags)
	case plan.PermissionsBoundary:
		return []attribute{{"policy", deref(before.Boundary).String(), deref(after.Boundary).String()}}
	default:
		return nil
	}
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

func orZero(v *plan.Value) plan.Value { return deref(v) }

func documentOf(v *plan.Value) string { return orZero(v).Document }

func userAttributes(a, b access.User) []attribute {
	return []attribute{{"user_name", a.Username, b.Username}, {"display_name", a.DisplayName, b.DisplayName},
		{"email", a.Email, b.Email}, {"given_name", a.GivenName, b.GivenName}, {"family_name", a.FamilyName, b.FamilyName}}
}

func groupAttributes(a, b access.Group) []attribute {
	return []attribute{{"name", a.Name, b.Name}, {"description", a.Description, b.Description}, {"owner", a.Owner, b.Owner}}
}

func setAttributes(a, b access.PermissionSet) []attribute {
	return []attribute{{"name", a.Name, b.Name}, {"description", a.Description, b.Description},
		{"session_duration", a.SessionDuration, b.SessionDuration}, {"relay_state", a.RelayState, b.RelayState}}
}

// tagAttributes merges two lists of tags, both by key.
func tagAttributes(before, after []access.Tag) []attribute {
	var out []attribute
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].Key < after[0].Key:
			out = append(out, attribute{"tag " + before[0].Key, shown(before[0].Value), ""})
			before = before[1:]
		case len(before) == 0 || after[0].Key < before[0].Key:
			out = append(out, attribute{"tag " + after[0].Key, "", shown(after[0].Value)})
			after = after[1:]
		default:
			out = append(out, attribute{"tag " + after[0].Key, shown(before[0].Value), shown(after[0].Value)})
			before, after = before[1:], after[1:]
		}
	}
	return out
}

// shown keeps a tag without a value apart from no tag.
func shown(value string) string {
	if value == "" {
		return "(empty)"
	}
	return value
}

// attributes shows those that change, their names in one column.
func (p *page) attributes(list []attribute) {
	width := 0
	for _, a := range list {
		if a.before != a.after {
			width = max(width, columns(clean(a.name)))
		}
	}
	for _, a := range list {
		if a.before == a.after {
			continue
		}
		pad := strings.Repeat(" ", width-columns(clean(a.name))+2)
		switch {
		case a.before == "":
			p.line(6, in(good, "+ "), say(a.name+pad), say(a.after))
		case a.after == "":
			p.line(6, in(bad, "- "), say(a.name+pad), say(a.before))
		default:
			p.line(6, in(change, "~ "), say(a.name+pad), say(a.before), dim(" -> "), say(a.after))
		}
	}
}
