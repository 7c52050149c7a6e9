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

// load reads the model and the paginators of one service from dir.
func load(dir, service string) (model, error) {
	var m model
	if err := readJSON(dir, service, ".json", "service-2.json", &m); err != nil {
		return m, fmt.Errorf("load model %q: %w", service, err)
	}
	if err := readJSON(dir, service, ".paginators.json", "paginators-1.json", &m); err != nil {
		return m, fmt.Errorf("load paginators %q: %w", service, err)
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
