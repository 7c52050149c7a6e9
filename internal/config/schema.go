package config

import (
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// KeyDoc documents one key.
type KeyDoc = access.KeyDoc

type (
	text  = access.Text
	texts = access.List[access.Text]
)

// Schema gives every key of an access config.
func Schema() []KeyDoc { return access.Keys().Docs() }

// ModuleKeys are keys that stand beside the config in a Terraform module's
// variables, with the same meaning as in rolecall.hcl.
func ModuleKeys() []KeyDoc {
	return []KeyDoc{{Path: "owner", Type: "string", Meaning: "The owner, as in `rolecall.hcl`; written in both, they must be equal."}}
}

// tableObject is an object of the table of keys. What it is read into is held as
// the pointer that the table takes.
func tableObject(kind *access.Kind) *object[any] {
	keys := make([]key[any], len(kind.Keys))
	for i, k := range kind.Keys {
		var inner *object[any]
		if k.Of != nil {
			inner = tableObject(k.Of)
		}
		keys[i] = key[any]{doc: k.KeyDoc, read: func(l *loader, out *any, n node, name string) { l.readKey(k, inner, k.At(*out), n, name) }}
	}
	return newObject(kind.What, keys, func(out *any) *diag.Range { return access.PlaceOf(*out) })
}

// readKey reads one key of the table to where its object keeps it.
func (l *loader) readKey(k access.Key, inner *object[any], to any, n node, name string) {
	switch to := to.(type) {
	case *text:
		*to = l.readText(n, name)
	case *texts:
		switch k.Form {
		case access.Accounts:
			*to = l.readAccounts(n, name)
		case access.OneOrMore:
			*to = l.readOneOrMore(n, name)
		default:
			*to = l.readTexts(n, name)
		}
	case *access.List[access.TagSpec]:
		*to = l.readTags(n, name)
	case *access.List[access.ConditionSpec]:
		*to = l.readConditions(n, name, inner)
	case access.Objects:
		l.readObjects(n, name, inner, to)
	}
}

// textKey is a key of type string.
func textKey[T any](doc KeyDoc, at func(*T) *text) key[T] {
	doc.Type = "string"
	return key[T]{doc: doc, read: func(l *loader, out *T, n node, name string) { *at(out) = l.readText(n, name) }}
}

// listKey is a key of type list(string).
func listKey[T any](doc KeyDoc, at func(*T) *texts) key[T] {
	doc.Type = "list(string)"
	return key[T]{doc: doc, read: func(l *loader, out *T, n node, name string) { *at(out) = l.readTexts(n, name) }}
}
