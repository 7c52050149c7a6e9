package identitycenter

import (
	"context"
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
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

func codeOf(err error) diag.Code {
	if list := diag.FromError(err); len(list) == 1 {
		return list[0].Code
	}
	return ""
}

func TestLock(t *testing.T) {
	cleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		e := start(t, emulator.Options{Estate: newWorld("platform", 1).estate})
		jane, joe := connect(t, e, emulator.ManagementKey), connect(t, e, emulator.ManagementKey)
		mine, err := jane.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "jane \u2014 laptop"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute) // renewed all the while
		_, err = joe.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "joe"})
		if codeOf(err) != CodeLocked || !strings.Contains(err.Error(), "jane \u2014 laptop") {
			t.Errorf("err = %v, want that jane holds the lock", err)
		}
		other, err := joe.Lock(t.Context(), LockOptions{Owner: "data", Holder: "joe"})
		if err != nil {
			t.Errorf("another owner's lock: %v", err)
		} else if err := other.Release(t.Context()); err != nil {
			t.Error(err)
		}
		p := set(e, "rolecall-lock-platform")
		if p.Tags[access.LockTag] != "platform" || p.Tags[access.OwnerTag] != "" {
			t.Errorf("tags %v, want the lock's and no owner's", p.Tags)
		}
		if s := read(t, jane, ReadOptions{Owner: "platform"}); len(s.Sets) != 0 {
			t.Errorf("sets %v, want none: a lock is no set", s.Sets)
		}
		go func() {
			time.Sleep(20 * time.Second)
			if err := mine.Release(t.Context()); err != nil {
				t.Error(err)
			}
		}()
		his, err := joe.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "joe", Wait: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		if len(his.Notes()) != 0 {
			t.Errorf("notes %v, want none: the lock was given back", his.Notes())
		}
		if err := his.Release(t.Context()); err != nil {
			t.Error(err)
		}
		if n := len(e.State().Instances[0].PermissionSets); n != 0 {
			t.Errorf("%d permission sets are left", n)
		}
	})
}

// A holder that died is taken over when its lease has run out, and not before.
func TestStaleLockIsTakenOver(t *testing.T) {
	cleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		e := start(t, emulator.Options{Estate: newWorld("platform", 1).estate})
		dead, err := connect(t, e, emulator.ManagementKey).Lock(t.Context(), LockOptions{Owner: "platform", Holder: "dead"})
		if err != nil {
			t.Fatal(err)
		}
		dead.cancel() // nobody renews any more
		joe := connect(t, e, emulator.ManagementKey)
		time.Sleep(missedRenewal - time.Second)
		if _, err := joe.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "joe"}); codeOf(err) != CodeLocked {
			t.Fatalf("err = %v, want that the lease still runs", err)
		}
		time.Sleep(2 * time.Second)
		l, err := joe.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "joe"})
		if err != nil {
			t.Fatal(err)
		}
		if dead.mayWrite() == nil {
			t.Error("the holder may still write, though another has its lock")
		}
		if notes := l.Notes(); len(notes) != 1 || notes[0].Code != CodeLockTakenOver || !strings.Contains(notes[0].Detail, "dead") {
			t.Errorf("notes %v, want that the lock of the dead one was taken over", notes)
		}
		if err := dead.Release(t.Context()); codeOf(err) != CodeLockLost {
			t.Errorf("err = %v, want that the lock was lost", err)
		}
		if info, found, err := joe.ReadLock(t.Context(), "platform"); err != nil || !found || info.Holder != "joe" {
			t.Errorf("lock %+v, %t, %v: the dead one's release must not touch it", info, found, err)
		}
		if err := l.Release(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A broken lock stops its holder: it is told, and its writes are refused.
func TestBrokenLockStopsWrites(t *testing.T) {
	cleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		e := start(t, emulator.Options{Estate: newWorld("platform", 1).estate})
		jane := connect(t, e, emulator.ManagementKey)
		target := jane.Target(TargetOptions{Owner: "platform"})
		l, err := jane.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "jane"})
		if err != nil {
			t.Fatal(err)
		}
		group := func(name string) plan.Change {
			return plan.Change{Kind: plan.Group, Action: plan.Create, Key: plan.Key{Group: name}, After: &plan.Value{Group: &access.Group{Name: name, Owner: "platform"}}}
		}
		do(t, target, group("before"))
		joe := connect(t, e, emulator.ManagementKey)
		held, found, err := joe.ReadLock(t.Context(), "platform")
		if err != nil || !found || held.Holder != "jane" {
			t.Fatalf("lock %+v, %t, %v", held, found, err)
		}
		if broken, err := joe.BreakLock(t.Context(), held, BreakOptions{Now: true}); err != nil || !broken {
			t.Errorf("broke %t, %v", broken, err)
		}
		select {
		case err := <-l.Lost():
			if codeOf(err) != CodeLockLost {
				t.Errorf("lost with %v", err)
			}
		case <-time.After(renewEvery + time.Second):
			t.Error("the holder was not told within a renewal")
		}
		ch := group("after")
		_, err = target.Start(t.Context(), ch)
		if v := target.Classify(ch, err); codeOf(err) != CodeLockLost || v.Cause != apply.Permanent || v.Finding.Code != CodeLockLost {
			t.Errorf("err = %v, %+v, want that nothing more is written", err, v)
		}
		if err := l.Release(t.Context()); codeOf(err) != CodeLockLost {
			t.Errorf("release: %v", err)
		}
		for _, g := range e.State().Instances[0].Groups {
			if g.DisplayName == "after" {
				t.Error("written without the lock")
			}
		}
		if broken, err := jane.BreakLock(t.Context(), held, BreakOptions{Now: true}); broken || err != nil {
			t.Errorf("breaking what is not there: %t, %v", broken, err)
		}
	})
}

