package access

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// CanonicalPolicy returns the one spelling of an IAM policy document that states
// carry: compact JSON with sorted keys, a single statement as a list, single
// strings in the lists where IAM allows both, lists of actions, resources and
// condition values sorted (IAM gives their order no meaning), and condition
// values as strings. Statements keep their order. What is not a JSON object
// stays as it is; "" stays "".
func CanonicalPolicy(document string) string {
	doc := decodePolicy(document)
	if doc == nil {
		return document
	}
	if one, ok := doc["Statement"].(map[string]any); ok {
		doc["Statement"] = []any{one}
	}
	if statements, ok := doc["Statement"].([]any); ok {
		for _, s := range statements {
			canonicalStatement(s)
		}
	}
	return marshalPolicy(doc)
}

func canonicalStatement(statement any) {
	s, ok := statement.(map[string]any)
	if !ok {
		return
	}
	for _, key := range []string{"Action", "NotAction", "Resource", "NotResource"} {
		if v, ok := s[key]; ok {
			s[key] = canonicalStrings(v)
		}
	}
	operators, _ := s["Condition"].(map[string]any)
	for _, op := range operators {
		keys, _ := op.(map[string]any)
		for k, v := range keys {
			keys[k] = canonicalStrings(v)
		}
	}
}

// canonicalStrings makes a sorted list without repeats of a string, number,
// boolean or list of them; anything else stays as it is.
func canonicalStrings(v any) any {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	out := make([]string, 0, len(list))
	for _, e := range list {
		switch e := e.(type) {
		case string:
			out = append(out, e)
		case json.Number:
			out = append(out, e.String())
		case bool:
			out = append(out, strconv.FormatBool(e))
		default:
			return v
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// marshalPolicy writes JSON as IAM shows it: <, > and & are not escaped.
func marshalPolicy(doc any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		panic(fmt.Sprintf("encode a policy made of strings and maps: %v", err)) // cannot happen
	}
	return strings.TrimRight(b.String(), "\n")
}

type policyStatement struct {
	Sid         string                         `json:"Sid,omitempty"`
	Effect      string                         `json:"Effect"`
	Action      []string                       `json:"Action,omitempty"`
	NotAction   []string                       `json:"NotAction,omitempty"`
	Resource    []string                       `json:"Resource,omitempty"`
	NotResource []string                       `json:"NotResource,omitempty"`
	Condition   map[string]map[string][]string `json:"Condition,omitempty"`
}

// InlinePolicyDocument merges the named inline policies of a group into the
// one document that AWS takes, in canonical form. It returns "" where there is
// no statement. A statement has a Sid only where the config gives it one, and
// where two give the same, one of them another.
func InlinePolicyDocument(policies []InlinePolicySpec) string {
	var statements []policyStatement
	taken := map[string]bool{}
	for _, p := range policies {
		for _, s := range p.Statements.Items {
			statements = append(statements, statement(uniqueSid(taken, s.Sid.Value), s))
		}
	}
	if len(statements) == 0 {
		return ""
	}
	return CanonicalPolicy(marshalPolicy(map[string]any{"Version": policyVersion, "Statement": statements}))
}

func statement(sid string, s StatementSpec) policyStatement {
	out := policyStatement{
		Sid:         sid,
		Effect:      s.Effect.Or("Allow"),
		Action:      values(s.Actions),
		NotAction:   values(s.NotActions),
		Resource:    values(s.Resources),
		NotResource: values(s.NotResources),
		Condition:   map[string]map[string][]string{},
	}
	for _, c := range s.Conditions.Items {
		keys := out.Condition[c.Operator.Value]
		if keys == nil {
			keys = map[string][]string{}
			out.Condition[c.Operator.Value] = keys
		}
		keys[c.Key.Value] = append(keys[c.Key.Value], values(c.Values)...)
	}
	return out
}

// inlinePolicies takes a document apart into one policy, as far as the config can
// say it; a document that cannot be read is none.
func inlinePolicies(document string) List[InlinePolicySpec] {
	var doc struct{ Statement []policyStatement }
	if document == "" || json.Unmarshal([]byte(document), &doc) != nil {
		return List[InlinePolicySpec]{}
	}
	policy := InlinePolicySpec{Name: written("inline")}
	for _, s := range doc.Statement {
		spec := StatementSpec{Sid: written(s.Sid), Effect: written(s.Effect), Actions: writtenList(s.Action), NotActions: writtenList(s.NotAction),
			Resources: writtenList(s.Resource), NotResources: writtenList(s.NotResource)}
		for _, test := range slices.Sorted(maps.Keys(s.Condition)) {
			for _, variable := range slices.Sorted(maps.Keys(s.Condition[test])) {
				spec.Conditions.Items = append(spec.Conditions.Items,
					ConditionSpec{Operator: written(test), Key: written(variable), Values: writtenList(s.Condition[test][variable])})
			}
		}
		policy.Statements.Items = append(policy.Statements.Items, spec)
	}
	return List[InlinePolicySpec]{Items: []InlinePolicySpec{policy}}
}

// uniqueSid makes a Sid of [A-Za-z0-9], which is all that IAM takes; "" for none.
func uniqueSid(taken map[string]bool, sid string) string {
	base := alphanumeric(sid)
	if base == "" {
		return ""
	}
	name := base
	for n := 2; taken[name]; n++ {
		name = base + "x" + strconv.Itoa(n)
	}
	taken[name] = true
	return name
}

func alphanumeric(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, text)
}

func values(list List[Text]) []string {
	var out []string
	for _, t := range list.Items {
		out = append(out, t.Value)
	}
	return out
}

// policyVersion is what is written. The older one, which a document without a version
// has, means the same but for policy variables, ${...} (IAM User Guide, "Version").
const policyVersion = "2012-10-17"

// SamePolicy says that a document in AWS is what the config asks for: the same
// but for the ids of statements to which the config gives none, the document's own id,
// and an older version where that means the same. Ids have no effect, and a document
// that somebody else wrote, or an earlier version of rolecall, has others.
func SamePolicy(want, have string) bool {
	if want == have {
		return true
	}
	w, h := decodePolicy(CanonicalPolicy(want)), decodePolicy(CanonicalPolicy(have))
	if w == nil || h == nil {
		return false
	}
	if w["Id"] == nil {
		delete(h, "Id")
	}
	if w["Version"] == policyVersion && !strings.Contains(have, "${") {
		h["Version"] = policyVersion
	}
	ws, _ := w["Statement"].([]any)
	hs, _ := h["Statement"].([]any)
	if len(ws) != len(hs) {
		return false
	}
	for i := range ws {
		ours, ok1 := ws[i].(map[string]any)
		theirs, ok2 := hs[i].(map[string]any)
		if !ok1 || !ok2 {
			return false
		}
		if _, named := ours["Sid"]; !named {
			delete(theirs, "Sid")
		}
	}
	return CanonicalPolicy(marshalPolicy(w)) == CanonicalPolicy(marshalPolicy(h))
}

// decodePolicy reads a JSON object; what is none is nil.
func decodePolicy(document string) map[string]any {
	dec := json.NewDecoder(strings.NewReader(document))
	dec.UseNumber()
	var doc map[string]any
	if dec.Decode(&doc) != nil || dec.More() {
		return nil
	}
	return doc
}
