package model

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// served are the services in the order in which they are listed. Each has a file of
// AWS's own service model, with the operations that the emulator serves and the shapes
// that they reach (tools/emulatormodel).
var served = [...]string{"sso-admin", "identitystore", "organizations", "sts", "iam"}

//go:embed services/*.json
var files embed.FS

// loaded reads the models at the first request.
var loaded = sync.OnceValue(func() []*Service {
	var all []*Service
	for _, name := range served {
		text, err := files.ReadFile("services/" + name + ".json")
		if err != nil {
			panic(err) // it is embedded
		}
		s, err := load(name, text)
		if err != nil {
			panic(err) // a test reads every file
		}
		all = append(all, s)
	}
	return all
})

// The part of a service model that the table needs, as AWS publishes it with its SDKs.
type (
	file struct {
		Metadata struct {
			APIVersion, EndpointPrefix, Protocol, SigningName, TargetPrefix, XMLNamespace string
		}
		Operations map[string]fileOperation
		Shapes     map[string]fileShape
		Pagination map[string]struct {
			InputToken  string `json:"input_token"`
			OutputToken string `json:"output_token"`
			LimitKey    string `json:"limit_key"`
			ResultKey   string `json:"result_key"`
		}
	}
	fileOperation struct {
		Input, Output        *fileRef
		Errors               []fileRef
		Idempotent, ReadOnly bool
	}
	fileRef struct {
		Shape, ResultWrapper         string
		IdempotencyToken, Deprecated bool
	}
	fileShape struct {
		Type                                         string
		Required                                     []string
		Members                                      map[string]fileRef
		Member, Key, Value                           *fileRef
		Min, Max                                     *int
		Pattern                                      string
		Enum                                         []string
		Sensitive, Document, Union, Exception, Fault bool
		Retryable                                    *struct{}
		Error                                        struct{ Code string }
	}
)

// loader turns one model into the table's language, and refuses what that cannot say.
type loader struct {
	file
	shapes map[string]*Shape // nil while one is read
	err    error
}

func load(service string, text []byte) (*Service, error) {
	l := &loader{shapes: map[string]*Shape{}}
	if err := json.Unmarshal(text, &l.file); err != nil {
		return nil, fmt.Errorf("read the model of %q: %w", service, err)
	}
	md := l.Metadata
	s := &Service{
		Name: service, Protocol: JSON, TargetPrefix: md.TargetPrefix, Endpoint: md.EndpointPrefix,
		SigningName: cmp.Or(md.SigningName, md.EndpointPrefix), APIVersion: md.APIVersion, Namespace: md.XMLNamespace,
	}
	if md.Protocol == "query" {
		s.Protocol = Query
	}
	for _, name := range slices.Sorted(maps.Keys(l.Operations)) {
		s.Operations = append(s.Operations, l.operation(s, name))
	}
	if l.err != nil {
		return nil, fmt.Errorf("read the model of %q: %w", service, l.err)
	}
	return s, nil
}

func (l *loader) operation(s *Service, name string) *Operation {
	o := l.Operations[name]
	op := &Operation{Name: name, Service: s.Name, Input: l.ref(o.Input), Output: l.ref(o.Output), Idempotent: o.Idempotent, ReadOnly: o.ReadOnly || reads(name)}
	if s.TargetPrefix != "" {
		op.Target = s.TargetPrefix + "." + name
	}
	if o.Output != nil {
		op.ResultWrapper = o.Output.ResultWrapper
	}
	slices.SortFunc(o.Errors, func(a, b fileRef) int { return strings.Compare(a.Shape, b.Shape) })
	for _, e := range o.Errors {
		op.Errors = append(op.Errors, l.shape(e.Shape))
	}
	if p, ok := l.Pagination[name]; ok {
		if p.ResultKey == "" {
			l.refuse("the paginator of %q has no single result key", name)
		}
		op.Paginator = &Paginator{InputToken: p.InputToken, OutputToken: p.OutputToken, LimitKey: p.LimitKey, ResultKey: p.ResultKey}
	}
	return op
}

// reads tells reads from writes where a model carries no readonly trait.
func reads(name string) bool {
	return slices.ContainsFunc([]string{"Describe", "Get", "Is", "List"}, func(verb string) bool { return strings.HasPrefix(name, verb) })
}

func (l *loader) ref(r *fileRef) *Shape {
	if r == nil {
		return &Shape{Name: "Empty", Kind: Structure}
	}
	return l.shape(r.Shape)
}

func (l *loader) shape(name string) *Shape {
	if s, ok := l.shapes[name]; ok {
		if s == nil { // whoever walks the table would not come to an end
			l.refuse("shape %q contains itself", name)
		}
		return s
	}
	l.shapes[name] = nil
	f, ok := l.Shapes[name]
	if !ok {
		l.refuse("it lacks the shape %q", name)
	}
	s := &Shape{
		Name: cmp.Or(f.Error.Code, name), Kind: Kind(f.Type), Pattern: f.Pattern, Enum: f.Enum,
		Sensitive: f.Sensitive, Union: f.Union, Exception: f.Exception, Fault: f.Fault, Retryable: f.Retryable != nil,
	}
	l.bounds(s, f)
	if f.Document {
		s.Kind = Document
	}
	if !slices.Contains([]Kind{String, Integer, Boolean, Timestamp, List, Map, Structure, Document}, s.Kind) {
		l.refuse("shape %q is of the type %q", name, f.Type)
	}
	if f.Member != nil {
		s.Element = l.ref(f.Member)
	}
	if f.Key != nil {
		s.Key, s.Element = l.ref(f.Key), l.ref(f.Value)
	}
	for _, k := range slices.Sorted(maps.Keys(f.Members)) {
		r := f.Members[k]
		s.Members = append(s.Members, Member{Name: k, Shape: l.shape(r.Shape), Required: slices.Contains(f.Required, k), Deprecated: r.Deprecated, IdempotencyToken: r.IdempotencyToken})
	}
	l.shapes[name] = s
	return s
}

// bounds takes min and max. In the table a zero means "no bound": that loses nothing
// for a length, but would for an integer of at most 0.
func (l *loader) bounds(s *Shape, f fileShape) {
	if f.Min != nil {
		s.Min = *f.Min
	}
	if f.Max == nil {
		return
	}
	if s.Max = *f.Max; s.Max == 0 {
		l.refuse("shape %q is of at most 0", s.Name)
	}
}

func (l *loader) refuse(format string, args ...any) {
	l.err = cmp.Or(l.err, fmt.Errorf(format, args...))
}
