package tfprovider

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// searchTrouble is what happens to a process of the provider on its way to AWS.
type searchTrouble struct {
	what    string // "", kill, kill after (the call is done, its answer lost), interrupt
	at      int    // at the call of this number
	writes  bool   // of writes only
	during  []searchAct
	stalled bool // the answer after an act comes later than a look may be old
}

// searchWay is a process's way to AWS, on which everything happens.
type searchWay struct {
	w             *searchWorld
	run           *searchRun // nil while it plans
	trouble       searchTrouble
	calls         atomic.Int64
	writes        int
	dead, stopped atomic.Bool
	parallel      bool
	cancel        context.CancelFunc
}

// searchKilled is what a dead process gets. It is not tried again.
type searchKilled struct{}

func (searchKilled) Error() string       { return "killed" }
func (searchKilled) CanceledError() bool { return true }

// RoundTrip carries a call out, with what happens before it.
func (y *searchWay) RoundTrip(q *http.Request) (*http.Response, error) {
	var body []byte
	if q.Body != nil {
		body, _ = io.ReadAll(q.Body)
		_ = q.Body.Close()
		q.Body = io.NopCloser(bytes.NewReader(body))
	}
	op := operationOf(q)
	if y.slow(op) {
		time.Sleep(searchJitter(op, body))
	}
	y.w.sem <- struct{}{}
	stall := false
	answer, err := y.call(q, op, body, &stall)
	<-y.w.sem
	if stall && y.slow(op) {
		time.Sleep(searchLook + 15*time.Second)
	}
	return answer, err
}

// slow says whether a call may take time. Virtual time stands still while somebody waits
// for a mutex, as another resource does for what one reads.
func (y *searchWay) slow(op string) bool { return !y.parallel || searchWrites(op) }

// searchJitter returns every call a time of its own, so that calls at the same moment
// have an order that does not depend on chance.
func searchJitter(op string, body []byte) time.Duration {
	h := fnv.New64a()
	_, _ = io.WriteString(h, op)
	_, _ = h.Write(searchRunWord.ReplaceAll(body, nil))
	return time.Millisecond + time.Duration(h.Sum64()%1_000_000)
}

func searchWrites(op string) bool {
	return op != "" && !slices.ContainsFunc([]string{"List", "Describe", "Get", "Is"}, func(p string) bool { return strings.HasPrefix(op, p) })
}

func (y *searchWay) call(q *http.Request, op string, body []byte, stall *bool) (*http.Response, error) {
	if y.dead.Load() {
		return nil, searchKilled{}
	}
	write := searchWrites(op)
	y.w.catchUp(y.run)
	at := int(y.calls.Add(1))
	if write {
		y.writes++
	}
	y.w.counts.add(&y.w.counts.calls)
	for _, a := range y.trouble.during {
		if y.run != nil && a.at == at {
			y.w.act(a)
			*stall = *stall || y.trouble.stalled
		}
	}
	due := y.due(write)
	if due && y.trouble.what == "kill" {
		y.kill(op)
		return nil, searchKilled{}
	}
	if due && y.trouble.what == "interrupt" {
		y.w.log("    interrupted at %s", op)
		y.w.counts.shape("interrupted")
		y.stopped.Store(true)
		y.cancel()
	}
	answer, err := y.w.e.Transport().RoundTrip(q)
	if write && err == nil {
		if done := answer.StatusCode == http.StatusOK; done || y.run == nil {
			y.observe(op, body)
		}
	}
	if due && y.trouble.what == "kill after" {
		y.kill(op)
		return nil, searchKilled{}
	}
	return answer, err
}

func (y *searchWay) due(write bool) bool {
	if y.run == nil || y.trouble.what == "" {
		return false
	}
	if y.trouble.writes {
		return write && y.writes == y.trouble.at
	}
	return int(y.calls.Load()) == y.trouble.at
}

func (y *searchWay) kill(op string) {
	y.dead.Store(true)
	y.w.log("    the provider dies: %s of %s", y.trouble.what, op)
	y.w.counts.shape("provider " + y.trouble.what)
}

// observe looks at AWS after a write of ours.
func (y *searchWay) observe(op string, body []byte) {
	if y.run == nil {
		y.w.violate("a plan writes", "%s", op)
		return
	}
	was := y.w.last
	now := searchSnapOf(y.w.e)
	effects := was.diff(now)
	y.w.last = now
	y.w.expect(op, body)
	y.w.log("    %s%s", op, searchDescribe(was, now, effects))
	for _, x := range effects {
		if strings.HasSuffix(x.Kind, "+") && x.ID != "" {
			y.w.made[x.ID], y.run.made[x.ID] = true, true
		}
	}
	if len(y.run.touched) > 0 {
		y.w.counts.shape("a write after somebody acted")
	}
	y.w.others(y.run, was, now)
	y.run.judge(op, was, now, effects)
}

func searchDescribe(was, now *searchSnap, effects []searchtest.Effect) string {
	var b strings.Builder
	for _, x := range effects {
		fmt.Fprintf(&b, " {%s", x.Kind)
		for _, id := range x.Objects() {
			if name := now.name(id); name != id {
				fmt.Fprintf(&b, " %s", name)
			} else {
				fmt.Fprintf(&b, " %s", was.name(id))
			}
		}
		if x.Wider|x.Narrower != 0 {
			fmt.Fprintf(&b, " +%05b -%05b", x.Wider, x.Narrower)
		}
		b.WriteString("}")
	}
	return b.String()
}
