package terragrunt

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// cost says from a function's arguments, before it runs, how many bytes it
// makes at most and how many steps that takes, or that it is refused.
type cost func(args []cty.Value) (made, steps int, err error)

var (
	errTooMuch = errors.New("would make more data than any config needs")
	errDigits  = fmt.Errorf("reads a number of more than %d digits", maxDigits)
)

// maxParts bounds the data that a local may grow into: list elements, and
// kilobytes of text.
const maxParts = 1_000_000

// maxWidth bounds what %5d and %.3f write, which Go's own fmt makes
// %!(BADWIDTH) of above a million.
const maxWidth = 1000

// costs are those of the functions whose answer may be much larger than their
// arguments, or takes long.
func costs() map[string]cost {
	return map[string]cost{
		"concat": costOfParts, "flatten": costOfParts, "setproduct": costOfProduct, "jsonencode": costOfText, "join": costOfJoin,
		"format": costOfFormat, "formatlist": costOfFormats, "replace": costOfReplace, "indent": costOfIndent, "split": costOfSplit,
		"csvdecode": costOfCSV, "jsondecode": costOfJSON, "regexall": costOfMatches, "regex": costOfMatches, "parseint": costOfDigits,
		"distinct": costOfPairs, "chunklist": costOfParts, "index": costOfParts, "contains": costOfParts, "tolist": costOfParts, "toset": costOfParts,
		"setintersection": costOfParts, "setsubtract": costOfParts, "setunion": costOfParts, "compact": costOfParts,
	}
}

// bounded is a function that runs only where its cost is left.
func (ev *Evaluator) bounded(name string, f function.Function, c cost) function.Function {
	return function.New(&function.Spec{Params: f.Params(), VarParam: f.VarParam(),
		Type: func(args []cty.Value) (cty.Type, error) {
			made, steps, err := c(args)
			if err != nil {
				return cty.NilType, ev.deny(refusal{fmt.Errorf("%s %w", name, err)})
			}
			if !ev.meter.allows(steps, made) {
				ev.meter.over = true
				return cty.NilType, errTooMuch
			}
			ev.meter.steps += steps
			return f.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f.Call(args) },
	})
}

// refusal is why a function is not run.
type refusal struct{ error }

// size returns at most how many bytes values take as text, and their parts.
func size(values ...cty.Value) (text, parts int) {
	for _, v := range values {
		t, p := sizeOf(v)
		text, parts = text+t, parts+p
	}
	return text, parts
}

func sizeOf(v cty.Value) (text, parts int) {
	if v, _ = v.Unmark(); !present(v) {
		return 4, 1
	}
	switch t := v.Type(); {
	case t == cty.String:
		return len(v.AsString()), 1
	case v.CanIterateElements():
		text, parts = 2, 1
		for k, e := range v.Elements() {
			if t.IsObjectType() || t.IsMapType() {
				text += len(k.AsString()) + 3
			}
			inner, n := sizeOf(e)
			text, parts = text+inner+3, parts+n
			if parts > maxParts {
				return times(text, maxParts), parts
			}
		}
		return text, parts
	default:
		return 160, 1 // a number has at most 2^±256, see writable
	}
}

// largest returns the most bytes that one of the values takes as text.
func largest(values []cty.Value) int {
	most := 0
	for _, v := range values {
		text, _ := size(v)
		most = max(most, text)
	}
	return most
}

// times multiplies sizes, without overflow.
func times(a, b int) int {
	if a > 0 && b > math.MaxInt/4/a {
		return math.MaxInt / 4
	}
	return a * b
}

// within says that a value has at most limit parts.
func within(v cty.Value, limit int) bool {
	left := limit
	var walk func(cty.Value) bool
	walk = func(v cty.Value) bool {
		v, _ = v.Unmark()
		if left--; left < 0 || !present(v) {
			return left >= 0
		}
		if v.Type() == cty.String {
			left -= len(v.AsString()) / 1024
			return left >= 0
		}
		if v.CanIterateElements() {
			for _, e := range v.Elements() {
				if !walk(e) {
					return false
				}
			}
		}
		return true
	}
	return walk(v)
}

func costOfParts(args []cty.Value) (int, int, error) {
	_, parts := size(args...)
	if parts > maxParts {
		return 0, 0, errTooMuch
	}
	return times(parts, 64), parts, nil
}

func costOfText(args []cty.Value) (int, int, error) {
	text, parts := size(args...)
	return times(text, 6), parts, nil // \u0026 for &
}

func costOfProduct(args []cty.Value) (int, int, error) {
	parts := len(args) + 1
	for _, a := range args {
		parts = times(parts, length(a))
	}
	return times(parts, 64), parts, nil
}

