package config

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// cost says from a function's arguments, before it runs, how many bytes it
// makes at most and how many steps that takes, or that it is refused.
type cost func(args []cty.Value) (made, steps int, err error)

var (
	errTooMuch = errors.New("would make more data than any config needs")
	errDigits  = fmt.Errorf("reads a number of more than %d digits", maxDigits)
)

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
func (l *loader) bounded(name string, f function.Function, c cost) function.Function {
	return function.New(&function.Spec{Params: f.Params(), VarParam: f.VarParam(),
		Type: func(args []cty.Value) (cty.Type, error) {
			made, steps, err := c(args)
			if err != nil {
				return cty.NilType, l.deny(refusal{name, err})
			}
			if !l.meter.allows(made) || steps > maxSteps-l.meter.steps {
				l.meter.over = true
				return cty.NilType, errTooMuch
			}
			l.meter.steps += steps
			return f.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f.Call(args) },
	})
}

// refusal is why a function is not run.
type refusal struct {
	name string
	why  error
}

func (r refusal) Error() string { return r.name + " " + r.why.Error() }

// size returns at most how many bytes a value takes as text, and its parts.
func size(v cty.Value) (text, parts int) {
	if v, _ = v.Unmark(); !v.IsKnown() || v.IsNull() {
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
			inner, n := size(e)
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

func sizes(args []cty.Value) (text, parts int) {
	for _, a := range args {
		t, p := size(a)
		text, parts = text+t, parts+p
	}
	return text, parts
}

func costOfParts(args []cty.Value) (int, int, error) {
	_, parts := sizes(args)
	if parts > maxParts {
		return 0, 0, errTooMuch
	}
	return times(parts, 64), parts, nil
}

func costOfText(args []cty.Value) (int, int, error) {
	text, parts := sizes(args)
	return times(text, 6), parts, nil // \u0026 for &
}

func costOfProduct(args []cty.Value) (int, int, error) {
	product := 1
	for _, a := range args {
		product = times(product, length(a))
	}
	return times(times(product, len(args)+1), 64), times(product, len(args)+1), nil
}

func costOfJoin(args []cty.Value) (int, int, error) {
	text, parts := sizes(args)
	separator, _ := size(args[0])
	return text + times(separator, parts), parts, nil
}

func costOfPairs(args []cty.Value) (int, int, error) {
	n := length(args[0])
	return times(n, 64), times(n, n) / 2, nil
}

func length(v cty.Value) int {
	if v, _ = v.Unmark(); v.IsKnown() && !v.IsNull() && v.CanIterateElements() {
		return v.LengthInt()
	}
	return 1
}

// textOf returns the text of an argument, "" where there is none.
func textOf(args []cty.Value, i int) string {
	if i >= len(args) {
		return ""
	}
	v, _ := args[i].Unmark()
	if v.Type() != cty.String || !v.IsKnown() || v.IsNull() {
		return ""
	}
	return v.AsString()
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
	largest := 0
	for _, a := range args[1:] {
		text, _ := size(a)
		largest = max(largest, text)
	}
	made, err := formatted(textOf(args, 0), largest)
	return min(made, atMostOnce(textOf(args, 0), made, args[1:])), len(args), err
}

// atMostOnce is the closer bound where no argument is named by its number.
func atMostOnce(format string, otherwise int, args []cty.Value) int {
	if strings.Contains(format, "[") {
		return otherwise
	}
	text, _ := sizes(args)
	return len(format) + times(text, 6) + times(strings.Count(format, "%"), 2*maxWidth)
}

func costOfFormats(args []cty.Value) (int, int, error) {
	largest, n := 0, 1
	for _, a := range args[1:] {
		n = max(n, length(a))
		if v, _ := a.Unmark(); v.IsKnown() && !v.IsNull() && v.CanIterateElements() && !v.Type().IsObjectType() {
			for _, e := range v.Elements() {
				text, _ := size(e)
				largest = max(largest, text)
			}
			continue
		}
		text, _ := size(a)
		largest = max(largest, text)
	}
	made, err := formatted(textOf(args, 0), largest)
	return times(n, made+64), n, err
}

func costOfReplace(args []cty.Value) (int, int, error) {
	text, pattern, by := textOf(args, 0), textOf(args, 1), textOf(args, 2)
	if expr, ok := betweenSlashes(pattern); ok {
		n, _ := matches(expr, text)
		return len(text) + times(n, len(by)) + times(strings.Count(by, "$"), len(text)), n, nil
	}
	return len(text) + times(strings.Count(text, pattern), len(by)), 1, nil
}

func costOfMatches(args []cty.Value) (int, int, error) {
	n, groups := matches(textOf(args, 0), textOf(args, 1))
	return times(n, 128+64*groups) + len(textOf(args, 1)), n, nil
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
	text := textOf(args, 1)
	if !spaces.IsKnown() || spaces.IsNull() || spaces.Type() != cty.Number {
		return 0, 1, nil
	}
	n, _ := spaces.AsBigFloat().Int64()
	return len(text) + times(int(max(n, 0)), strings.Count(text, "\n")+1), 1, nil
}

func costOfSplit(args []cty.Value) (int, int, error) {
	n := strings.Count(textOf(args, 1), textOf(args, 0)) + 1
	return times(n, 64) + len(textOf(args, 1)), n, nil
}

func costOfCSV(args []cty.Value) (int, int, error) {
	text := textOf(args, 0)
	header, _, _ := strings.Cut(text, "\n")
	rows := strings.Count(text, "\n") + 1
	columns := strings.Count(header, ",") + 1
	return times(rows, 256+times(columns, 192)) + len(text), times(rows, columns), nil
}

func costOfJSON(args []cty.Value) (int, int, error) {
	text := []byte(textOf(args, 0))
	if digits := regexp.MustCompile(fmt.Sprintf(`[0-9]{%d}`, maxDigits)); digits.Match(text) {
		return 0, 0, errDigits
	}
	n := bytes.Count(text, []byte(",")) + bytes.Count(text, []byte("{")) + bytes.Count(text, []byte("["))
	return times(n, 192) + len(text), n, nil
}

func costOfDigits(args []cty.Value) (int, int, error) {
	if len(textOf(args, 0)) > maxDigits {
		return 0, 0, errDigits
	}
	return maxDigits, 1, nil
}

// distinct is the standard library's, which compares each with each, for all
// but texts.
func distinct(otherwise function.Function) function.Function {
	return function.New(&function.Spec{Params: otherwise.Params(),
		Type: func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if args[0].Type() != cty.List(cty.String) || !args[0].IsWhollyKnown() || args[0].LengthInt() == 0 {
				return otherwise.Call(args)
			}
			seen := map[string]bool{}
			var out []cty.Value
			for _, e := range args[0].Elements() {
				if e.IsNull() {
					return stdlib.DistinctFunc.Call(args)
				}
				if s := e.AsString(); !seen[s] {
					seen[s] = true
					out = append(out, e)
				}
			}
			return cty.ListVal(out), nil
		},
	})
}
