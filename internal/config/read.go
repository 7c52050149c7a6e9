package config

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config/terragrunt"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// readText reads a string. What is wrong is reported, and the text then has a
// place and no value.
func (l *loader) readText(n terragrunt.Node, key string) access.Text { return l.readString(n, key, "") }

// readElement reads a string of a list.
func (l *loader) readElement(n terragrunt.Node, key string) access.Text {
	return l.readString(n, key, "an element of ")
}

func (l *loader) readString(n terragrunt.Node, key, of string) access.Text {
	n = l.Resolve(n)
	if l.Null(n) {
		return access.Text{}
	}
	at := n.Range()
	if n.Broken() {
		l.Unread[at] = true
		return access.Text{Range: at}
	}
	text, ok := l.Text(n)
	switch {
	case !ok:
		l.wrongType(n, of, key, "a string")
	case !l.CheckNumeral(n, text):
		text = ""
	}
	return access.Text{Value: text, Range: at}
}

func (l *loader) wrongType(n terragrunt.Node, of, key, want string) {
	if n.Unknown() {
		l.ReportUnknown()
	}
	l.Unread[n.Range()] = true
	l.Reportf(CodeWrongType, n.Range(), fmt.Sprintf("Write %s here.", want), "%s%q takes %s, not %s", of, key, want, l.Kind(n))
}

// readTexts reads a list of strings, each as read reads it.
func (l *loader) readTexts(n terragrunt.Node, key string, read func(l *loader, n terragrunt.Node, key string) access.Text) access.List[access.Text] {
	return readEach(l, n, key, "a list of strings", read)
}

// readOneOrMore reads a list of strings, or one string in place of a list of
// one, as IAM does.
func (l *loader) readOneOrMore(n terragrunt.Node, key string) access.List[access.Text] {
	n = l.Resolve(n)
	if _, ok := l.Text(n); ok {
		t := l.readText(n, key)
		return access.List[access.Text]{Items: []access.Text{t}, Range: t.Range}
	}
	return l.readTexts(n, key, (*loader).readElement)
}

// readAccount reads an account of a list. Ids are texts: in place of one, no number
// is what somebody meant.
func (l *loader) readAccount(n terragrunt.Node, key string) access.Text {
	n = l.Resolve(n)
	id, isNumber := l.Number(n)
	if !isNumber {
		return l.readElement(n, key)
	}
	at := n.Range()
	l.Unread[at] = true
	l.Reportf(CodeNumber, at, access.QuoteAccount(id), "an account id must be text, and this is a number")
	return access.Text{Range: at}
}

// readEach reads a list whose elements read reads.
func readEach[T any](l *loader, n terragrunt.Node, key, want string, read func(l *loader, n terragrunt.Node, key string) T) access.List[T] {
	n = l.Resolve(n)
	if l.Null(n) {
		return access.List[T]{}
	}
	out := access.List[T]{Range: n.Range()}
	if n.Broken() {
		l.Unread[out.Range] = true
		return out
	}
	elements, ok := l.Elements(n)
	if !ok {
		l.wrongType(n, "", key, want)
		return out
	}
	out.Items = make([]T, 0, len(elements))
	for _, e := range elements {
		if l.Found.Full() { // the config is not used any more
			break
		}
		e = l.Resolve(e)
		if e.Broken() {
			l.Unread[out.Range] = true
			continue
		}
		if l.Null(e) {
			l.Reportf(CodeNullElement, e.Range(), "Remove the element.", "an element of %q is null", key)
			continue
		}
		out.Items = append(out.Items, read(l, e, key))
	}
	return out
}

// readObjects reads a list of objects of the table of keys.
func (l *loader) readObjects(n terragrunt.Node, key string, o *object, to access.Objects) {
	list := readEach(l, n, key, "a list of objects", func(l *loader, n terragrunt.Node, _ string) struct{} {
		o.read(l, n, key, to.Add())
		return struct{}{}
	})
	*access.RangeOf(to) = list.Range
}

// readTags reads a map of strings. The order is that of the keys, however the
// map was made.
func (l *loader) readTags(n terragrunt.Node, key string) access.List[access.TagSpec] {
	var out access.List[access.TagSpec]
	for _, f := range l.readMap(n, key, "a map of strings", &out.Range) {
		f.Node = l.Resolve(f.Node)
		v := l.readText(f.Node, f.Name)
		if f.Node.Broken() {
			continue
		}
		if !v.Set() {
			l.Reportf(CodeNullElement, f.At, "Write a value, or remove the key.", "the value of %q in %q is null", f.Name, key)
			continue
		}
		out.Items = append(out.Items, access.TagSpec{Key: access.Text{Value: f.Name, Range: f.At}, Value: v})
	}
	return out
}

// readMap returns the keys of a map, sorted, each once.
func (l *loader) readMap(n terragrunt.Node, key, want string, at *diag.Range) []terragrunt.Field {
	n = l.Resolve(n)
	if n.Broken() || l.Null(n) {
		return nil
	}
	*at = n.Range()
	fields, ok := l.Fields(n)
	if !ok {
		l.wrongType(n, "", key, want)
		return nil
	}
	seen := map[string]diag.Range{}
	var out []terragrunt.Field
	for _, f := range fields {
		if first, dup := seen[f.Name]; dup {
			l.ReportDuplicate(f.Name, f.At, first)
			continue
		}
		seen[f.Name] = f.At
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b terragrunt.Field) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// readConditions reads the conditions of a statement in either form, see
// access.ConditionSpec.
func (l *loader) readConditions(n terragrunt.Node, key string, o *object) access.List[access.ConditionSpec] {
	var out access.List[access.ConditionSpec]
	n = l.Resolve(n)
	if _, ok := l.Elements(n); ok {
		l.readObjects(n, key, o, &out)
		return out
	}
	for _, op := range l.readMap(n, key, "an object of operators, or a list of objects", &out.Range) {
		var at diag.Range
		for _, k := range l.readMap(op.Node, op.Name, "an object of context keys", &at) {
			out.Items = append(out.Items, access.ConditionSpec{
				Operator: access.Text{Value: op.Name, Range: op.At},
				Key:      access.Text{Value: k.Name, Range: k.At},
				Values:   l.readOneOrMore(k.Node, k.Name),
				Range:    k.At,
			})
		}
	}
	return out
}
