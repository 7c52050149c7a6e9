package model

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// awsShape is a shape as a service model of AWS writes it.
type awsShape struct {
	Type                                  string
	Required                              []string
	Members                               map[string]struct{ Shape string }
	Member, Key, Value                    *struct{ Shape string }
	Min, Max                              int
	Pattern                               string
	Enum                                  []string
	Sensitive, Document, Union, Exception bool
}

type awsService struct {
	Operations map[string]struct {
		Input, Output *struct{ Shape string }
		Errors        []struct{ Shape string }
	}
	Shapes map[string]awsShape
}

// TestTableAgreesWithModels compares the table with AWS's service models shape
// by shape, without the generator's code.
func TestTableAgreesWithModels(t *testing.T) {
	dir := os.Getenv("ROLECALL_AWS_MODELS")
	if dir == "" {
		t.Skip("set ROLECALL_AWS_MODELS to a folder of AWS's service models (botocore's data folder) to compare the table with them")
	}
	for _, s := range Services() {
		text := readModel(t, dir, s.Name)
		if text == nil {
			t.Logf("%s: no model in %q", s.Name, dir)
			continue
		}
		var m awsService
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatalf("decode model %q: %v", s.Name, err)
		}
		for _, op := range s.Operations {
			compareOperation(t, m, s, op)
		}
	}
}

func readModel(t *testing.T, dir, service string) []byte {
	t.Helper()
	if text, err := os.ReadFile(filepath.Join(dir, service+".json")); err == nil {
		return text
	}
	found, _ := filepath.Glob(filepath.Join(dir, service, "*", "service-2.json.gz"))
	if len(found) == 0 {
		return nil
	}
	f, err := os.Open(slices.Max(found))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func compareOperation(t *testing.T, m awsService, s *Service, op *Operation) {
	t.Helper()
	want := m.Operations[op.Name]
	if want.Input != nil {
		compareShape(t, m, s.Name+"."+op.Name+".input", want.Input.Shape, op.Input)
	}
	if want.Output != nil {
		compareShape(t, m, s.Name+"."+op.Name+".output", want.Output.Shape, op.Output)
	}
	if len(want.Errors) != len(op.Errors) {
		t.Errorf("%s.%s: %d errors, the model has %d", s.Name, op.Name, len(op.Errors), len(want.Errors))
	}
}

func compareShape(t *testing.T, m awsService, path, name string, got *Shape) {
	t.Helper()
	want := m.Shapes[name]
	have := awsShape{
		Type: string(got.Kind), Min: got.Min, Max: got.Max, Pattern: got.Pattern, Enum: got.Enum,
		Sensitive: got.Sensitive, Union: got.Union, Exception: got.Exception,
	}
	flat := want
	flat.Members, flat.Member, flat.Key, flat.Value, flat.Required, flat.Document = nil, nil, nil, nil, nil, false
	if want.Document {
		flat.Type = string(Document)
	}
	if diff := cmp.Diff(flat, have); diff != "" {
		t.Errorf("%s (%s): -model +table:\n%s", path, name, diff)
	}
	if len(want.Members) != len(got.Members) {
		t.Errorf("%s: %d members, the model has %d", path, len(got.Members), len(want.Members))
	}
	for _, member := range got.Members {
		if slices.Contains(want.Required, member.Name) != member.Required {
			t.Errorf("%s.%s: required = %v, the model says otherwise", path, member.Name, member.Required)
		}
		compareShape(t, m, path+"."+member.Name, want.Members[member.Name].Shape, member.Shape)
	}
	switch {
	case want.Member != nil:
		compareShape(t, m, path+"[]", want.Member.Shape, got.Element)
	case want.Key != nil:
		compareShape(t, m, path+"{key}", want.Key.Shape, got.Key)
		compareShape(t, m, path+"{value}", want.Value.Shape, got.Element)
	}
}
