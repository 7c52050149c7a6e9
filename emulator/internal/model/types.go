package model

import (
	"encoding/json"
	"strconv"
	"strings"
)

// checkTypes compares JSON types only. AWS refuses a wrong type while it still
// parses, before any constraint, and names the first that it meets.
func checkTypes(s *Shape, value any) error {
	if value == nil || s.Kind == Document {
		return nil
	}
	switch s.Kind {
	case Structure:
		return checkMembers(s, value)
	case Map:
		return checkEntries(s, value)
	case List:
		return checkElements(s, value)
	default:
		return checkScalar(s, value)
	}
}

func checkMembers(s *Shape, value any) error {
	object, ok := value.(map[string]any)
	if !ok {
		return serialization(structureGot(value))
	}
	for _, m := range s.Members {
		if err := checkTypes(m.Shape, object[m.Name]); err != nil {
			return err
		}
	}
	return nil
}

func checkEntries(s *Shape, value any) error {
	object, ok := value.(map[string]any)
	if !ok {
		return serialization(structureGot(value))
	}
	for _, k := range sortedKeys(object) {
		if err := checkTypes(s.Element, object[k]); err != nil {
			return err
		}
	}
	return nil
}

func checkElements(s *Shape, value any) error {
	list, ok := value.([]any)
	if !ok {
		if _, object := value.(map[string]any); object {
			return serialization("Start of structure or map found where not expected.")
		}
		return serialization("Expected list or null")
	}
	for _, e := range list {
		if e == nil && s.Element.Kind != Document {
			return serialization("Unexpected null value in a list")
		}
		if err := checkTypes(s.Element, e); err != nil {
			return err
		}
	}
	return nil
}

func checkScalar(s *Shape, value any) error {
	var ok bool
	switch v := value.(type) {
	case string:
		ok = s.Kind == String
	case bool:
		ok = s.Kind == Boolean
	case json.Number:
		ok = s.Kind == Timestamp || s.Kind == Integer && isInt32(v)
	case []any:
		return serialization("Start of list found where not expected")
	case map[string]any:
		return serialization("Start of structure or map found where not expected.")
	}
	if !ok {
		return serialization(token(value) + " can not be converted to " + javaType(s.Kind))
	}
	return nil
}

func isInt32(n json.Number) bool {
	_, err := strconv.ParseInt(n.String(), 10, 32)
	return err == nil
}

func structureGot(value any) string {
	if _, list := value.([]any); list {
		return "Start of list found where not expected"
	}
	return "Expected a structure or map, found " + token(value)
}

// token is the parser's name of a JSON token, as AWS's errors show it.
func token(value any) string {
	switch v := value.(type) {
	case string:
		return "STRING_VALUE"
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "DECIMAL_VALUE"
		}
		return "NUMBER_VALUE"
	case bool:
		if v {
			return "TRUE_VALUE"
		}
		return "FALSE_VALUE"
	}
	return "VALUE"
}

func javaType(k Kind) string {
	switch k {
	case String:
		return "a String"
	case Integer:
		return "an Integer"
	case Boolean:
		return "a Boolean"
	}
	return "a Timestamp"
}

func serialization(message string) error {
	return &Error{Code: "SerializationException", Message: message}
}
