package bounds

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestValues(t *testing.T) {
	for text, wrong := range map[string]bool{
		`{}`: false, ` {"a":[1,2,{"b":"[[[[{{{"}]}`: false, `{"a":"\"[["}`: false, "": false, "<html>": false, `"no end`: false,
		strings.Repeat("[", maxNesting): false, strings.Repeat("[", maxNesting+1): true, strings.Repeat("<x>", maxValues+1): true,
		"[" + strings.Repeat("1,", maxValues) + "1]": true, `["` + strings.Repeat("1,", maxValues) + `"]`: false,
	} {
		if err := Values([]byte(text)); (err != nil) != wrong {
			t.Errorf("%.30q: %v", text, err)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestRead(t *testing.T) {
	if text, err := Read(strings.NewReader("12345"), 5); err != nil || string(text) != "12345" {
		t.Errorf("%q, %v", text, err)
	}
	var refused *Error
	for _, from := range []io.Reader{strings.NewReader("123456"), endless{}} {
		if _, err := Read(from, 5); !errors.As(err, &refused) {
			t.Errorf("err = %v", err)
		}
	}
	if err := Memory(); err != nil {
		t.Error(err)
	}
}

func TestEmpty(t *testing.T) {
	if !Empty(nil) || !Empty([]byte(" \n")) || Empty([]byte("{}")) {
		t.Error("what is empty")
	}
}
