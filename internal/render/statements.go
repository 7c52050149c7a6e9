package render

import (
	"encoding/json"
	"fmt"
)

// policyDocument is a policy taken apart: its statements, and the document without them.
type policyDocument struct {
	rest       string
	statements []statement
}

// statement is one of a policy, with its JSON.
type statement struct{ sid, effect, text string }

// policyOf takes a document apart; false where it is none that has a list of statements.
func policyOf(document string) (policyDocument, bool) {
	var doc map[string]json.RawMessage
	var list []json.RawMessage
	if json.Unmarshal([]byte(document), &doc) != nil || json.Unmarshal(doc["Statement"], &list) != nil {
		return policyDocument{}, false
	}
	var out policyDocument
	for _, raw := range list {
		var head struct{ Sid, Effect string }
		if json.Unmarshal(raw, &head) != nil {
			return policyDocument{}, false
		}
		out.statements = append(out.statements, statement{head.Sid, head.Effect, string(raw)})
	}
	delete(doc, "Statement")
	rest, err := json.Marshal(doc)
	out.rest = string(rest)
	return out, err == nil
}

// title names a statement by its Sid, or by its number where it has none.
func (s statement) title(at int) string {
	name := fmt.Sprint(at + 1)
	if s.sid != "" {
		name = fmt.Sprintf("%q", s.sid)
	}
	return fmt.Sprintf("statement %s (%s):", name, s.effect)
}

// pairStatements returns for each statement the one that it was, or -1: the one with the
// same Sid, else one that is the same to the letter, else the next of the same effect
// that nothing else was made of.
func pairStatements(before, after []statement) []int {
	from, used := make([]int, len(after)), make([]bool, len(before))
	for i := range from {
		from[i] = -1
	}
	for _, alike := range []func(a, b statement) bool{
		func(a, b statement) bool { return a.sid != "" && a.sid == b.sid },
		func(a, b statement) bool { return a.text == b.text },
		func(a, b statement) bool { return a.effect == b.effect && (a.sid == "" || b.sid == "") },
	} {
		for i, a := range after {
			for j, b := range before {
				if from[i] < 0 && !used[j] && alike(a, b) {
					from[i], used[j] = j, true
				}
			}
		}
	}
	return from
}
