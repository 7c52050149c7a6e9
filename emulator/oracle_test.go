package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator/internal/model"
)

// checked compares every JSON answer with AWS's model: members and types of an
// output, its constraints, and the errors that the operation declares.
type checked struct {
	next http.RoundTripper
	fail func(format string, args ...any)
}

// undeclared are errors of AWS's front end that no operation declares.
var undeclared = []string{"UnknownOperationException", "SerializationException", "MissingAuthenticationTokenException",
	"ExpiredTokenException", "UnrecognizedClientException", "ServiceUnavailableException", "RequestEntityTooLargeException"}

func (c checked) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	prefix, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	service, ok := model.ByTargetPrefix(prefix)
	if !ok {
		return answer, nil
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
		return answer, nil
	}
	if op, ok := service.Operation(name); ok {
		if problem := problemOf(op, answer, body); problem != "" {
			c.fail("%s: %s\n%s", op.Target, problem, body)
		}
	}
	return answer, nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// problemOf says in what an answer is not one of AWS's model; "" if it is.
func problemOf(op *model.Operation, answer *http.Response, body []byte) string {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var value map[string]any
	if err := d.Decode(&value); err != nil {
		return err.Error()
	}
	switch {
	case answer.Header.Get("x-amzn-RequestId") == "":
		return "no request id"
	case answer.Header.Get("Content-Type") != "application/x-amz-json-1.1":
		return "content type " + answer.Header.Get("Content-Type")
	case answer.StatusCode != http.StatusOK:
		return errorProblem(op, value)
	}
	if path := stray(op.Output, value, ""); path != "" {
		return "a member that the model does not have: " + path
	}
	if err := model.Validate(&model.Operation{Service: op.Service, Input: op.Output}, value); err != nil {
		return err.Error()
	}
	return ""
}

func errorProblem(op *model.Operation, value map[string]any) string {
	code, _ := value["__type"].(string)
	shape, ok := op.Error(code)
	if !ok {
		for _, u := range undeclared {
			if code == u {
				return ""
			}
		}
		return "an error that the operation does not declare: " + code
	}
	delete(value, "__type")
	if path := stray(shape, value, ""); path != "" {
		return "a member that the error does not have: " + path
	}
	if text, _ := value["Message"].(string); text == "" {
		return "an error without a message"
	}
	if err := model.Validate(&model.Operation{Service: op.Service, Input: shape}, value); err != nil {
		return err.Error()
	}
	return ""
}

// stray finds a member that the shape does not have.
func stray(s *model.Shape, value any, at string) string {
	switch v := value.(type) {
	case map[string]any:
		for name, x := range v {
			inner := s.Element
			if s.Kind == model.Structure {
				m, ok := s.Member(name)
				if !ok {
					return at + "." + name
				}
				inner = m.Shape
			}
			if s.Kind == model.Document {
				return ""
			}
			if path := stray(inner, x, at+"."+name); path != "" {
				return path
			}
		}
	case []any:
		for n, x := range v {
			if s.Kind == model.Document {
				return ""
			}
			if path := stray(s.Element, x, fmt.Sprintf("%s[%d]", at, n)); path != "" {
				return path
			}
		}
	}
	return ""
}
