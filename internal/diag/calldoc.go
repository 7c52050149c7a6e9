package diag

import (
	"reflect"
	"slices"
	"strings"
)

// CallDoc documents one HTTP call to a system that is not AWS's API: the table of
// docs/idp/calls.md has a row for each.
type CallDoc struct {
	System    string   // "Okta"
	Operation string   // as the code calls it: "GetUser"
	Method    string   // "GET"
	Host      string   // where it is not the API's own
	Path      string   // with what varies in braces: "/api/v1/users/{login}"
	Query     []string // names of the parameters that may be sent, sorted
	Fields    []string // of the answer, those that are read ([FieldsOf])
	Scope     string   // or permission
	License   string   // "" where every customer may
	For       string   // what it is asked for
	Source    string   // of the specification
	Dated     string   // of the source: a version, or the day it was read
}

// FieldsOf returns the paths of the JSON fields that decoding into these values
// reads, sorted: "profile.login".
func FieldsOf(into ...any) []string {
	var out []string
	for _, v := range into {
		fieldsOf(reflect.TypeOf(v), "", &out)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func fieldsOf(t reflect.Type, at string, out *[]string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	inner := t.Kind() == reflect.Struct && tagged(t)
	if !inner {
		if at != "" {
			*out = append(*out, at)
		}
		return
	}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		fieldsOf(t.Field(i).Type, strings.TrimPrefix(at+"."+name, "."), out)
	}
}

// tagged says that a struct's own fields are decoded, and not the whole by a
// method, as of times.
func tagged(t reflect.Type) bool {
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("json") != "" {
			return true
		}
	}
	return false
}

// FieldsUnder returns what [FieldsOf] does, of things that are under a name.
func FieldsUnder(name string, into ...any) []string {
	fields := FieldsOf(into...)
	for i := range fields {
		fields[i] = name + "." + fields[i]
	}
	return fields
}
