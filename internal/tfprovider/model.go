package tfprovider

import (
	"context"
	"maps"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A resourceModel is what Terraform has of one resource: fields with a tfsdk tag for the
// attributes that code here knows by name, and the others as Terraform has them.
// Those are keys of the table, which says what they are.
type resourceModel interface {
	rest() *map[string]attr.Value
}

// others makes a struct that embeds it a model.
type others struct{ attributes map[string]attr.Value }

func (o *others) rest() *map[string]attr.Value { return &o.attributes }

// getter is a config, plan or state.
type getter interface {
	Get(context.Context, any) diag.Diagnostics
}

type setter interface {
	Set(context.Context, any) diag.Diagnostics
}

// fields returns the model's fields by the names of their attributes.
func fields(m resourceModel) map[string]reflect.Value {
	v := reflect.ValueOf(m).Elem()
	out := map[string]reflect.Value{}
	for i := range v.NumField() {
		if name, ok := v.Type().Field(i).Tag.Lookup("tfsdk"); ok {
			out[name] = v.Field(i)
		}
	}
	return out
}

// attributesOf returns all that the model has.
func attributesOf(m resourceModel) map[string]attr.Value {
	out := maps.Collect(maps.All(*m.rest())) // never nil
	for name, field := range fields(m) {
		out[name] = field.Interface().(attr.Value)
	}
	return out
}

// sameModel says that two models have the same attributes; null is null, of whatever type.
func sameModel(a, b resourceModel) bool {
	had := attributesOf(b)
	for name, v := range attributesOf(a) {
		if other := had[name]; other == nil || !sameValue(v, other) {
			return false
		}
	}
	return true
}

func sameValue(a, b attr.Value) bool { return a.Equal(b) || a.IsNull() && b.IsNull() }

// put changes one attribute. Copies of the model stay as they are.
func put(m resourceModel, name string, v attr.Value) {
	if field, ok := fields(m)[name]; ok {
		field.Set(reflect.ValueOf(v))
		return
	}
	*m.rest() = maps.Collect(maps.All(*m.rest()))
	(*m.rest())[name] = v
}

func getModel(ctx context.Context, from getter, m resourceModel) diag.Diagnostics {
	var o types.Object
	found := from.Get(ctx, &o)
	for name, v := range o.Attributes() {
		put(m, name, v)
	}
	return found
}

// setModel hands Terraform what the model has of the schema's attributes; what it
// does not have is null.
func setModel(ctx context.Context, to setter, s schema.Schema, m resourceModel) diag.Diagnostics {
	have, typ := attributesOf(m), map[string]attr.Type{}
	values := map[string]attr.Value{}
	for name, a := range s.Attributes {
		typ[name] = a.GetType()
		if values[name] = have[name]; values[name] == nil || values[name].IsNull() {
			null, err := typ[name].ValueFromTerraform(ctx, tftypes.NewValue(typ[name].TerraformType(ctx), nil))
			if err != nil {
				return failed(err)
			}
			values[name] = null
		}
	}
	object, found := types.ObjectValue(typ, values)
	if !found.HasError() {
		found.Append(to.Set(ctx, object)...)
	}
	return found
}

// known reports whether the arguments are known that come from the table, and these.
func (a arguments) known(ctx context.Context, m resourceModel, more ...string) bool {
	have := attributesOf(m)
	for _, k := range a.keys() {
		more = append(more, k.Path)
	}
	return !slices.ContainsFunc(more, func(name string) bool { return !isKnown(ctx, have[name]) })
}

// isKnown reports whether values are known, and all that is in them.
func isKnown(ctx context.Context, values ...attr.Value) bool {
	return !slices.ContainsFunc(values, func(v attr.Value) bool {
		value, err := v.ToTerraformValue(ctx)
		return err != nil || !value.IsFullyKnown()
	})
}

// fill writes the model's arguments into what the config has for such an object.
func (a arguments) fill(spec any, m resourceModel) {
	have := attributesOf(m)
	for _, k := range a.keys() {
		fill(k, k.At(spec), have[k.Path], place(k.Path))
	}
}

// observe puts into the model what AWS has. Both are what the config would write:
// live for what AWS has, mine for what the model asks for. Where they are equal, in
// whatever spelling (PT60M, an ARN for a policy's name), the model's own stays.
func (a arguments) observe(m resourceModel, mine, live any) {
	have := attributesOf(m)
	for _, k := range a.keys() {
		now, had := valueOf(k, k.At(live)), have[k.Path]
		if had == nil || had.IsNull() && !now.IsNull() || !reflect.DeepEqual(k.At(mine), k.At(live)) {
			put(m, k.Path, now)
		}
	}
}
