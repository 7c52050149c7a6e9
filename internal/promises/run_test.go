package promises

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/cli"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// Where something happens in a run: at a write of this number, or at any call.
const (
	beforeWrite = iota
	afterWrite
	afterCall
	places
)

// Troubles of a call, by number.
const (
	loseRequest = iota
	loseAnswer
	throttle
	internalError
	failJob
	halfway
	killBefore
	killAfter
	late
	troubles
)

// during is an act between two calls of a run, or trouble with one.
type during struct {
	place, n int
	act      [4]int // of acts, with its numbers; not for trouble
	trouble  int    // -1: an act
	stall    bool   // the answer before the next call comes after the permitted look
}

// event is a write of ours that AWS took, with what it did; or what a job of
// ours did later.
type event struct {
	at      time.Time
	op      string
	body    map[string]any
	effects []searchtest.Effect
	was, is *snap
}

// started is a call of ours that started a job.
type started struct {
	at time.Time
	op string
}

// run is one run of ours while it is judged.
type run struct {
	w        *world
	conf     *conf
	flags    flags
	start    *snap
	approved *snap                          // when the plan that is approved was read, as far as that is known
	closed   *snap                          // when the approval was given
	joined   map[searchtest.Membership]bool // memberships that this run made
	before   map[searchtest.Person]bits
	plan     *planJSON
	events   []event
	pending  map[string]started // effects that jobs of ours will have
	made     map[string]bool    // ids of what this run made
	madeAs   map[string]string  // the names of groups and users among them
	granted  map[searchtest.Assignment]bool
	staged   map[string]bits // what others put on a set, or what was there
	sem      chan struct{}
	cancel   context.CancelFunc
	during   []during
	calls    int
	writes   int
	dead     bool
	opened   bool // the plan is approved
	edited   bool // its file was edited
	again    bool // it is a plan file that was carried out before
	replayed bool // it is a plan file that was tried before, with the config of then
}

func (w *world) newRun(f flags) *run {
	w.observe(nil)
	r := &run{w: w, conf: w.conf.clone(), flags: f, start: w.last, before: map[searchtest.Person]bits{}, pending: map[string]started{}, made: map[string]bool{}, madeAs: map[string]string{}, granted: map[searchtest.Assignment]bool{}, joined: map[searchtest.Membership]bool{}, staged: map[string]bits{},
		sem: make(chan struct{}, 1)}
	for p, b := range w.last.powers {
		r.before[p] = b
	}
	for arn, s := range w.last.Sets {
		r.staged[arn] = meaning(s.Content)
	}
	return r
}

// observe looks at AWS after something happened: e is a call of ours, nil means
// that an act or a job of somebody did it.
func (w *world) observe(e *event) {
	now := snapshot(w.em)
	effects := w.last.Diff(now.Snapshot)
	was := w.last
	w.last = now
	r := w.run
	if r == nil {
		return
	}
	var ours, others []searchtest.Effect
	for _, x := range effects {
		if _, job := r.pending[x.Key()]; !w.theirs && (e != nil || job) {
			ours = append(ours, x)
		} else {
			others = append(others, x)
		}
	}
	if len(others) > 0 || w.theirs {
		r.gaveOrTook(was, now)
	}
	if e == nil && len(ours) == 0 {
		return
	}
	if e == nil {
		e = &event{}
	}
	e.at, e.effects, e.was, e.is = time.Now(), ours, was, now
	for _, x := range ours {
		by, job := r.pending[x.Key()]
		if !job || e.body != nil {
			continue
		}
		if by.at.Before(e.at) {
			e.at = by.at // the look was before the call
		}
		if e.op == "" || x.Kind != "assignment-" {
			e.op = by.op
		}
	}
	for _, x := range ours {
		if x.Kind == "assignment+" {
			r.granted[x.Assignment] = true
		}
		if x.Kind == "member+" {
			r.joined[x.Membership] = true
		}
		if strings.HasSuffix(x.Kind, "+") && x.ID != "" {
			r.made[x.ID], w.made[x.ID] = true, true
			r.madeAs[x.ID] = now.Groups[x.ID].Name + now.Users[x.ID]
		}
	}
	w.log("    %s", e.describe())
	r.events = append(r.events, *e)
	w.counts.checks++
	r.checkTogether(e)
	r.checkParts(e)
	r.checkArrived(e)
}

