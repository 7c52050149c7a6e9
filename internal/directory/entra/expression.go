package entra

import (
	"strconv"
	"strings"
)

// expression is what an attribute in AWS is made of: an attribute of the person,
// a constant, or a function of other expressions
// (learn.microsoft.com/entra/identity/app-provisioning/functions-for-customizing-application-data).
type expression struct {
	attribute string
	constant  string
	function  string
	args      []expression
}

// parseExpression reads one; ok is false where it is of another form.
func parseExpression(text string) (expression, bool) {
	p := parser{text}
	e, ok := p.expression()
	return e, ok && p.blank() == ""
}

type parser struct{ rest string }

func (p *parser) blank() string {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	return p.rest
}

func (p *parser) expression() (expression, bool) {
	switch text := p.blank(); {
	case strings.HasPrefix(text, "["):
		name, rest, ok := strings.Cut(text[1:], "]")
		p.rest = rest
		return expression{attribute: name}, ok && name != ""
	case strings.HasPrefix(text, `"`):
		return p.quoted()
	case text != "" && strings.Contains("-0123456789", text[:1]):
		end := strings.IndexAny(text, ",) ")
		if end < 0 {
			end = len(text)
		}
		p.rest = text[end:]
		return expression{constant: text[:end]}, true
	default:
		name, _, ok := strings.Cut(text, "(")
		if !ok || name == "" || strings.ContainsAny(name, `[]",) `) {
			return expression{}, false
		}
		p.rest = text[len(name)+1:]
		return p.arguments(name)
	}
}

// quoted reads a constant, in which a backslash escapes.
func (p *parser) quoted() (expression, bool) {
	var out strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '"':
			p.rest = p.rest[i+1:]
			return expression{constant: out.String()}, true
		case c == '\\' && i+1 < len(p.rest):
			i++
			out.WriteByte(p.rest[i])
		default:
			out.WriteByte(c)
		}
	}
	return expression{}, false
}

// arguments reads what is in a function's parentheses; one may be left out.
func (p *parser) arguments(function string) (expression, bool) {
	e := expression{function: function}
	for {
		text := p.blank()
		var arg expression
		ok := true
		if !strings.HasPrefix(text, ",") && !strings.HasPrefix(text, ")") {
			arg, ok = p.expression()
		}
		text = p.blank()
		if !ok || text == "" || text[0] != ',' && text[0] != ')' {
			return e, false
		}
		e.args = append(e.args, arg)
		p.rest = text[1:]
		if text[0] == ')' {
			return e, true
		}
	}
}

// value works an expression out for a person; ok is false where rolecall cannot.
func (e expression) value(o object) (value string, ok bool) {
	switch {
	case e.attribute != "":
		return o.attribute(e.attribute)
	case e.function == "":
		return e.constant, true
	}
	if e.function == "Item" {
		return e.item(o)
	}
	var args []string
	for _, arg := range e.args {
		value, ok := arg.value(o)
		if !ok {
			return "", false
		}
		args = append(args, value)
	}
	return apply(e.function, args)
}

// item works out Item(Split(text, separator), number), which counts from one. What
// else has several values is not read.
func (e expression) item(o object) (string, bool) {
	if len(e.args) != 2 || e.args[0].function != "Split" || len(e.args[0].args) != 2 {
		return "", false
	}
	text, ok := e.args[0].args[0].value(o)
	separator, known := e.args[0].args[1].value(o)
	number, err := strconv.Atoi(e.args[1].constant)
	if !ok || !known || separator == "" || err != nil {
		return "", false
	}
	parts := strings.Split(text, separator)
	if number < 1 || number > len(parts) {
		return "", false
	}
	return parts[number-1], true
}

// parts are the values of the attributes that are in it, as far as they are known.
func (e expression) parts(o object) (all []string) {
	if value, ok := o.attribute(e.attribute); ok {
		all = append(all, value)
	}
	for _, arg := range e.args {
		all = append(all, arg.parts(o)...)
	}
	return all
}

// apply is what the functions do that make a name of a name. The others change it
// in ways that hang on more than the person.
func apply(function string, args []string) (string, bool) {
	switch function {
	case "ToLower":
		return strings.ToLower(args[0]), true
	case "ToUpper":
		return strings.ToUpper(args[0]), true
	case "StripSpaces":
		return strings.ReplaceAll(args[0], " ", ""), true
	case "Trim":
		return strings.TrimSpace(args[0]), true
	case "Append":
		return strings.Join(args, ""), true
	case "Join":
		return strings.Join(args[1:], args[0]), true
	case "Coalesce":
		for _, arg := range args {
			if arg != "" {
				return arg, true
			}
		}
		return "", true
	}
	return "", false
}
