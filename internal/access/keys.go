package access

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// The one table of keys: Keys has every key that a config may have; its rows stand
// beside the structs that hold what was written. The loader, docs/config.md, the
// text rules of Check, the comparison of shared permission sets, the provider's
// arguments and its function config_problems are made from it.
//
// An optional key takes four steps, and a root test names the one that is missing:
//
//  1. keys_groups.go, keys_users.go or keys_policies.go: the field and its row
//  2. desired.go: what AWS is to have for it, and in Spec the way back
//  3. modules/identity-center/main.tf: in no_group or no_user, and in its resource
//  4. internal/tfprovider/keys_cases_test.go: values, and what AWS then holds
//
// Then the pages are written anew: go test -update, in internal/config and in
// internal/tfprovider -run Documentation. An attribute of AWS that rolecall does
// not know yet takes more: State, the plan and internal/identitycenter learn it.

// KeyDoc documents one key.
type KeyDoc struct {
	// Path leads to the key: "access_groups[].tags"; [] is any element of a list.
	Path     string `json:"path"`
	Type     string `json:"type"`
	Required bool   `json:"required,omitempty"`
	Default  string `json:"default,omitempty"`
	Meaning  string `json:"meaning"`
	// SetUps says where the key may be used; empty means in all four set-ups.
	SetUps string `json:"set_ups,omitempty"`
}

const (
	inExternal = "external"
	inInternal = "internal"
	inGroupsUs = "internal; external with scim_scope = \"users\""
)

// Kind is a kind of object of the config, with its keys.
type Kind struct {
	What string // "a user", for messages
	Keys []Key
}

// Key is one key of a kind of object. Its Path is the name alone.
type Key struct {
	KeyDoc
	Of   *Kind // what a list of objects holds
	Form Form
	// rule is what AWS takes as such a text, or as one of such a list; zero where
	// checkKeys has nothing to say of it.
	rule textRule
	// blank says that a required text may be empty, apart that another rule tells
	// that the key is lacking.
	blank, apart bool
	field        []int
}

// Form is a way in which a key may be written beside that of its type.
type Form int

// The forms.
const (
	Plain     Form = iota
	Accounts       // names and ids of accounts: a number is an id that lost its quotes
	OneOrMore      // a single text stands for a list of one
	IAM            // conditions as IAM writes them, { operator = { key = values } }
	Session        // a setting that takes what session_duration takes
)

// Keys returns the table: the keys of a config, which hold those of its parts.
func Keys() *Kind { return KindOf[Config]("the config", topKeys()...) }

// KindOf makes the kind of object that is read into a T: it finds the field for each
// key by its tag, and the key's type by the field's. A key without a field is a
// mistake in a table.
func KindOf[T any](what string, keys ...Key) *Kind {
	fields := reflect.VisibleFields(reflect.TypeFor[T]())
	for i := range keys {
		at := slices.IndexFunc(fields, func(f reflect.StructField) bool { return f.Tag.Get("key") == keys[i].Path })
		if at < 0 {
			panic(fmt.Sprintf("no field of %s has the key %q", reflect.TypeFor[T](), keys[i].Path))
		}
		keys[i].field = fields[at].Index
		switch reflect.Zero(fields[at].Type).Interface().(type) {
		case Text:
			keys[i].Type = "string"
		case List[Text]:
			keys[i].Type = "list(string)"
		case List[TagSpec]:
			keys[i].Type = "map(string)"
		case List[ConditionSpec]:
			keys[i].Type = "map(map(list(string))) or list(object)"
		case Number:
			keys[i].Type = "number"
		default:
			keys[i].Type = "list(object)"
		}
	}
	return &Kind{What: what, Keys: keys}
}

// At returns where an object, given as a pointer, keeps the key: a *Text, a
// *List[Text], a *List[TagSpec], a *Number or, where Of is set, a list as Objects.
func (k Key) At(object any) any {
	return reflect.ValueOf(object).Elem().FieldByIndex(k.field).Addr().Interface()
}

// RangeOf returns where an object, a text or a list, given as a pointer, keeps its
// own place.
func RangeOf(object any) *diag.Range {
	return reflect.ValueOf(object).Elem().FieldByName("Range").Addr().Interface().(*diag.Range)
}

// Objects is a list of objects of whatever kind.
type Objects interface {
	Add() any // a pointer to a new object, which holds until the next
}

// Add implements Objects.
func (l *List[T]) Add() any {
	l.Items = append(l.Items, *new(T))
	return &l.Items[len(l.Items)-1]
}

// In returns the kind of the objects that the list of this name holds, or of a
// list in those; nil where there is no such list.
func (k *Kind) In(names ...string) *Kind {
	for _, name := range names {
		i := slices.Index(k.Names(), name)
		if i < 0 || k.Keys[i].Of == nil {
			return nil
		}
		k = k.Keys[i].Of
	}
	return k
}

// Names returns the names of the keys, in the order of the table.
func (k *Kind) Names() []string {
	out := make([]string, len(k.Keys))
	for i, key := range k.Keys {
		out[i] = key.Path
	}
	return out
}

// Docs returns what there is to say of the keys and of what they hold: the pages of
// docs are made of it.
func (k *Kind) Docs() []KeyDoc {
	var out []KeyDoc
	for _, key := range k.Keys {
		out = append(out, key.KeyDoc)
		if key.Of == nil {
			continue
		}
		for _, d := range key.Of.Docs() {
			d.Path = key.Path + "[]." + d.Path
			out = append(out, d)
		}
	}
	return out
}

// checkKeys applies what the table says of one object's keys: that it is there,
// and what AWS takes. called names the object.
func (k *checker) checkKeys(kind *Kind, object any, called string) {
	for _, key := range kind.Keys {
		switch at := key.At(object).(type) {
		case *Text:
			needed := key.Required && !key.apart && (!key.blank || !at.Set())
			if (!needed || k.require(*at, key.Path, called, *RangeOf(object))) && key.rule.max > 0 {
				k.checkText(*at, key.rule)
			}
		case *List[Text]:
			if key.rule.max > 0 {
				k.checkList(*at, key.Path, key.rule)
			}
		}
	}
}
