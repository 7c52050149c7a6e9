// Package modeltest is what tests alone make of the table of package model: inputs of
// its operations, and the words that README.md has for them. It promises that the
// inputs are valid, and all the same for the same table.
package modeltest

import (
	"encoding/json"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rolecall-dev/rolecall/emulator/internal/model"
)

// Example returns a minimal valid input of an operation: its required members
// only, each as small as its constraints allow. It has the types that
// [model.Validate] takes, and each call makes a new value.
func Example(op *model.Operation) map[string]any { return exampleStructure(op.Input, false) }

// FullExample is as [Example] with every member set; of a union, the first.
func FullExample(op *model.Operation) map[string]any { return exampleStructure(op.Input, true) }

func exampleStructure(s *model.Shape, full bool) map[string]any {
	object := map[string]any{}
	for _, m := range s.Members {
		if s.Union && len(object) == 1 {
			break
		}
		if m.Required || full || s.Union {
			object[m.Name] = exampleValue(m.Shape, full)
		}
	}
	return object
}

func exampleValue(s *model.Shape, full bool) any {
	switch s.Kind {
	case model.Structure:
		return exampleStructure(s, full)
	case model.List:
		return []any{exampleValue(s.Element, full)}
	case model.Map:
		return map[string]any{exampleString(s.Key): exampleValue(s.Element, full)}
	case model.Integer:
		return json.Number(strconv.Itoa(max(s.Min, 1)))
	case model.Timestamp:
		return json.Number("0")
	case model.Boolean:
		return true
	case model.Document:
		return "value"
	}
	return exampleString(s)
}

// exampleString tries ever longer matches of the pattern until one meets every
// constraint.
func exampleString(s *model.Shape) string {
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	if s.Pattern == "" {
		return strings.Repeat("a", max(s.Min, 1))
	}
	for repeat := range 64 {
		candidate := shortest(s.Pattern, repeat)
		if candidate != "" && utf8.RuneCountInString(candidate) >= s.Min && model.Meets(s, candidate) {
			return candidate
		}
	}
	panic("make an example of shape " + s.Name) // a test makes every one
}

// shortest writes a match of the pattern in which whatever may repeat does so
// at least repeat times, as far as its own bounds allow.
func shortest(pattern string, repeat int) string {
	re, err := syntax.Parse(model.RE2(pattern)[0], syntax.Perl)
	if err != nil {
		return ""
	}
	var b strings.Builder
	writeMatch(&b, re, repeat)
	return b.String()
}

func writeMatch(b *strings.Builder, re *syntax.Regexp, repeat int) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteRune(sample(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('a')
	case syntax.OpAlternate:
		writeMatch(b, re.Sub[0], repeat)
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			writeMatch(b, sub, repeat)
		}
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		for range repetitions(re, repeat) {
			writeMatch(b, re.Sub[0], repeat)
		}
	}
}

func repetitions(re *syntax.Regexp, repeat int) int {
	switch re.Op {
	case syntax.OpPlus:
		return max(1, repeat)
	case syntax.OpQuest:
		return min(1, repeat)
	case syntax.OpRepeat:
		if re.Max >= 0 {
			repeat = min(repeat, re.Max)
		}
		return max(re.Min, repeat)
	}
	return repeat
}

// sample picks a readable member of a class (pairs of first and last rune).
func sample(class []rune) rune {
	for _, want := range "a1A/-" {
		for i := 0; i+1 < len(class); i += 2 {
			if class[i] <= want && want <= class[i+1] {
				return want
			}
		}
	}
	return class[0]
}
