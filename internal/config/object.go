package config

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// key is one key that an object takes: what docs/config.md says of it, and how
// it is read. Those of access are made from the table in internal/access, those of
// the settings stand here.
type key[T any] struct {
	doc  KeyDoc // with the name alone as its path
	read func(l *loader, out *T, n node, name string)
}

// object is a kind of object of the config: its keys, by name.
type object[T any] struct {
	what  string // "a user", for messages
	keys  []key[T]
	index map[string]int
	place func(*T) *diag.Range // where T keeps its own place, or nil
}

func newObject[T any](what string, keys []key[T], place func(*T) *diag.Range) *object[T] {
	o := &object[T]{what: what, keys: keys, index: make(map[string]int, len(keys)), place: place}
	for i, k := range keys {
		o.index[k.doc.Path] = i
	}
	return o
}

func (o *object[T]) has(name string) bool { _, ok := o.index[name]; return ok }

func (o *object[T]) names() []string {
	out := make([]string, len(o.keys))
	for i, k := range o.keys {
		out[i] = k.doc.Path
	}
	return out
}

// read reads a settled node into out.
func (o *object[T]) read(l *loader, n node, name string, out *T) {
	if o.place != nil {
		*o.place(out) = n.place()
	}
	fields, ok := l.members(n)
	if !ok {
		l.wrongType(n, "an element of ", name, "an object")
		return
	}
	o.readFields(l, fields, out)
}

func (o *object[T]) readFields(l *loader, fields []field, out *T) {
	var first [32]int // by key, 1 + the field that set it; no object has more keys
	for i, f := range fields {
		if l.found.Full() { // the config is not used any more
			return
		}
		k, ok := o.index[f.name]
		if !ok {
			o.reportUnknown(l, f.name, f.at)
			continue
		}
		if first[k] > 0 {
			l.duplicate(f.name, f.at, fields[first[k]-1].at)
			continue
		}
		first[k] = i + 1
		o.keys[k].read(l, out, f.node, f.name)
	}
}

func (o *object[T]) reportUnknown(l *loader, name string, at diag.Range) {
	d := diag.Diagnostic{Code: CodeUnknownKey, Range: at, Summary: fmt.Sprintf("%s has no key %q", o.what, name),
		Hint: "Remove it; docs/config.md lists the keys."}
	if near := access.Nearest(name, o.names()); near != "" {
		d.Hint = fmt.Sprintf("Did you mean %q?", near)
	}
	l.report(d)
}
