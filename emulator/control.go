package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

const controlPrefix = "/_emulator/"

// control serves the routes that no AWS has.
func (e *Emulator) control(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == controlPrefix+"state" {
		e.showing.Lock()
		defer e.showing.Unlock()
	}
	body, err := e.controlled(r)
	if err != nil {
		reply(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	if body == nil {
		reply(w, http.StatusNotFound, map[string]string{"error": "no such control route: " + r.Method + " " + r.URL.Path})
		return
	}
	reply(w, http.StatusOK, body)
}

// controlled carries out a control request; nil is no such route.
func (e *Emulator) controlled(r *http.Request) (any, error) {
	done := map[string]string{"status": "ok"}
	switch r.Method + " " + r.URL.Path[len(controlPrefix):] {
	case "GET health":
		return done, nil
	case "GET stats":
		return e.Stats(), nil
	case "GET state":
		return e.State(), nil
	case "GET calls":
		return e.Calls(), nil
	case "GET faults":
		return e.Faults(), nil
	case "GET scim":
		return e.SCIM(), nil
	case "POST reset":
		return done, e.Reset()
	case "POST faults":
		var list []Fault
		if err := oneOrMore(r.Body, &list); err != nil {
			return nil, err
		}
		return done, e.SetFaults(list...)
	case "DELETE faults":
		e.ClearFaults()
		return done, nil
	case "POST estate":
		var list []Change
		if err := oneOrMore(r.Body, &list); err != nil {
			return nil, err
		}
		return done, e.changes(list)
	}
	return nil, nil
}

func (e *Emulator) changes(list []Change) error {
	for _, change := range list {
		if err := e.Change(change); err != nil {
			return err
		}
	}
	return nil
}

// oneOrMore reads the body of a control request.
func oneOrMore[T any](r io.Reader, into *[]T) error {
	text, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err == nil && len(text) > maxBody {
		err = fmt.Errorf("it is longer than %d bytes", maxBody)
	}
	if err == nil {
		*into, err = decodeList[T](text)
	}
	if err != nil {
		return fmt.Errorf("read body: %w", err)
	}
	return nil
}

// decodeList reads a JSON object or a list of such.
func decodeList[T any](text []byte) ([]T, error) {
	if text = bytes.TrimSpace(text); bytes.HasPrefix(text, []byte("[")) {
		var list []T
		return list, strict(bytes.NewReader(text), &list)
	}
	var one T
	if err := strict(bytes.NewReader(text), &one); err != nil {
		return nil, err
	}
	return []T{one}, nil
}

// strict refuses keys that nobody reads, as they are misspelt, and what comes
// after the value.
func strict(r io.Reader, into any) error {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(body) // the client is gone; nobody is left to tell
}