// objects are the ids of what a write was about and did.
func (e *event) objects() []string {
	ids := []string{text(e.body, "PermissionSetArn"), text(e.body, "TargetId"), text(e.body, "PrincipalId")}
	for _, x := range e.effects {
		ids = append(ids, x.Objects()...)
	}
	return ids
}

// describe is for a trace.
func (e *event) describe() string {
	var b strings.Builder
	b.WriteString(e.op)
	set := e.is.Sets[text(e.body, "PermissionSetArn")].Name
	if set == "" {
		set = e.was.Sets[text(e.body, "PermissionSetArn")].Name
	}
	fmt.Fprintf(&b, " %s %s%s", set, text(e.body, "ManagedPolicyArn"), text(e.body, "DisplayName"))
	for _, x := range e.effects {
		fmt.Fprintf(&b, " {%s", x.Kind)
		for _, id := range x.Objects() {
			for _, s := range []*snap{e.is, e.was} {
				if name := s.Accounts[id] + s.Users[id] + s.Groups[id].Name + s.Sets[id].Name; name != "" {
					fmt.Fprintf(&b, " %s", name)
					break
				}
			}
		}
		if x.Wider|x.Narrower != 0 {
			fmt.Fprintf(&b, " +%07b -%07b", x.Wider, x.Narrower)
		}
		b.WriteString("}")
	}
	return b.String()
}

// gaveOrTook lets what others did count as before.
func (r *run) gaveOrTook(was, now *snap) {
	for p, b := range now.powers {
		r.before[p] |= b &^ was.powers[p]
	}
	for p, b := range was.powers {
		r.before[p] &^= b &^ now.powers[p]
	}
	for arn, s := range now.Sets {
		if s.Content != was.Sets[arn].Content {
			r.staged[arn] |= meaning(s.Content)
		}
	}
}

// way is the command's way to AWS, on which everything happens.
type way struct{ r *run }

func (y way) RoundTrip(q *http.Request) (*http.Response, error) {
	r := y.r
	body, op := readCall(q)
	time.Sleep(jitter(op, body))
	r.sem <- struct{}{}
	stall := false
	answer, err := r.call(q, op, body, &stall)
	<-r.sem
	if stall {
		time.Sleep(lookup + 10*time.Second)
	}
	return answer, err
}

func readCall(q *http.Request) (body []byte, op string) {
	if q.Body != nil {
		body, _ = io.ReadAll(q.Body)
		_ = q.Body.Close()
		q.Body = io.NopCloser(bytes.NewReader(body))
	}
	_, op, _ = strings.Cut(q.Header.Get("X-Amz-Target"), ".")
	return body, op
}

// jitter returns every call a time of its own, so that calls at the same moment
// have an order that does not depend on chance.
func jitter(op string, body []byte) time.Duration {
	h := fnv.New64a()
	_, _ = io.WriteString(h, op)
	if op != "UpdatePermissionSet" && !bytes.Contains(body, []byte("rolecall-lock")) { // the lock's text is chance
		_, _ = h.Write(body)
	}
	return time.Millisecond + time.Duration(h.Sum64()%1_000_000)
}

func writes(op string) bool {
	for _, p := range []string{"List", "Describe", "Get", "Is"} {
		if strings.HasPrefix(op, p) {
			return false
		}
	}
	return op != ""
}

var errReset = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

// call carries one call out, with what happens before and after it.
func (r *run) call(q *http.Request, op string, body []byte, stall *bool) (*http.Response, error) {
	w := r.w
	if r.dead {
		return nil, errReset
	}
	w.counts.steps++
	r.calls++
	write := writes(op) && !r.aboutLock(op, body)
	if write {
		r.writes++
		w.counts.writes++
		if r.approved == nil {
			w.observe(nil)
			r.approved = w.last
		}
		r.happen(beforeWrite, r.writes, stall)
	}
	w.observe(nil) // jobs that ended
	if !write {
		answer, err := w.em.Transport().RoundTrip(q)
		r.happen(afterCall, r.calls, stall)
		return answer, err
	}
	return r.write(q, op, body, stall)
}

