package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// awsModel is the part of a botocore service model that the table needs.
type awsModel struct {
	Metadata   metadata             `json:"metadata"`
	Operations map[string]operation `json:"operations"`
	Shapes     map[string]shape     `json:"shapes"`
	Paginators map[string]paginator `json:"-"`
}

type metadata struct {
	APIVersion     string `json:"apiVersion"`
	EndpointPrefix string `json:"endpointPrefix"`
	JSONVersion    string `json:"jsonVersion"`
	Protocol       string `json:"protocol"`
	SigningName    string `json:"signingName"`
	TargetPrefix   string `json:"targetPrefix"`
	XMLNamespace   string `json:"xmlNamespace"`
}

type ref struct {
	Shape            string `json:"shape"`
	ResultWrapper    string `json:"resultWrapper"`
	IdempotencyToken bool   `json:"idempotencyToken"`
	Deprecated       bool   `json:"deprecated"`
}

type operation struct {
	Name       string `json:"name"`
	Input      *ref   `json:"input"`
	Output     *ref   `json:"output"`
	Errors     []ref  `json:"errors"`
	Idempotent bool   `json:"idempotent"`
	ReadOnly   bool   `json:"readonly"`
}

type shape struct {
	Type      string         `json:"type"`
	Required  []string       `json:"required"`
	Members   map[string]ref `json:"members"`
	Member    *ref           `json:"member"`
	Key       *ref           `json:"key"`
	Value     *ref           `json:"value"`
	Min       *int           `json:"min"`
	Max       *int           `json:"max"`
	Pattern   string         `json:"pattern"`
	Enum      []string       `json:"enum"`
	Sensitive bool           `json:"sensitive"`
	Document  bool           `json:"document"`
	Union     bool           `json:"union"`
	Exception bool           `json:"exception"`
	Fault     bool           `json:"fault"`
	Retryable *struct{}      `json:"retryable"`
	Error     struct {
		Code string `json:"code"`
	} `json:"error"`
}

type paginator struct {
	InputToken  string `json:"input_token"`
	OutputToken string `json:"output_token"`
	LimitKey    string `json:"limit_key"`
	ResultKey   string `json:"-"`
	RawResult   any    `json:"result_key"` // a string, or a list of them where an operation pages several
}

// load reads the model and the paginators of one service from dir.
func load(dir, service string) (awsModel, error) {
	var m awsModel
	if err := readJSON(dir, service, ".json", "service-2.json", &m); err != nil {
		return m, fmt.Errorf("load model %q: %w", service, err)
	}
	var p struct {
		Pagination map[string]paginator `json:"pagination"`
	}
	if err := readJSON(dir, service, ".paginators.json", "paginators-1.json", &p); err != nil {
		return m, fmt.Errorf("load paginators %q: %w", service, err)
	}
	m.Paginators = p.Pagination
	for name, pg := range m.Paginators {
		if key, ok := pg.RawResult.(string); ok {
			pg.ResultKey = key
			m.Paginators[name] = pg
		}
	}
	return m, nil
}

func readJSON(dir, service, flat, nested string, into any) error {
	r, err := open(dir, service, flat, nested)
	if err != nil {
		return err
	}
	defer r.Close()
	return json.NewDecoder(r).Decode(into)
}

// open finds a file in the flat layout or, where that lacks it, in botocore's:
// there each service has one folder a version, and the newest counts.
func open(dir, service, flat, nested string) (io.ReadCloser, error) {
	f, err := os.Open(filepath.Join(dir, service+flat))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	found, err := filepath.Glob(filepath.Join(dir, service, "*", nested+"*"))
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("find %s%s or %s/*/%s in %q", service, flat, service, nested, dir)
	}
	slices.Sort(found)
	newest := found[len(found)-1]
	f, err = os.Open(newest)
	if err != nil || !strings.HasSuffix(newest, ".gz") {
		return f, err
	}
	return gzip.NewReader(f)
}
