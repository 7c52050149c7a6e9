package plan

import "encoding/json"

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