// The answer to taking the lock, or to renewing it, may be lost.
func TestLockWithLostAnswers(t *testing.T) {
	cleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		e := start(t, emulator.Options{Estate: newWorld("platform", 1).estate})
		l, c := connectLossy(t, e)
		l.lose("CreatePermissionSet")
		lock, err := c.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "jane"})
		if err != nil {
			t.Fatal(err)
		}
		l.lose("UpdatePermissionSet")
		time.Sleep(5 * time.Minute)
		if err := lock.mayWrite(); err != nil {
			t.Errorf("lost with one answer: %v", err)
		}
		l.lose("DeletePermissionSet")
		if err := lock.Release(t.Context()); err != nil {
			t.Error(err)
		}
		if n := len(e.State().Instances[0].PermissionSets); n != 0 {
			t.Errorf("%d permission sets are left", n)
		}
	})
}

// Whoever waits for the lock does not give up because AWS is busy for minutes.
func TestLockIsWaitedForThroughThrottles(t *testing.T) {
	cleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		e := start(t, emulator.Options{Estate: newWorld("platform", 1).estate})
		c := connect(t, e, emulator.ManagementKey)
		if err := e.SetFaults(emulator.Fault{Operation: "sso-admin.CreatePermissionSet", Kind: emulator.Throttle}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "jane"}); codeOf(err) != CodeThrottled {
			t.Errorf("err = %v, want that it is not waited for", err)
		}
		time.AfterFunc(5*time.Minute, e.ClearFaults)
		l, err := c.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "jane", Wait: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Release(t.Context()); err != nil {
			t.Error(err)
		}
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
		if err := sleep(r.Context(), wait); err != nil {
			return nil, err
		}
	}
	return p.inner.RoundTrip(r)
}

// Thirty contenders, some of which stop for minutes while they hold the
// lock, some of which die with it: never do two write within each other's time.
func TestNeverTwoWriters(t *testing.T) {
	cleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		e := start(t, emulator.Options{Estate: newWorld("platform", 1).estate})
		var mu sync.Mutex
		writer, writes, overlaps := "", 0, 0
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() {
				time.Sleep(time.Duration(i*i%97) * time.Second)
				name := fmt.Sprintf("contender-%d", i)
				p := &pausing{inner: e.Transport()}
				c, err := Connect(t.Context(), optionsFor(p, emulator.ManagementKey))
				if err != nil {
					t.Error(err)
					return
				}
				l, err := c.Lock(t.Context(), LockOptions{Owner: "platform", Holder: name, Wait: 3 * time.Hour})
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
					if c.allowed(t.Context(), "CreateGroup") != nil {
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
				if err := l.Release(t.Context()); err != nil && codeOf(err) != CodeLockLost && !errors.Is(err, context.Canceled) {
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
	got, err := parseLockText(written)
	if err != nil || !strings.HasPrefix(text.Holder, got.Holder) || got.Holder == "" || got.Run != text.Run || !got.Renewed.Equal(text.Renewed) {
		t.Errorf("read back %+v, %v", got, err)
	}
}

// Jobs that an earlier run started are waited for; one that hangs is named.
func TestWaitForJobs(t *testing.T) {
	cleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("platform", 3)
		w.group("Developers", 0)
		e := start(t, emulator.Options{Estate: w.estate, JobLatency: emulator.Latency{Min: 30 * time.Second, Max: 30 * time.Second}})
		c := connect(t, e, emulator.ManagementKey)
		target := c.Target(TargetOptions{Owner: "platform"})
		for _, a := range []string{"200000000000", "200000000001"} {
			if _, err := target.Start(t.Context(), withRefs(t, target, plan.Change{Kind: plan.Assignment, Action: plan.Create,
				Key: plan.Key{PermissionSet: "Developers", Group: "Developers", Account: a}})); err != nil {
				t.Fatal(err)
			}
		}
		late, err := c.WaitForJobs(t.Context(), 10*time.Second, nil)
		if err != nil || len(late) != 1 || late[0].Code != CodeJobsRunning {
			t.Errorf("after 10 s: %v, %v, want that two jobs are still in progress", late, err)
		}
		told := 0
		late, err = c.WaitForJobs(t.Context(), time.Minute, func(left int) { told = left })
		if err != nil || len(late) != 0 || told != 2 {
			t.Errorf("%v, %v, told of %d, want that both jobs ended", late, err, told)
		}
		if n := len(e.State().Instances[0].Assignments); n != 2 {
			t.Errorf("%d assignments, want 2", n)
		}
	})
}