func costOfJoin(args []cty.Value) (int, int, error) {
	text, parts := size(args...)
	separator, _ := size(args[0])
	return text + times(separator, parts), parts, nil
}

func costOfPairs(args []cty.Value) (int, int, error) {
	n := length(args[0])
	return times(n, 64), times(n, n) / 2, nil
}

func length(v cty.Value) int {
	if v, _ = v.Unmark(); present(v) && v.CanIterateElements() {
		return v.LengthInt()
	}
	return 1
}

// argument returns the text of an argument, "" where there is none.
func argument(args []cty.Value, i int) string {
	if i >= len(args) {
		return ""
	}
	text, _ := textOf(args[i])
	return text
}

var widthPattern = regexp.MustCompile(`%[^%a-zA-Z]*?(\d{4,})`)

// formatted returns what one text of a format has at most.
func formatted(format string, largest int) (int, error) {
	for _, m := range widthPattern.FindAllStringSubmatch(format, -1) {
		if len(m[1]) > 4 || m[1] > fmt.Sprint(maxWidth) {
			return 0, fmt.Errorf("pads to more than %d characters", maxWidth)
		}
	}
	return len(format) + times(strings.Count(format, "%"), times(largest, 6)+2*maxWidth), nil
}

func costOfFormat(args []cty.Value) (int, int, error) {
	format, rest := argument(args, 0), args[1:]
	made, err := formatted(format, largest(rest))
	if !strings.Contains(format, "[") { // no argument is named by its number: each is there at most once
		text, _ := size(rest...)
		made = min(made, len(format)+times(text, 6)+times(strings.Count(format, "%"), 2*maxWidth))
	}
	return made, len(args), err
}

func costOfFormats(args []cty.Value) (int, int, error) {
	most, n := 0, 1
	for _, a := range args[1:] {
		n = max(n, length(a))
		parts := []cty.Value{a}
		if v, _ := a.Unmark(); present(v) && v.CanIterateElements() && !v.Type().IsObjectType() {
			parts = v.AsValueSlice()
		}
		most = max(most, largest(parts))
	}
	made, err := formatted(argument(args, 0), most)
	return times(n, made+64), n, err
}

func costOfReplace(args []cty.Value) (int, int, error) {
	text, pattern, by := argument(args, 0), argument(args, 1), argument(args, 2)
	if expr, ok := betweenSlashes(pattern); ok {
		n, _ := matches(expr, text)
		return len(text) + times(n, len(by)) + times(strings.Count(by, "$"), len(text)), n, nil
	}
	return len(text) + times(strings.Count(text, pattern), len(by)), 1, nil
}

func costOfMatches(args []cty.Value) (int, int, error) {
	n, groups := matches(argument(args, 0), argument(args, 1))
	return times(n, 128+64*groups) + len(argument(args, 1)), n, nil
}

// matches returns how often a pattern matches, and its groups.
func matches(expr, text string) (n, groups int) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return 0, 0 // which the function says
	}
	return len(re.FindAllStringIndex(text, maxParts)), re.NumSubexp()
}

func costOfIndent(args []cty.Value) (int, int, error) {
	spaces, _ := args[0].Unmark()
	text := argument(args, 1)
	if !present(spaces) || spaces.Type() != cty.Number {
		return 0, 1, nil
	}
	n, _ := spaces.AsBigFloat().Int64()
	return len(text) + times(int(max(n, 0)), strings.Count(text, "\n")+1), 1, nil
}

func costOfSplit(args []cty.Value) (int, int, error) {
	n := strings.Count(argument(args, 1), argument(args, 0)) + 1
	return times(n, 64) + len(argument(args, 1)), n, nil
}

func costOfCSV(args []cty.Value) (int, int, error) {
	text := argument(args, 0)
	header, _, _ := strings.Cut(text, "\n")
	rows := strings.Count(text, "\n") + 1
	columns := strings.Count(header, ",") + 1
	return times(rows, 256+times(columns, 192)) + len(text), times(rows, columns), nil
}

var manyDigits = regexp.MustCompile(fmt.Sprintf(`[0-9]{%d}`, maxDigits))

func costOfJSON(args []cty.Value) (int, int, error) {
	text := []byte(argument(args, 0))
	if manyDigits.Match(text) {
		return 0, 0, errDigits
	}
	n := bytes.Count(text, []byte(",")) + bytes.Count(text, []byte("{")) + bytes.Count(text, []byte("["))
	return times(n, 192) + len(text), n, nil
}

func costOfDigits(args []cty.Value) (int, int, error) {
	if len(argument(args, 0)) > maxDigits {
		return 0, 0, errDigits
	}
	return maxDigits, 1, nil
}
