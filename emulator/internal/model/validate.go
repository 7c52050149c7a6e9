package model

import (
	"fmt"
	"strings"
)

// Error is what AWS answers to a request that does not fit the model. Reason is
// set where the exception has such a member (organizations).
type Error struct {
	Code, Message, Reason string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Validate checks a decoded request against the operation's input shape. Input
// is what encoding/json decodes with UseNumber (nil for an empty body). Unknown
// members are ignored, as AWS ignores them; a null counts as absent.
//
// The error is always an *Error in AWS's words: SerializationException where a
// value has the wrong JSON type, else all violations at once as a
// ValidationException (ValidationError in the Query protocol), or as the
// InvalidInputException that organizations answers instead.
func Validate(op *Operation, input any) error {
	if err := checkTypes(op.Input, input); err != nil {
		return err
	}
	object, _ := input.(map[string]any)
	v := &validator{}
	v.structure("", op.Input, object)
	if len(v.found) == 0 {
		return nil
	}
	return v.err(op)
}

// violation is one constraint that one value does not meet.
type violation struct {
	path   string
	value  string // rendered, with a leading blank; empty for sensitive values
	text   string
	reason string // organizations' name for it
}

func (v violation) String() string {
	return fmt.Sprintf("Value%s at '%s' failed to satisfy constraint: %s", v.value, v.path, v.text)
}

type validator struct{ found []violation }

func (v *validator) err(op *Operation) *Error {
	if _, ok := op.Error("InvalidInputException"); ok && op.Service == "organizations" {
		first := v.found[0]
		return &Error{Code: "InvalidInputException", Message: inputMessages[first.reason], Reason: first.reason}
	}
	code := "ValidationException"
	if service, ok := Lookup(op.Service); ok && service.Protocol == Query {
		code = "ValidationError"
	}
	texts := make([]string, len(v.found))
	for i, f := range v.found {
		texts[i] = f.String()
	}
	noun := "errors"
	if len(texts) == 1 {
		noun = "error"
	}
	return &Error{Code: code, Message: fmt.Sprintf("%d validation %s detected: %s", len(texts), noun, strings.Join(texts, "; "))}
}

// inputMessages are organizations' texts for the reasons of its
// InvalidInputException, as its API reference words them; the one for
// INVALID_PATTERN as AWS sent it (aws-ia/terraform-aws-control_tower_account_factory#287).
var inputMessages = map[string]string{
	"INPUT_REQUIRED":      "You must include a value for all required parameters.",
	"INVALID_ENUM":        "You specified an invalid value.",
	"INVALID_PATTERN":     "You provided a value that does not match the required pattern.",
	"INVALID_LIST_MEMBER": "You provided a list to a parameter that contains at least one invalid value.",
	"MAX_LENGTH_EXCEEDED": "You provided a string parameter that is longer than allowed.",
	"MIN_LENGTH_EXCEEDED": "You provided a string parameter that is shorter than allowed.",
	"MAX_VALUE_EXCEEDED":  "You provided a numeric parameter that has a larger value than allowed.",
	"MIN_VALUE_EXCEEDED":  "You provided a numeric parameter that has a smaller value than allowed.",
}

func (v *validator) structure(path string, s *Shape, object map[string]any) {
	set := 0
	for _, m := range s.Members {
		at := join(path, m.Name)
		value := object[m.Name]
		if value != nil {
			set++
			v.value(at, m.Shape, value)
		} else if m.Required {
			v.add(at, m.Shape, nil, violation{text: "Member must not be null", reason: "INPUT_REQUIRED"})
		}
	}
	if s.Union && set != 1 {
		v.add(path, s, object, violation{text: "Member must have exactly one of its members set", reason: "INVALID_ENUM"})
	}
}

func (v *validator) value(path string, s *Shape, value any) {
	for _, broken := range constraints(s, value) {
		v.add(path, s, value, broken)
	}
	switch s.Kind {
	case Structure:
		v.structure(path, s, value.(map[string]any))
	case List:
		v.list(path, s, value.([]any))
	case Map:
		v.entries(path, s, value.(map[string]any))
	}
}

// list checks elements. AWS names a structure in a list by position
// (tags.1.member.key), but a scalar by what each element of the list must meet.
func (v *validator) list(path string, s *Shape, list []any) {
	if isContainer(s.Element) {
		for i, e := range list {
			v.value(fmt.Sprintf("%s.%d.member", path, i+1), s.Element, e)
		}
		return
	}
	for _, e := range list {
		if !Meets(s.Element, e) {
			v.add(path, s, list, violation{text: "Member must satisfy constraint: " + allConstraints(s.Element), reason: "INVALID_LIST_MEMBER"})
			return
		}
	}
}

func (v *validator) entries(path string, s *Shape, object map[string]any) {
	for _, k := range sortedKeys(object) {
		if !Meets(s.Key, k) {
			v.add(path, s, object, violation{text: "Map keys must satisfy constraint: " + allConstraints(s.Key), reason: "INVALID_PATTERN"})
		}
		if object[k] != nil {
			v.value(path+"."+k+".member", s.Element, object[k])
		}
	}
}

func (v *validator) add(path string, s *Shape, value any, broken violation) {
	broken.path = path
	if !sensitive(s) {
		broken.value = " " + render(s, value)
	}
	v.found = append(v.found, broken)
}

func isContainer(s *Shape) bool { return s.Kind == Structure || s.Kind == List || s.Kind == Map }

// sensitive tells whether a value of the shape may hold something that no error
// may repeat.
func sensitive(s *Shape) bool {
	if s == nil {
		return false
	}
	for _, m := range s.Members {
		if sensitive(m.Shape) {
			return true
		}
	}
	return s.Sensitive || s.Kind == Document || sensitive(s.Element) || sensitive(s.Key)
}

// join adds a member to a path as AWS writes it, with a small first letter.
func join(path, member string) string {
	member = strings.ToLower(member[:1]) + member[1:]
	if path == "" {
		return member
	}
	return path + "." + member
}
