package model

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Meets tells whether a value of the right type meets what its shape demands of it.
func Meets(s *Shape, value any) bool { return len(constraints(s, value)) == 0 }

// constraints returns what a non-nil value of the right type violates, in the
// order in which identitystore was seen to report: pattern, then length
// (awslabs/ssosync#280).
func constraints(s *Shape, value any) []violation {
	var found []violation
	switch value := value.(type) {
	case string:
		found = append(found, enumViolation(s, value)...)
		if s.Pattern != "" && !matchers()[s.Pattern].match(value) {
			found = append(found, violation{text: patternText(s), reason: "INVALID_PATTERN"})
		}
		return append(found, boundViolation(s, utf8.RuneCountInString(value))...)
	case []any:
		return boundViolation(s, len(value))
	case map[string]any:
		return boundViolation(s, len(value))
	case json.Number:
		if s.Kind != Integer {
			return nil
		}
		n, _ := strconv.Atoi(value.String()) // checkTypes let only 32-bit integers through
		return boundViolation(s, n)
	}
	return nil
}

func enumViolation(s *Shape, value string) []violation {
	if len(s.Enum) == 0 || slices.Contains(s.Enum, value) {
		return nil
	}
	return []violation{{text: enumText(s), reason: "INVALID_ENUM"}}
}

func boundViolation(s *Shape, n int) []violation {
	noun := "LENGTH"
	if s.Kind == Integer {
		noun = "VALUE"
	}
	switch {
	case s.Max != 0 && n > s.Max:
		return []violation{{text: maxText(s), reason: "MAX_" + noun + "_EXCEEDED"}}
	case s.Min != 0 && n < s.Min:
		return []violation{{text: minText(s), reason: "MIN_" + noun + "_EXCEEDED"}}
	}
	return nil
}

func enumText(s *Shape) string {
	return "Member must satisfy enum value set: [" + strings.Join(s.Enum, ", ") + "]"
}

func patternText(s *Shape) string {
	return "Member must satisfy regular expression pattern: " + s.Pattern
}

func maxText(s *Shape) string {
	return fmt.Sprintf("Member must have %s less than or equal to %d", measure(s), s.Max)
}

func minText(s *Shape) string {
	return fmt.Sprintf("Member must have %s greater than or equal to %d", measure(s), s.Min)
}

func measure(s *Shape) string {
	if s.Kind == Integer {
		return "value"
	}
	return "length"
}

// allConstraints lists all that an element must meet, broken or not, as AWS
// does where it names a list and not the element.
func allConstraints(s *Shape) string {
	var texts []string
	if s.Max != 0 {
		texts = append(texts, maxText(s))
	}
	if s.Min != 0 {
		texts = append(texts, minText(s))
	}
	if len(s.Enum) > 0 {
		texts = append(texts, enumText(s))
	}
	if s.Pattern != "" {
		texts = append(texts, patternText(s))
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// render writes a value as AWS echoes it: null bare, everything else quoted,
// lists and structures in Java's notation.
func render(s *Shape, value any) string {
	if value == nil {
		return "null"
	}
	return "'" + inner(s, value) + "'"
}

func inner(s *Shape, value any) string {
	switch value := value.(type) {
	case []any:
		parts := make([]string, len(value))
		for i, e := range value {
			parts[i] = inner(s.Element, e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		return object(s, value)
	case nil:
		return "null"
	}
	return fmt.Sprint(value)
}

func object(s *Shape, value map[string]any) string {
	var parts []string
	if s.Kind == Map {
		for _, k := range sortedKeys(value) {
			parts = append(parts, k+"="+inner(s.Element, value[k]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	for _, m := range s.Members {
		if e := value[m.Name]; e != nil {
			parts = append(parts, join("", m.Name)+"="+inner(m.Shape, e))
		}
	}
	return s.Name + "(" + strings.Join(parts, ", ") + ")"
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
