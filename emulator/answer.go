package emulator

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"

	"github.com/rolecall-dev/rolecall/emulator/internal/api"
	"github.com/rolecall-dev/rolecall/emulator/internal/model"
)

// answer is what goes back to a client. Code is the error, "" for success.
type answer struct {
	status int
	kind   string // Content-Type
	body   []byte
	code   string
	id     string
}

func (a *answer) write(w http.ResponseWriter) {
	h := w.Header()
	if a.kind != "" {
		h.Set("Content-Type", a.kind)
	}
	h.Set("x-amzn-RequestId", a.id)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the client is gone; nobody is left to tell
}

const (
	jsonKind = "application/x-amz-json-1.1"
	xmlKind  = "text/xml"
)

// answerOf turns the outcome of a command into AWS's bytes.
func answerOf(c *command, out any, err error) *answer {
	query := c.op != nil && isQuery(c.op) || c.op == nil && (c.Service == "sts" || c.Service == "iam")
	if err != nil {
		return answerError(c, asAPI(err), query)
	}
	a := &answer{status: http.StatusOK, id: c.RequestID}
	if query {
		a.kind, a.body = xmlKind, xmlAnswer(c.op, members(out), c.RequestID)
		return a
	}
	a.kind, a.body = jsonKind, mustJSON(out)
	return a
}

func isQuery(op *model.Operation) bool {
	s, ok := model.Lookup(op.Service)
	return ok && s.Protocol == model.Query
}

// asAPI returns AWS's form of any error.
func asAPI(err error) *api.Error {
	if refusal, ok := errors.AsType[*api.Error](err); ok {
		return refusal
	}
	if invalid, ok := errors.AsType[*model.Error](err); ok {
		e := &api.Error{Code: invalid.Code, Message: invalid.Message, Status: http.StatusBadRequest}
		if invalid.Reason != "" {
			e.Fields = map[string]any{"Reason": invalid.Reason}
		}
		return e
	}
	return &api.Error{Code: "InternalServerException", Message: "The request failed because of an unknown error.", Status: http.StatusInternalServerError}
}

func answerError(c *command, e *api.Error, query bool) *answer {
	a := &answer{status: e.Status, code: e.Code, id: c.RequestID}
	if query {
		a.kind, a.body = xmlKind, xmlError(c, e)
		return a
	}
	body := map[string]any{"__type": e.Code}
	for name, value := range e.Fields {
		body[name] = value
	}
	body["Message"] = e.Message
	if c.op != nil {
		if shape, ok := c.op.Error(e.Code); ok {
			if _, ok := shape.Member("RequestId"); ok {
				body["RequestId"] = c.RequestID
			}
		} else {
			renameMessage(body)
		}
	}
	if e.Message == "" {
		delete(body, "Message")
	}
	a.kind, a.body = jsonKind, mustJSON(body)
	return a
}

// renameMessage writes the message as the errors of AWS's front end do, which no
// service declares: with a small letter.
func renameMessage(body map[string]any) {
	body["message"] = body["Message"]
	delete(body, "Message")
}

// mustJSON encodes values that this program made out of maps, texts and numbers.
func mustJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return []byte(`{"__type":"InternalServerException"}`)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// members returns the members of an answer; those of the Query services are all Outs.
func members(out any) api.Out {
	m, _ := out.(api.Out)
	return m
}

// xmlAnswer writes an answer of the Query protocol.
func xmlAnswer(op *model.Operation, out api.Out, id string) []byte {
	s, _ := model.Lookup(op.Service)
	var b bytes.Buffer
	fmt.Fprintf(&b, `<%sResponse xmlns=%q><%s>`, op.Name, s.Namespace, op.ResultWrapper)
	xmlStructure(&b, op.Output, out)
	fmt.Fprintf(&b, `</%s><ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>`, op.ResultWrapper, id, op.Name)
	return b.Bytes()
}

func xmlStructure(b *bytes.Buffer, s *model.Shape, value map[string]any) {
	for _, m := range s.Members {
		if v := value[m.Name]; v != nil {
			fmt.Fprintf(b, "<%s>", m.Name)
			xmlValue(b, m.Shape, v)
			fmt.Fprintf(b, "</%s>", m.Name)
		}
	}
}

func xmlValue(b *bytes.Buffer, s *model.Shape, value any) {
	switch v := value.(type) {
	case api.Out:
		xmlStructure(b, s, v)
	case []any:
		for _, x := range v {
			b.WriteString("<member>")
			xmlValue(b, s.Element, x)
			b.WriteString("</member>")
		}
	default:
		_ = xml.EscapeText(b, fmt.Append(nil, v)) // a buffer takes everything
	}
}

func xmlError(c *command, e *api.Error) []byte {
	namespace := ""
	if s, ok := model.Lookup(c.Service); ok {
		namespace = s.Namespace
	}
	fault := "Sender"
	if e.Status >= 500 {
		fault = "Receiver"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<ErrorResponse xmlns=%q><Error><Type>%s</Type><Code>%s</Code><Message>`, namespace, fault, e.Code)
	_ = xml.EscapeText(&b, []byte(e.Message)) // a buffer takes everything
	fmt.Fprintf(&b, `</Message></Error><RequestId>%s</RequestId></ErrorResponse>`, c.RequestID)
	return b.Bytes()
}
