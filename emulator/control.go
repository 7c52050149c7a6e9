package emulator

import (
	"encoding/json"
	"net/http"
)

const controlPrefix = "/_emulator/"

// control serves the routes that no AWS has.
func (e *Emulator) control(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path[len(controlPrefix):] {
	case "GET health":
		reply(w, http.StatusOK, map[string]string{"status": "ok"})
	case "GET stats":
		reply(w, http.StatusOK, e.Stats())
	case "GET state":
		reply(w, http.StatusOK, e.State())
	case "GET calls":
		reply(w, http.StatusOK, e.Calls())
	case "POST reset":
		if err := e.Reset(); err != nil {
			reply(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
			return
		}
		reply(w, http.StatusOK, map[string]string{"status": "reset"})
	default:
		reply(w, http.StatusNotFound, map[string]string{"error": "no such control route: " + r.Method + " " + r.URL.Path})
	}
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(body) // the client is gone; nobody is left to tell
}
