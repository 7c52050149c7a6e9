package lease

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// inBubble runs a test in virtual time, with an emulator.
func inBubble(t *testing.T, test func(t *testing.T, e *emulator.Emulator)) {
	t.Helper()
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		test(t, centertest.Start(t, emulator.Options{Estate: centertest.NewWorld("platform", 1).Estate}))
	})
}

func take(t *testing.T, c *identitycenter.Client, o Options) *Lock {
	t.Helper()
	l, err := Take(t.Context(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func release(t *testing.T, l *Lock) {
	t.Helper()
	if err := l.Release(t.Context()); err != nil {
		t.Error(err)
	}
}

func noneLeft(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	if n := len(e.State().Instances[0].PermissionSets); n != 0 {
		t.Errorf("%d permission sets are left", n)
	}
}

func TestLock(t *testing.T) {
	inBubble(t, func(t *testing.T, e *emulator.Emulator) {
		jane, joe := centertest.Client(t, e, emulator.ManagementKey), centertest.Client(t, e, emulator.ManagementKey)
		mine := take(t, jane, Options{Owner: "platform", Holder: "jane \u2014 laptop"})
		time.Sleep(10 * time.Minute) // renewed all the while
		_, err := Take(t.Context(), joe, Options{Owner: "platform", Holder: "joe"})
		if centertest.CodeOf(err) != identitycenter.CodeLocked || !strings.Contains(err.Error(), "jane \u2014 laptop") {
			t.Errorf("err = %v, want that jane holds the lock", err)
		}
		other, err := Take(t.Context(), joe, Options{Owner: "data", Holder: "joe"})
		if err != nil {
			t.Errorf("another owner's lock: %v", err)
		} else if err := other.Release(t.Context()); err != nil {
			t.Error(err)
		}
		p := centertest.Set(e, "rolecall-lock-platform")
		if p.Tags[access.LockTag] != "platform" || p.Tags[access.OwnerTag] != "" {
			t.Errorf("tags %v, want the lock's and no owner's", p.Tags)
		}
		if !jane.Guards(p.ARN) || joe.Guards(p.ARN) || !jane.Known(p.ARN).Lock {
			t.Errorf("known %+v, want jane's lock: a read must know it from other sets", jane.Known(p.ARN))
		}
		go func() {
			time.Sleep(20 * time.Second)
			release(t, mine)
		}()
		his := take(t, joe, Options{Owner: "platform", Holder: "joe", Wait: time.Minute})
		if len(his.Notes()) != 0 {
			t.Errorf("notes %v, want none: the lock was given back", his.Notes())
		}
		release(t, his)
		noneLeft(t, e)
	})
}

// A holder that died is taken over when its lease has run out, and not before.
func TestStaleLockIsTakenOver(t *testing.T) {
	inBubble(t, func(t *testing.T, e *emulator.Emulator) {
		dead := take(t, centertest.Client(t, e, emulator.ManagementKey), Options{Owner: "platform", Holder: "dead"})
		dead.cancel() // nobody renews any more
		joe := centertest.Client(t, e, emulator.ManagementKey)
		time.Sleep(missedRenewal - time.Second)
		if _, err := Take(t.Context(), joe, Options{Owner: "platform", Holder: "joe"}); centertest.CodeOf(err) != identitycenter.CodeLocked {
			t.Fatalf("err = %v, want that the lease still runs", err)
		}
		time.Sleep(2 * time.Second)
		l := take(t, joe, Options{Owner: "platform", Holder: "joe"})
		if dead.mayWrite() == nil {
			t.Error("the holder may still write, though another has its lock")
		}
		if notes := l.Notes(); len(notes) != 1 || notes[0].Code != identitycenter.CodeLockTakenOver || !strings.Contains(notes[0].Detail, "dead") {
			t.Errorf("notes %v, want that the lock of the dead one was taken over", notes)
		}
		if err := dead.Release(t.Context()); centertest.CodeOf(err) != identitycenter.CodeLockLost {
			t.Errorf("err = %v, want that the lock was lost", err)
		}
		if info, found, err := Read(t.Context(), joe, "platform"); err != nil || !found || info.Holder != "joe" {
			t.Errorf("lock %+v, %t, %v: the dead one's release must not touch it", info, found, err)
		}
		release(t, l)
	})
}

// A broken lock stops its holder: it is told, and its writes are refused.
func TestBrokenLockStopsWrites(t *testing.T) {
	inBubble(t, func(t *testing.T, e *emulator.Emulator) {
		jane := centertest.Client(t, e, emulator.ManagementKey)
		l := take(t, jane, Options{Owner: "platform", Holder: "jane"})
		write := func(name string) error {
			_, err := jane.CreateGroup(t.Context(), access.Group{Name: name, Owner: "platform"})
			return err
		}
		if err := write("before"); err != nil {
			t.Fatal(err)
		}
		joe := centertest.Client(t, e, emulator.ManagementKey)
		held, found, err := Read(t.Context(), joe, "platform")
		if err != nil || !found || held.Holder != "jane" {
			t.Fatalf("lock %+v, %t, %v", held, found, err)
		}
		if broken, err := Break(t.Context(), joe, held, BreakOptions{Now: true}); err != nil || !broken {
			t.Errorf("broke %t, %v", broken, err)
		}
		select {
		case err := <-l.Ended():
			if centertest.CodeOf(err) != identitycenter.CodeLockLost {
				t.Errorf("lost with %v", err)
			}
		case <-time.After(renewEvery + time.Second):
			t.Error("the holder was not told within a renewal")
		}
		if err := write("after"); centertest.CodeOf(err) != identitycenter.CodeLockLost {
			t.Errorf("err = %v, want that nothing more is written", err)
		}
		if err := l.Release(t.Context()); centertest.CodeOf(err) != identitycenter.CodeLockLost {
			t.Errorf("release: %v", err)
		}
		for _, g := range e.State().Instances[0].Groups {
			if g.DisplayName == "after" {
				t.Error("written without the lock")
			}
		}
		if broken, err := Break(t.Context(), jane, held, BreakOptions{Now: true}); broken || err != nil {
			t.Errorf("breaking what is not there: %t, %v", broken, err)
		}
	})
}

// The answer to taking the lock, or to renewing it, may be lost.
func TestLockWithLostAnswers(t *testing.T) {
	inBubble(t, func(t *testing.T, e *emulator.Emulator) {
		l, c := centertest.ConnectLossy(t, e)
		l.Lose("CreatePermissionSet")
		lock := take(t, c, Options{Owner: "platform", Holder: "jane"})
		l.Lose("UpdatePermissionSet")
		time.Sleep(5 * time.Minute)
		if err := lock.mayWrite(); err != nil {
			t.Errorf("lost with one answer: %v", err)
		}
		l.Lose("DeletePermissionSet")
		release(t, lock)
		noneLeft(t, e)
	})
}

// Whoever waits for the lock does not give up because AWS is busy for minutes.
func TestLockIsWaitedForThroughThrottles(t *testing.T) {
	inBubble(t, func(t *testing.T, e *emulator.Emulator) {
		c := centertest.Client(t, e, emulator.ManagementKey)
		if err := e.SetFaults(emulator.Fault{Operation: "sso-admin.CreatePermissionSet", Kind: emulator.Throttle}); err != nil {
			t.Fatal(err)
		}
		if _, err := Take(t.Context(), c, Options{Owner: "platform", Holder: "jane"}); centertest.CodeOf(err) != identitycenter.CodeThrottled {
			t.Errorf("err = %v, want that it is not waited for", err)
		}
		time.AfterFunc(5*time.Minute, e.ClearFaults)
		l := take(t, c, Options{Owner: "platform", Holder: "jane", Wait: time.Hour})
		release(t, l)
	})
}

// pausing is a transport whose process may stop at any call and wake up later.
type pausing struct {
	inner http.RoundTripper
	mu    sync.Mutex
	until time.Time
}

func (p *pausing) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	wait := time.Until(p.until)
	p.mu.Unlock()
	if wait > 0 {
		if err := identitycenter.Sleep(r.Context(), wait); err != nil {
			return nil, err
		}
	}
	return p.inner.RoundTrip(r)
}

// Thirty contenders, some of which stop for minutes while they hold the
// lock, some of which die with it: never do two write within each other's time.
func TestNeverTwoWriters(t *testing.T) {
	inBubble(t, func(t *testing.T, e *emulator.Emulator) {
		var mu sync.Mutex
		writer, writes, overlaps := "", 0, 0
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() {
				time.Sleep(time.Duration(i*i%97) * time.Second)
				name := fmt.Sprintf("contender-%d", i)
				p := &pausing{inner: e.Transport()}
				c, err := identitycenter.Connect(t.Context(), centertest.OptionsFor(p, emulator.ManagementKey))
				if err != nil {
					t.Error(err)
					return
				}
				l, err := Take(t.Context(), c, Options{Owner: "platform", Holder: name, Wait: 3 * time.Hour})
				if err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
				for n := range 3 {
					if i%7 == 3 && n == 1 { // stops, and wakes up after others took over
						p.mu.Lock()
						p.until = time.Now().Add(3 * time.Minute)
						p.mu.Unlock()
						time.Sleep(3 * time.Minute)
					}
					if l.mayWrite() != nil {
						break
					}
					mu.Lock()
					if writer != "" {
						overlaps++
					}
					writer, writes = name, writes+1
					mu.Unlock()
					time.Sleep(time.Second) // the write is on its way
					mu.Lock()
					writer = ""
					mu.Unlock()
				}
				if i%11 == 5 { // dies without giving the lock back
					l.cancel()
					return
				}
				if err := l.Release(t.Context()); err != nil && centertest.CodeOf(err) != identitycenter.CodeLockLost && !errors.Is(err, context.Canceled) {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		wg.Wait()
		if overlaps != 0 {
			t.Errorf("%d times two wrote at once", overlaps)
		}
		if writes < 60 {
			t.Errorf("%d writes, want those of nearly all contenders", writes)
		}
	})
}

func TestLockTextFitsAWS(t *testing.T) {
	text := lockText{Holder: strings.Repeat("\u65e5\u672c\U0001F600", 200), Run: strings.Repeat("x", 26), Since: time.Now().UTC(), Renewed: time.Now().UTC()}
	written := text.String()
	if len(written) > maxDescription || strings.ContainsFunc(written, func(r rune) bool { return r < 0x20 || r > 0x7e }) {
		t.Errorf("AWS refuses the description of %d characters: %s", len(written), written)
	}
	var got lockText
	if err := json.Unmarshal([]byte(written), &got); err != nil || !strings.HasPrefix(text.Holder, got.Holder) || got.Holder == "" || got.Run != text.Run || !got.Renewed.Equal(text.Renewed) {
		t.Errorf("read back %+v", got)
	}
}
