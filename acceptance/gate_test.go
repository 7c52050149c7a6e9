package acceptance

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// moment is when a call of AWS has had its effect and is not answered yet: the
// call of that number of an operation, the first being 1.
type moment struct {
	operation string // "CreateAccountAssignment"
	call      int
}

// gate lets a test do something at a moment, before the client knows of the
// effect.
type gate struct {
	next http.Handler
	mu   sync.Mutex
	at   moment
	do   func() // nil: nothing, or it is done
}

// then does something at the moment, once.
func (g *gate) then(at moment, do func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at, g.do = at, do
}

// ServeHTTP serves the call; what there is to do is done before its answer.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	do := g.comes(r.Header.Get("X-Amz-Target"))
	if do == nil {
		g.next.ServeHTTP(w, r)
		return
	}
	answer := httptest.NewRecorder()
	g.next.ServeHTTP(answer, r)
	do()
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = answer.Body.WriteTo(w) // the client may be gone: that is what is tested
}

func (g *gate) comes(target string) func() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.do == nil || !strings.HasSuffix(target, "."+g.at.operation) {
		return nil
	}
	if g.at.call--; g.at.call > 0 {
		return nil
	}
	do := g.do
	g.do = nil
	return do
}
