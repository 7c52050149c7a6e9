package main

import (
	"fmt"
	"maps"
	"slices"
)

type object = map[string]any

// model is a service model as AWS writes it.
type model struct {
	Metadata   object            `json:"metadata"`
	Operations map[string]object `json:"operations"`
	Shapes     map[string]object `json:"shapes"`
	Pagination map[string]object `json:"pagination,omitempty"`
}

// leftOut is what says nothing of what a request takes or an answer has.
var leftOut = []string{"documentation", "documentationUrl", "http", "endpoint", "auth", "authtype", "deprecatedMessage", "deprecatedSince", "staticContextParams", "operationContextParams"}

// part returns the operations of the names, and the shapes that they reach.
func (m model) part(names map[string]object) (model, error) {
	out := model{Metadata: object{}, Operations: map[string]object{}, Shapes: map[string]object{}, Pagination: map[string]object{}}
	for _, key := range []string{"apiVersion", "endpointPrefix", "jsonVersion", "protocol", "serviceId", "signingName", "targetPrefix", "xmlNamespace"} {
		if value, ok := m.Metadata[key]; ok {
			out.Metadata[key] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		op, ok := m.Operations[name]
		if !ok {
			return out, fmt.Errorf("AWS's model has no operation %q", name)
		}
		out.Operations[name] = bare(op).(object)
		if p, ok := m.Pagination[name]; ok {
			out.Pagination[name] = p
		}
		if err := m.reach(out.Operations[name], out.Shapes); err != nil {
			return out, fmt.Errorf("take operation %q: %w", name, err)
		}
	}
	return out, nil
}

// bare returns a value of a model without what is left out. Of a structure it leaves out
// no member, whatever that is called.
func bare(value any) any {
	switch v := value.(type) {
	case object:
		out := object{}
		for key, inner := range v {
			members, ok := inner.(object)
			switch {
			case key == "members" && ok:
				all := object{}
				for name, ref := range members {
					all[name] = bare(ref)
				}
				out[key] = all
			case !slices.Contains(leftOut, key):
				out[key] = bare(inner)
			}
		}
		return out
	case []any:
		for i := range v {
			v[i] = bare(v[i])
		}
	}
	return value
}

// reach takes every shape that a part of the model refers to.
func (m model) reach(value any, into map[string]object) error {
	switch v := value.(type) {
	case object:
		if name, ok := v["shape"].(string); ok && into[name] == nil {
			shape, ok := m.Shapes[name]
			if !ok {
				return fmt.Errorf("AWS's model has no shape %q", name)
			}
			into[name] = bare(shape).(object)
			if err := m.reach(into[name], into); err != nil {
				return err
			}
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if err := m.reach(v[key], into); err != nil {
				return err
			}
		}
	case []any:
		for _, inner := range v {
			if err := m.reach(inner, into); err != nil {
				return err
			}
		}
	}
	return nil
}
