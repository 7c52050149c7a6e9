package access

import (
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// A field that may be written has a row of the table. (A row without a field does
// not get so far.)
func TestEveryFieldHasARow(t *testing.T) {
	var check func(typ reflect.Type, kind *Kind)
	check = func(typ reflect.Type, kind *Kind) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			if f.Name == "Range" {
				continue
			}
			at := slices.Index(kind.Names(), f.Tag.Get("key"))
			if at < 0 {
				t.Errorf("%s.%s has no row in the table of keys: its tag is %q, and the keys are %q", typ.Name(), f.Name, f.Tag.Get("key"), kind.Names())
				continue
			}
			if of := kind.Keys[at].Of; of != nil {
				items, _ := f.Type.FieldByName("Items")
				check(items.Type.Elem(), of)
			}
		}
	}
	check(reflect.TypeFor[Config](), Keys())
}

// What a key decides of a permission set or user comes back from there, and only as
// that key: a refresh in Terraform and the comparison of shared sets go by it.
func TestSpecIsTheWayBack(t *testing.T) {
	group := func(g any) any { return g.(*GroupSpec).PermissionSet() }
	person := func(u any) any { return u.(*UserSpec).User() }
	back := func(of any) any {
		switch of := of.(type) {
		case PermissionSet:
			g := of.Spec()
			return &g
		default:
			u := of.(User).Spec()
			return &u
		}
	}
	for _, c := range []struct {
		list string
		base any
		to   func(any) any
		// apart are keys that decide something else: who has it, where, and what it is called.
		apart []string
	}{
		{"access_groups", &GroupSpec{Name: written("Team"), PermissionSetName: written("Team")}, group, []string{"name", "accounts_names", "permission_set_name", "previously", "members"}},
		{"users", &UserSpec{Email: written("jane@company.com"), Username: written("jane")}, person, []string{"groups", "previously"}},
	} {
		kind := Keys().In(c.list)
		for _, k := range kind.Keys {
			changed := reflect.New(reflect.TypeOf(c.base).Elem())
			changed.Elem().Set(reflect.ValueOf(c.base).Elem())
			set(k, k.At(changed.Interface()))
			differ := differing(kind, back(c.to(c.base)), back(c.to(changed.Interface())))
			want := []string{k.Path}
			if slices.Contains(c.apart, k.Path) {
				want = nil
			}
			if diff := cmp.Diff(want, differ, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s[].%s, set, comes back as other keys (-want +got); desired.go has to take it there and, in Spec, back:\n%s", c.list, k.Path, diff)
			}
			lost(t, k, k.At(back(c.to(changed.Interface()))))
		}
	}
}

// lost names the keys of the objects in a list that did not come back.
func lost(t *testing.T, k Key, at any) {
	if k.Of != nil {
		items := reflect.ValueOf(at).Elem().FieldByName("Items")
		for i := range items.Len() {
			object := items.Index(i).Addr().Interface()
			for _, inner := range k.Of.Keys {
				if reflect.ValueOf(inner.At(object)).Elem().IsZero() {
					t.Errorf("%s[].%s does not come back: policy.go takes the document apart", k.Path, inner.Path)
				}
				lost(t, inner, inner.At(object))
			}
		}
	}
}

// set sets a key to a value that its rules need not allow.
func set(k Key, at any) {
	switch at := at.(type) {
	case *Text:
		*at = written("arn:aws:iam::aws:policy/Other")
	case *List[Text]:
		at.Items = append(at.Items, written("other"))
	case *List[TagSpec]:
		at.Items = append(at.Items, TagSpec{written("other"), written("other")})
	case Objects:
		object := at.Add()
		for _, inner := range k.Of.Keys {
			set(inner, inner.At(object))
		}
	}
}

func differing(kind *Kind, a, b any) []string {
	var out []string
	for _, k := range kind.Keys {
		if !reflect.DeepEqual(k.At(a), k.At(b)) {
			out = append(out, k.Path)
		}
	}
	return out
}
