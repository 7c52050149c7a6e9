package scim

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

const patchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

// change is one PATCH operation with one target.
type change struct {
	op    string // add, replace or remove
	path  path
	value any // nil for a remove without value
}

type patchBody struct {
	Schemas    []string `json:"schemas"`
	Operations []struct {
		Op    string `json:"op"`
		Path  string `json:"path"`
		Value any    `json:"value"`
	} `json:"Operations"`
}

// parsePatch reads the envelope. Entra ID writes operations with a capital
// letter, so their case does not matter.
func parsePatch(body []byte) ([]change, error) {
	var patch patchBody
	if err := decode(body, &patch); err != nil {
		return nil, err
	}
	if len(patch.Operations) == 0 || !slices.Contains(patch.Schemas, patchSchema) {
		return nil, invalid()
	}
	var all []change
	for _, o := range patch.Operations {
		op := strings.ToLower(o.Op)
		if !slices.Contains([]string{"add", "replace", "remove"}, op) || op != "remove" && o.Value == nil {
			return nil, invalid()
		}
		changes, err := targets(op, o.Path, o.Value)
		if err != nil {
			return nil, err
		}
		all = append(all, changes...)
	}
	return all, nil
}

// targets returns the change of one operation, whose path may be missing for an
// add or replace of a single attribute; an id beside it is let pass.
func targets(op, text string, value any) ([]change, error) {
	if text != "" {
		p, err := parsePath(text)
		return []change{{op, p, value}}, err
	}
	object, ok := value.(map[string]any)
	if op == "remove" || !ok {
		return nil, invalid()
	}
	var all []change
	for _, k := range slices.Sorted(maps.Keys(object)) {
		if k == "id" {
			continue
		}
		p, err := parsePath(k)
		if err != nil {
			return nil, err
		}
		all = append(all, change{op, p, object[k]})
	}
	if len(all) > 1 {
		return nil, pathMissing()
	}
	return all, nil
}

// pathMissing is AWS's answer to an operation without path on several
// attributes (captured in goauthentik/authentik#12321).
func pathMissing() error {
	return &Error{Status: http.StatusBadRequest, Detail: `Current PATCH support allows omitting "path" attribute only for Add and Replace operations modifying a single attribute.`}
}

// decode reads exactly one JSON value, numbers kept as written.
func decode(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(into) != nil {
		return invalid()
	}
	if _, err := d.Token(); err != io.EOF {
		return invalid()
	}
	return nil
}

// decodeResource reads a user or a group: an object whose schemas, where given,
// name the schema.
func decodeResource(body []byte, schema string) (map[string]any, error) {
	var object map[string]any
	if err := decode(body, &object); err != nil || object == nil {
		return nil, invalid()
	}
	if given, ok := object["schemas"]; ok {
		list, _ := given.([]any)
		if !slices.Contains(list, any(schema)) {
			return nil, invalid()
		}
	}
	return object, nil
}
