package plan

import (
	"encoding/json"
	"maps"
	"strings"
)

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
	maps.DeleteFunc(missing, func(_ string, n int) bool { return n == 0 })
	return len(missing) == 0
}

// policyDocument is an inline policy as far as guards understand it.
type policyDocument struct {
	statements []statement
	rest       string // all but the statements and the Id, canonical
}

// statement is one of a policy. Its text is canonical, without the Sid.
type statement struct {
	text, effect                                         string
	actions, notActions, resources, notResources         []string
	hasAction, hasNotAction, hasResource, hasNotResource bool
	conditional                                          bool
}

// readPolicy reads canonical JSON, as states carry it; "" has no statements.
func readPolicy(text string) (policyDocument, bool) {
	if text == "" {
		return policyDocument{}, true
	}
	var all map[string]json.RawMessage
	var raw []map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &all) != nil || json.Unmarshal(all["Statement"], &raw) != nil || len(raw) == 0 {
		return policyDocument{}, false
	}
	var d policyDocument
	for _, r := range raw {
		s, ok := readStatement(r)
		if !ok {
			return policyDocument{}, false
		}
		d.statements = append(d.statements, s)
	}
	delete(all, "Statement")
	delete(all, "Id")
	rest, err := json.Marshal(all)
	d.rest = string(rest)
	return d, err == nil
}

func readStatement(raw map[string]json.RawMessage) (s statement, ok bool) {
	delete(raw, "Sid")
	text, err := json.Marshal(raw)
	if err != nil || json.Unmarshal(raw["Effect"], &s.effect) != nil {
		return s, false
	}
	s.text = string(text)
	for key, value := range raw {
		list, has := (*[]string)(nil), (*bool)(nil)
		switch key {
		case "Effect":
			continue
		case "Action":
			list, has = &s.actions, &s.hasAction
		case "NotAction":
			list, has = &s.notActions, &s.hasNotAction
		case "Resource":
			list, has = &s.resources, &s.hasResource
		case "NotResource":
			list, has = &s.notResources, &s.hasNotResource
		case "Condition":
			s.conditional = true
			continue
		default:
			return s, false
		}
		*has = true
		if json.Unmarshal(value, list) != nil {
			return s, false
		}
	}
	return s, true
}
