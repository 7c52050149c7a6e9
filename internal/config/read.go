package config

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// readText reads a string. What is wrong is reported, and the text then has a
// place and no value.
func (l *loader) readText(n node, key string) access.Text { return l.readString(n, key, "") }

// readElement reads a string of a list.
func (l *loader) readElement(n node, key string) access.Text {
	return l.readString(n, key, "an element of ")
}

func (l *loader) readString(n node, key, of string) access.Text {
	n = l.settle(n)
	if l.null(n) {
		return access.Text{}
	}
	at := n.place()
	if n.broken() {
		l.unread[at] = true
		return access.Text{Range: at}
	}
	text, ok := l.text(n)
	switch {
	case !ok:
		l.wrongType(n, of, key, "a string")
	case !l.checkNumeral(n, text):
		text = ""
	}
	return access.Text{Value: text, Range: at}
}

func (l *loader) wrongType(n node, of, key, want string) {
	if n.made != nil && !n.made.val.IsKnown() {
		l.reportUnknown()
	}
	l.unread[n.place()] = true
	l.reportf(CodeWrongType, n.place(), fmt.Sprintf("Write %s here.", want), "%s%q takes %s, not %s", of, key, want, l.kind(n))
}

// readTexts reads a list of strings.
func (l *loader) readTexts(n node, key string) access.List[access.Text] {
	return readEach(l, n, key, "a list of strings", (*loader).readElement)
}

// readOneOrMore reads a list of strings, or one string in place of a list of
// one, as IAM does.
func (l *loader) readOneOrMore(n node, key string) access.List[access.Text] {
	n = l.settle(n)
	if _, ok := l.text(n); ok {
		t := l.readText(n, key)
		return access.List[access.Text]{Items: []access.Text{t}, Range: t.Range}
	}
	return l.readTexts(n, key)
}

// readEach reads a list whose elements read reads.
func readEach[T any](l *loader, n node, key, want string, read func(l *loader, n node, key string) T) access.List[T] {
	n = l.settle(n)
	if l.null(n) {
		return access.List[T]{}
	}
	out := access.List[T]{Range: n.place()}
	if n.broken() {
		l.unread[out.Range] = true
		return out
	}
	elements, ok := n.elements()
	if !ok {
		l.wrongType(n, "", key, want)
		return out
	}
	out.Items = make([]T, 0, len(elements))
	for _, e := range elements {
		if l.found.Full() { // the config is not used any more
			break
		}
		e = l.settle(e)
		if e.broken() {
			l.unread[out.Range] = true
			continue
		}
		if l.null(e) {
			l.reportf(CodeNullElement, e.place(), "Remove the element.", "an element of %q is null", key)
			continue
		}
		out.Items = append(out.Items, read(l, e, key))
	}
	return out
}

// readObjects reads a list of objects of the table of keys.
func (l *loader) readObjects(n node, key string, o *object, to access.Objects) {
	list := readEach(l, n, key, "a list of objects", func(l *loader, n node, _ string) struct{} {
		o.read(l, n, key, to.Add())
		return struct{}{}
	})
	*access.PlaceOf(to) = list.Range
}

// readTags reads a map of strings. The order is that of the keys, however the
// map was made.
func (l *loader) readTags(n node, key string) access.List[access.TagSpec] {
	var out access.List[access.TagSpec]
	for _, f := range l.readMap(n, key, "a map of strings", &out.Range) {
		f.node = l.settle(f.node)
		v := l.readText(f.node, f.name)
		if f.node.broken() {
			continue
		}
		if !v.Set() {
			l.reportf(CodeNullElement, f.at, "Write a value, or remove the key.", "the value of %q in %q is null", f.name, key)
			continue
		}
		out.Items = append(out.Items, access.TagSpec{Key: access.Text{Value: f.name, Range: f.at}, Value: v})
	}
	return out
}

// readMap returns the keys of a map, sorted, each once.
func (l *loader) readMap(n node, key, want string, at *diag.Range) []field {
	n = l.settle(n)
	if n.broken() || l.null(n) {
		return nil
	}
	*at = n.place()
	fields, ok := l.members(n)
	if !ok {
		l.wrongType(n, "", key, want)
		return nil
	}
	seen := map[string]diag.Range{}
	var out []field
	for _, f := range fields {
		if first, dup := seen[f.name]; dup {
			l.duplicate(f.name, f.at, first)
			continue
		}
		seen[f.name] = f.at
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b field) int { return cmp.Compare(a.name, b.name) })
	return out
}

// readConditions reads the conditions of a statement in either form, see
// access.ConditionSpec.
func (l *loader) readConditions(n node, key string, o *object) access.List[access.ConditionSpec] {
	var out access.List[access.ConditionSpec]
	n = l.settle(n)
	if _, ok := n.elements(); ok {
		l.readObjects(n, key, o, &out)
		return out
	}
	for _, op := range l.readMap(n, key, "an object of operators, or a list of objects", &out.Range) {
		var at diag.Range
		for _, k := range l.readMap(op.node, op.name, "an object of context keys", &at) {
			out.Items = append(out.Items, access.ConditionSpec{
				Operator: access.Text{Value: op.name, Range: op.at},
				Key:      access.Text{Value: k.name, Range: k.at},
				Values:   l.readOneOrMore(k.node, k.name),
				Range:    k.at,
			})
		}
	}
	return out
}
