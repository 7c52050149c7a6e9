package hostile

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
)

// KeepFields takes out of an answer all but some fields, which it knows by their paths
// ("emails.value", whether emails is a list or not). It leaves alone what is no JSON.
func KeepFields(answer *http.Response, fields []string) error {
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	var value any
	if json.Unmarshal(body, &value) == nil {
		keep(value, fields, "")
		if body, err = json.Marshal(value); err != nil {
			return err
		}
	}
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return nil
}

func keep(value any, fields []string, at string) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			keep(item, fields, at)
		}
	case map[string]any:
		for name := range v {
			path := strings.TrimPrefix(at+"."+name, ".")
			switch {
			case slices.Contains(fields, path):
			case slices.ContainsFunc(fields, func(f string) bool { return strings.HasPrefix(f, path+".") }):
				keep(v[name], fields, path)
			default:
				delete(v, name)
			}
		}
	}
}
