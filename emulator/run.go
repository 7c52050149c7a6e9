package emulator

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"

	"github.com/rolecall-dev/rolecall/emulator/internal/api"
	"github.com/rolecall-dev/rolecall/emulator/internal/scim"
	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// run carries out a command at its time. What it does depends on the world and
// the command alone.
func (w *world) run(c *command) *answer {
	switch {
	case c.SCIM != nil:
		return w.runSCIM(c)
	case c.op == nil:
		return w.runControl(c)
	}
	entry, caller := w.caller(c.Key)
	if err := credentialProblem(c, entry); err != nil {
		return answerOf(c, nil, err)
	}
	out, err := api.Do(&api.Call{
		Store: w.store, Now: c.At, Caller: caller, Region: c.Region, Op: c.op, In: c.input, RequestID: c.RequestID,
		Quirks: api.Quirks{
			FiltersAllowed: w.quirks.FiltersAllowed, LegacyStatus: w.quirks.LegacyStatus,
			EmptyPages: w.quirks.EmptyPages, ShortPages: w.quirks.ShortPages,
		},
	})
	return answerOf(c, out, err)
}

// credentialProblem is what AWS says of credentials before it looks at anything
// else; the Query protocol has its own codes and statuses.
func credentialProblem(c *command, caller EstateCaller) error {
	query := isQuery(c.op)
	switch {
	case caller.Expired && query:
		return &api.Error{Code: "ExpiredToken", Message: "The security token included in the request is expired", Status: http.StatusForbidden}
	case caller.Expired:
		return &api.Error{Code: "ExpiredTokenException", Message: "The security token included in the request is expired", Status: http.StatusBadRequest}
	case caller.Invalid && query:
		return &api.Error{Code: "InvalidClientTokenId", Message: "The security token included in the request is invalid.", Status: http.StatusForbidden}
	case caller.Invalid:
		return &api.Error{Code: "UnrecognizedClientException", Message: "The security token included in the request is invalid.", Status: http.StatusBadRequest}
	}
	return nil
}

// runSCIM carries out a SCIM request. A journal keeps no token: what it replays
// had the right one.
func (w *world) runSCIM(c *command) *answer {
	t := w.tenant(c.Tenant)
	if t == nil {
		return scimAnswer(c, scim.Failure(scim.NoTenant(), c.RequestID, c.At))
	}
	if !c.replay && !t.opens(c.token) {
		return scimAnswer(c, scim.Failure(scim.NewError(http.StatusUnauthorized), c.RequestID, c.At))
	}
	if len(c.SCIM.Body) > maxBody {
		return scimAnswer(c, scim.Failure(scim.NewError(http.StatusBadRequest), c.RequestID, c.At))
	}
	return scimAnswer(c, scim.Apply(t.directory, store.Stamp{At: c.At, By: scimActor, Request: c.RequestID, Provisioned: true}, *c.SCIM))
}

func (t *tenant) opens(token string) bool {
	return !t.expired && subtle.ConstantTimeCompare([]byte(token), []byte(t.token)) == 1
}

func scimAnswer(c *command, r scim.Response) *answer {
	a := &answer{status: r.Status, body: r.Body, id: c.RequestID}
	if r.Body != nil {
		a.kind = "application/json"
	}
	if r.Status >= 400 {
		a.code = http.StatusText(r.Status)
	}
	return a
}

func (w *world) tenant(name string) *tenant {
	for _, t := range w.tenants {
		if t.name == name {
			return t
		}
	}
	return nil
}

// runControl carries out what no API of AWS can do.
func (w *world) runControl(c *command) *answer {
	var change Change
	err := json.Unmarshal(c.Body, &change)
	if err == nil {
		err = w.apply(c, change)
	}
	if err != nil {
		return &answer{status: http.StatusBadRequest, kind: "application/json", code: err.Error(), body: mustJSON(map[string]string{"error": err.Error()})}
	}
	return &answer{status: http.StatusOK, kind: "application/json", body: []byte(`{"status":"changed"}`)}
}
