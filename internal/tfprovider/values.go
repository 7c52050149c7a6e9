package tfprovider

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
)

// place makes an attribute's name the place of what it says, for messages.
func place(attribute string) findings.Range { return findings.Range{File: attribute} }

func text(attribute string, s types.String) access.Text {
	if s.IsNull() || s.IsUnknown() {
		return access.Text{}
	}
	return access.Text{Value: s.ValueString(), Range: place(attribute)}
}

// within makes one value of an attribute the place, where it has several.
func within(at findings.Range, value string) findings.Range {
	at.File, _ = placed(at)
	at.File += "\x00" + value
	return at
}

// placed returns the attribute of a place, and the value where it is one of several.
func placed(at findings.Range) (attribute, value string) {
	attribute, value, _ = strings.Cut(at.File, "\x00")
	return attribute, value
}

// nulls refuses lists with an element that is null: it stands for nothing, and would be
// left out without a word.
func nulls(m resourceModel) diag.Diagnostics {
	var out diag.Diagnostics
	have := attributesOf(m)
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if s, ok := have[name].(types.Set); ok {
			out.Append(nullsIn(name, s)...)
		}
	}
	return out
}

func nullsIn(name string, s types.Set) (out diag.Diagnostics) {
	if slices.ContainsFunc(s.Elements(), attr.Value.IsNull) {
		out.AddAttributeError(path.Root(name), name+" has an element that is null", "Remove it, or check where it comes from.")
	}
	return out
}

// stringsOf returns the known elements of a set of strings.
func stringsOf(s types.Set) []string {
	var out []string
	for _, e := range s.Elements() {
		if v, ok := e.(types.String); ok && !v.IsNull() && !v.IsUnknown() {
			out = append(out, v.ValueString())
		}
	}
	return out
}

// fill writes an attribute to where the config keeps its key; at is the place of
// all that is in it.
func fill(k access.Key, to any, v attr.Value, at findings.Range) {
	if v == nil || v.IsNull() {
		return
	}
	switch to := to.(type) {
	case *access.Text:
		if s, ok := v.(types.String); ok {
			*to = text(at.File, s)
		}
	case *access.List[access.Text]:
		to.Range = at
		if s, ok := v.(types.Set); ok {
			for _, one := range stringsOf(s) {
				to.Items = append(to.Items, access.Text{Value: one, Range: within(at, one)})
			}
		}
	case *access.List[access.TagSpec]:
		to.Range = at
		if m, ok := v.(types.Map); ok {
			for _, key := range slices.Sorted(maps.Keys(m.Elements())) {
				if s, ok := m.Elements()[key].(types.String); ok {
					to.Items = append(to.Items, access.TagSpec{Key: access.Text{Value: key, Range: within(at, key)}, Value: access.Text{Value: s.ValueString(), Range: within(at, s.ValueString())}})
				}
			}
		}
	case access.Objects:
		list, ok := v.(types.List)
		if !ok || list.IsUnknown() {
			return
		}
		*access.RangeOf(to) = at
		for _, e := range list.Elements() {
			element := to.Add()
			*access.RangeOf(element) = at
			if object, ok := e.(types.Object); ok {
				for _, inner := range k.Of.Keys {
					fill(inner, inner.At(element), object.Attributes()[inner.Path], at)
				}
			}
		}
	}
}

// valueOf makes the attribute of what the config would write for a key. What it
// need not write, and would not, is null.
func valueOf(k access.Key, from any) attr.Value {
	switch from := from.(type) {
	case *access.Text:
		if from.Value == "" && !k.Required {
			return types.StringNull()
		}
		return types.StringValue(from.Value)
	case *access.List[access.Text]:
		if len(from.Items) == 0 && !k.Required {
			return types.SetNull(types.StringType)
		}
		list := make([]string, len(from.Items))
		for i, t := range from.Items {
			list[i] = t.Value
		}
		return stringSet(list)
	case *access.List[access.TagSpec]:
		if len(from.Items) == 0 && !k.Required {
			return types.MapNull(types.StringType)
		}
		tags := map[string]attr.Value{}
		for _, t := range from.Items {
			tags[t.Key.Value] = types.StringValue(t.Value.Value)
		}
		return types.MapValueMust(types.StringType, tags)
	case access.Objects:
		return objectsOf(k, from)
	}
	return nil
}

func objectsOf(k access.Key, from access.Objects) attr.Value {
	typ := elementType(k)
	items := reflect.ValueOf(from).Elem().FieldByName("Items")
	if items.Len() == 0 && !k.Required {
		return types.ListNull(typ)
	}
	elements := make([]attr.Value, items.Len())
	for i := range elements {
		values := map[string]attr.Value{}
		for _, inner := range k.Of.Keys {
			values[inner.Path] = valueOf(inner, inner.At(items.Index(i).Addr().Interface()))
		}
		elements[i] = types.ObjectValueMust(typ.AttrTypes, values)
	}
	return types.ListValueMust(typ, elements)
}

// elementType is the type of the objects of a key.
func elementType(k access.Key) types.ObjectType {
	typ := types.ObjectType{AttrTypes: map[string]attr.Type{}}
	for _, inner := range k.Of.Keys {
		typ.AttrTypes[inner.Path] = attributeOf(inner, "", nil).GetType()
	}
	return typ
}
