package access

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// The one table of keys: Keys has every key that a config may have, and beside
// each field of Config, UserSpec, GroupSpec and their parts stands its row. The
// loader, docs/config.md, the text rules of Check, the comparison of shared
// permission sets, the provider's arguments, and its function config_problems
// are made from it; tests hold the module and the cases of each key to it.
//
// A new key takes these steps, and a root test names the one that is missing:
//
//  1. here, in keys_groups.go, keys_users.go or keys_policies.go: the field and
//     its row, with its text rule and what it decides of a permission set;
//  2. desired.go: what AWS is to have for it, and its way back from there;
//  3. modules/identity-center/main.tf: the key in no_group or no_user, and passed
//     to the resource;
//  4. internal/tfprovider/keys_cases_test.go: values, and what AWS then holds.
//
// Then the pages are written anew, with -update (internal/config,
// internal/tfprovider). An attribute of AWS that rolecall does not know yet takes
// more: State, the plan and internal/identitycenter have to learn it.

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
	// Place returns where an object, given as a pointer, keeps its own place; nil
	// for the config as a whole.
	Place func(object any) *diag.Range
}

// Key is one key of a kind of object. Its Path is the name alone.
type Key struct {
	KeyDoc
	// At returns where an object, given as a pointer, keeps the key: a *Text, a
	// *List[Text], a *List[TagSpec] or, where Of is set, a list as Objects.
	At func(object any) any
	Of *Kind
	// Form says that it may be written in another way than its type says.
	Form Form
	// Content returns what of a PermissionSet, or of a User, the key decides; nil
	// for a key that is no part of one. Groups that share a set are equal in it, and
	// Spec of both is the way back.
	Content func(of any) any

	rule     *textRule
	hint     string // where it is lacking and is no text
	mayBlank bool   // it must be written, even if as an empty text
	apart    bool   // that it is lacking is told by a rule of its own
}

// Form is a way in which a key may be written beside that of its type.
type Form int

// The forms.
const (
	Plain     Form = iota
	Accounts       // names and ids of accounts: a number is an id that lost its quotes
	OneOrMore      // a single text stands for a list of one
	IAM            // conditions as IAM writes them, { operator = { key = values } }
)

// Objects is a list of objects of whatever kind.
type Objects interface {
	// Add adds an object and returns a pointer to it.
	Add() any
	// All returns a pointer to each object.
	All() []any
	Place() *diag.Range
}

// Add adds an element and returns a pointer to it, which holds until the next.
func (l *List[T]) Add() any {
	l.Items = append(l.Items, *new(T))
	return &l.Items[len(l.Items)-1]
}

// All returns a pointer to each element.
func (l *List[T]) All() []any {
	out := make([]any, len(l.Items))
	for i := range l.Items {
		out[i] = &l.Items[i]
	}
	return out
}

// Place returns where the list keeps its own place.
func (l *List[T]) Place() *diag.Range { return &l.Range }

// Keys returns the table: the keys of a config, which hold those of its parts.
func Keys() *Kind {
	policies := inlinePolicyKind()
	return &Kind{What: "the config", Keys: topKeys(userKind(), accessGroupKind(policies), externalGroupKind(policies))}
}

// In returns the kind of the objects that the list of this name holds, or of a
// list in those; nil where there is no such list.
func (k *Kind) In(names ...string) *Kind {
	for _, name := range names {
		i := slices.IndexFunc(k.Keys, func(key Key) bool { return key.Path == name })
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

// Docs returns what there is to say of the keys and of what they hold.
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

func newKind[T any](what string, place func(*T) *diag.Range, keys ...Key) *Kind {
	return &Kind{What: what, Keys: keys, Place: func(object any) *diag.Range { return place(object.(*T)) }}
}

// newKey makes a row; at returns the field, which is one that Key.At may return.
func newKey[T, F any](typ string, doc KeyDoc, at func(*T) *F) Key {
	doc.Type = typ
	return Key{KeyDoc: doc, At: func(object any) any { return at(object.(*T)) }}
}

func textKey[T any](doc KeyDoc, at func(*T) *Text) Key { return newKey("string", doc, at) }

func textsKey[T any](doc KeyDoc, at func(*T) *List[Text]) Key {
	return newKey("list(string)", doc, at)
}

func objectsKey[T, E any](doc KeyDoc, of *Kind, at func(*T) *List[E]) Key {
	key := newKey("list(object)", doc, at)
	key.Of = of
	return key
}

// takes adds what AWS takes as such a text, or as one of such a list.
func (k Key) takes(r textRule) Key { k.rule = &r; return k }

// ofSet adds what of a permission set the key decides.
func (k Key) ofSet(content func(PermissionSet) any) Key {
	k.Content = func(of any) any { return content(of.(PermissionSet)) }
	return k
}

// ofUser adds what of a user the key decides.
func (k Key) ofUser(content func(User) any) Key {
	k.Content = func(of any) any { return content(of.(User)) }
	return k
}

func (k Key) toldApart() Key { k.apart = true; return k }

// checkKeys applies what the table says of one object's keys: that it is there,
// and what AWS takes. called names the object.
func (k *checker) checkKeys(kind *Kind, object any, called string) {
	place := *kind.Place(object)
	for _, key := range kind.Keys {
		switch at := key.At(object).(type) {
		case *Text:
			needed := key.Required && !key.apart && (!key.mayBlank || !at.Set())
			if (!needed || k.require(*at, key.Path, called, place)) && key.rule != nil {
				k.checkText(*at, *key.rule)
			}
		case *List[Text]:
			if key.Required && !key.apart && !at.Set() {
				k.errorf(CodeMissingKey, place, key.hint, "%s lacks %s", called, key.Path)
			}
			if key.rule != nil {
				k.checkList(*at, key.Path, *key.rule)
			}
		}
	}
}
