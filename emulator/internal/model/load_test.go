package model

import (
	"strings"
	"testing"
)

func TestLoadRefusesWhatTheTableCannotSay(t *testing.T) {
	for name, c := range map[string]struct{ shapes, want string }{
		"unknown type": {`{"In": {"type": "blob"}}`, `of the type "blob"`},
		"maximum of 0": {`{"In": {"type": "string", "max": 0}}`, "of at most 0"},
		"lost shape":   {`{}`, `lacks the shape "In"`},
		"recursion":    {`{"In": {"type": "list", "member": {"shape": "In"}}}`, "contains itself"},
		"several keys": {`{"In": {"type": "string"}}, "pagination": {"Do": {"result_key": ["A", "B"]}}`, "result_key"},
		"no key":       {`{"In": {"type": "string"}}, "pagination": {"Do": {"input_token": "A"}}`, "no single result key"},
		"no JSON":      {`{`, "JSON input"},
	} {
		t.Run(name, func(t *testing.T) {
			text := `{"operations": {"Do": {"input": {"shape": "In"}}}, "shapes": ` + c.shapes + `}`
			if _, err := load("x", []byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error about %q", err, c.want)
			}
		})
	}
}
