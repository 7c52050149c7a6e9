package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTableIsCurrent regenerates the table and compares it byte for byte.
func TestTableIsCurrent(t *testing.T) {
	models := os.Getenv("ROLECALL_AWS_MODELS")
	if models == "" {
		t.Skip("set ROLECALL_AWS_MODELS to a folder of AWS's service models (botocore's data folder) to check that the table is current")
	}
	for _, sel := range selections {
		t.Run(sel.service, func(t *testing.T) {
			m, err := load(models, sel.service)
			if err != nil {
				t.Skip(err)
			}
			want, err := generate(m, sel)
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join("../../emulator/internal/model", sel.file()))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s is stale: run `go generate ./emulator/internal/model` with ROLECALL_AWS_MODELS set", sel.file())
			}
		})
	}
}

func TestGenerateRefusesWhatTheTableCannotSay(t *testing.T) {
	zero := 0
	op := func(shapes map[string]shape) awsModel {
		return awsModel{Shapes: shapes, Operations: map[string]operation{"Do": {Input: &ref{Shape: "In"}}}}
	}
	tests := map[string]struct {
		model awsModel
		want  string
	}{
		"unknown type":   {op(map[string]shape{"In": {Type: "blob"}}), `type "blob"`},
		"recursion":      {op(map[string]shape{"In": {Type: "list", Member: &ref{Shape: "In"}}}), "contains itself"},
		"maximum of 0":   {op(map[string]shape{"In": {Type: "string", Max: &zero}}), "maximum of 0"},
		"lost operation": {awsModel{}, `find operation "Do"`},
		"lost shape":     {op(nil), `find shape "In"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := generate(test.model, selection{service: "x", variable: "x", operations: []string{"Do"}})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error about %q", err, test.want)
			}
		})
	}
}
