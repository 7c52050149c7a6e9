package config

import (
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config/terragrunt"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// object is a kind of object, of the config or of the settings, as it is read: by
// the rows of its table.
type object struct {
	*access.Kind
	index map[string]int
	inner []*object // of the keys that hold objects
}

func newObject(kind *access.Kind) *object {
	o := &object{kind, make(map[string]int, len(kind.Keys)), make([]*object, len(kind.Keys))}
	for i, k := range kind.Keys {
		if o.index[k.Path] = i; k.Of != nil {
			o.inner[i] = newObject(k.Of)
		}
	}
	return o
}

func (o *object) has(name string) bool { _, ok := o.index[name]; return ok }

// read reads a resolved node into out.
func (o *object) read(l *loader, n terragrunt.Node, name string, out any) {
	*access.RangeOf(out) = n.Range()
	fields, ok := l.Fields(n)
	if !ok {
		l.wrongType(n, "an element of ", name, "an object")
		return
	}
	o.readFields(l, fields, out)
}

func (o *object) readFields(l *loader, fields []terragrunt.Field, out any) {
	var first [32]int // by key, 1 + the field that set it; no object has more keys
	for i, f := range fields {
		if l.Found.Full() { // the config is not used any more
			return
		}
		k, ok := o.index[f.Name]
		if !ok {
			o.reportUnknown(l, f.Name, f.At)
			continue
		}
		if first[k] > 0 {
			l.ReportDuplicate(f.Name, f.At, fields[first[k]-1].At)
			continue
		}
		first[k] = i + 1
		o.readKey(l, k, out, f.Node)
	}
}

// readKey reads the key at an index of the table to where the object keeps it.
func (o *object) readKey(l *loader, i int, out any, n terragrunt.Node) {
	k, name := o.Keys[i], o.Keys[i].Path
	switch to := k.At(out).(type) {
	case *text:
		*to = l.readText(n, name)
		if k.Form == access.Session {
			l.checkSession(to)
		}
	case *texts:
		switch k.Form {
		case access.Accounts:
			*to = l.readTexts(n, name, (*loader).readAccount)
		case access.OneOrMore:
			*to = l.readOneOrMore(n, name)
		default:
			*to = l.readTexts(n, name, (*loader).readElement)
		}
	case *Number:
		*to = l.readNumber(n, name)
	case *access.List[access.TagSpec]:
		*to = l.readTags(n, name)
	case *access.List[access.ConditionSpec]:
		*to = l.readConditions(n, name, o.inner[i])
	case access.Objects:
		l.readObjects(n, name, o.inner[i], to)
	}
}

func (o *object) reportUnknown(l *loader, name string, at diag.Range) {
	hint := names.DidYouMean(names.Nearest(name, o.Names()), "Remove it; docs/config.md lists the keys.")
	l.Reportf(CodeUnknownKey, at, hint, "%s has no key %q", o.What, name)
}