func (r *run) write(q *http.Request, op string, body []byte, stall *bool) (*http.Response, error) {
	w, trouble := r.w, r.troubleAt(r.writes)
	if trouble == loseRequest || trouble == killBefore {
		r.kill(trouble == killBefore)
		return nil, errReset
	}
	if f, ok := map[int]emulator.Fault{
		throttle: {Kind: emulator.Throttle, Times: 1}, internalError: {Kind: emulator.Internal, Times: 1},
		failJob: {Kind: emulator.FailJob, Times: 1}, halfway: {Kind: emulator.FailJob, Times: 1, Accounts: 1, Reason: "stopped halfway"},
	}[trouble]; ok {
		if err := w.em.SetFaults(f); err != nil {
			w.t.Fatal(err)
		}
		defer w.em.ClearFaults()
	}
	e := &event{op: op, body: map[string]any{}}
	_ = json.Unmarshal(body, &e.body) // a write of AWS's JSON protocol always can
	r.checkOwner(op, e.body)
	answer, err := w.em.Transport().RoundTrip(q)
	if err != nil || answer.StatusCode != http.StatusOK {
		w.observe(nil)
		return answer, err
	}
	r.expect(op, e.body)
	w.observe(e)
	r.happen(afterWrite, r.writes, stall)
	switch trouble {
	case loseAnswer, killAfter:
		if trouble == loseAnswer {
			w.counts.shape("answer lost")
		} else {
			w.counts.shape("killed after an effect")
		}
		r.kill(trouble == killAfter)
		return nil, errReset
	case late:
		*stall = true
	}
	return answer, err
}

// expect notes what the job that a call starts will do.
func (r *run) expect(op string, body map[string]any) {
	if r.w.latency == 0 {
		return
	}
	by := started{time.Now(), op}
	set, account, principal := text(body, "PermissionSetArn"), text(body, "TargetId"), text(body, "PrincipalId")
	for _, key := range r.w.last.Expected(op, set, account, principal) {
		r.pending[key] = by
	}
}

func text(body map[string]any, key string) string { s, _ := body[key].(string); return s }

// aboutLock tells the writes of the lock, which are no access.
func (r *run) aboutLock(op string, body []byte) bool {
	if op == "CreatePermissionSet" {
		return bytes.Contains(body, []byte(`"rolecall-lock-`))
	}
	if op != "UpdatePermissionSet" && op != "DeletePermissionSet" && op != "TagResource" && op != "UntagResource" {
		return false
	}
	var b map[string]any
	_ = json.Unmarshal(body, &b)
	arn := text(b, "PermissionSetArn") + text(b, "ResourceArn")
	s, ok := r.w.last.Sets[arn]
	if !ok {
		s = snapshot(r.w.em).Sets[arn]
	}
	return s.Lock && s.Owner == ""
}

func (r *run) kill(really bool) {
	if really {
		r.dead = true
		r.cancel()
	}
}

// happen does what is due at a place.
func (r *run) happen(place, n int, stall *bool) {
	if !r.opened {
		return // what is shown at the prompt is asked for when it opens
	}
	for _, d := range r.during {
		if d.trouble < 0 && d.place == place && d.n == n {
			r.w.act(d.act[0], d.act[1], d.act[2], d.act[3])
			*stall = *stall || d.stall && place != beforeWrite
		}
	}
}

func (r *run) troubleAt(n int) int {
	for _, d := range r.during {
		if d.trouble >= 0 && d.n == n {
			return d.trouble
		}
	}
	return -1
}

// direct is a way without anything on it.
func (w *world) direct() http.RoundTripper { return w.em.Transport() }

type ended struct {
	code           int
	stdout, stderr string
}

// command runs a command line in-process.
func (w *world) command(ctx context.Context, way http.RoundTripper, key string, stdin io.Reader, args ...string) ended {
	var stdout, stderr bytes.Buffer
	code := cli.Main(ctx, append(args, "--max-tps", "500"), cli.System{
		Stdin: stdin, Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" },
		AWS: func(o *identitycenter.Options) {
			o.Region, o.HTTPClient, o.Cache = "us-east-1", &http.Client{Transport: way}, nil
			o.Credentials = credentials.NewStaticCredentialsProvider(key, "secret", "")
		},
	})
	return ended{code, stdout.String(), stderr.String()}
}
