package lease

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// tell writes into a lock what a holder with a wrong clock would write.
func tell(t *testing.T, c *identitycenter.Client, arn string, renewed time.Time, run string) {
	t.Helper()
	text := lockText{Holder: "wrong clock", Run: run, Since: renewed, Renewed: renewed}
	if _, err := c.UpdatePermissionSet(identitycenter.Unguarded(t.Context()), access.PermissionSet{ARN: arn, Description: text.String()}); err != nil {
		t.Error(err)
	}
}

// A holder that lives keeps its lock, however old its clock makes it look; one
// that is dead loses it, however young. Only what the taker sees counts.
func TestStalenessIsByTheTakersClock(t *testing.T) {
	centertest.CleanEnvironment(t)
	for name, tt := range map[string]struct {
		ahead time.Duration // of the holder's clock
		alive bool
		wait  time.Duration
	}{
		"alive, a day behind":         {ahead: -24 * time.Hour, alive: true},
		"alive, a day behind, waited": {ahead: -24 * time.Hour, alive: true, wait: time.Hour},
		"alive, a day ahead":          {ahead: 24 * time.Hour, alive: true},
		"dead, a day ahead":           {ahead: 24 * time.Hour},
		"dead, in time, waited":       {wait: time.Hour},
		"dead, a day behind":          {ahead: -24 * time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			e := centertest.Start(t, emulator.Options{Estate: centertest.NewWorld("platform", 1).Estate})
			holder, joe := centertest.Client(t, e, emulator.ManagementKey), centertest.Client(t, e, emulator.ManagementKey)
			l := take(t, holder, Options{Owner: "platform", Holder: "holder"})
			l.cancel() // the test renews, as a holder with another clock does
			tell(t, holder, l.arn, time.Now().Add(tt.ahead), "his")
			done := make(chan struct{})
			if tt.alive {
				go func() {
					for {
						select {
						case <-done:
							return
						case <-time.After(renewEvery):
							tell(t, holder, l.arn, time.Now().Add(tt.ahead), "his")
						}
					}
				}()
			}
			began := time.Now()
			his, err := Take(t.Context(), joe, Options{Owner: "platform", Holder: "joe", Wait: tt.wait})
			close(done)
			took := time.Since(began)
			switch {
			case tt.alive && centertest.CodeOf(err) != identitycenter.CodeLocked:
				t.Errorf("%s: err = %v, want that the lock is held", name, err)
			case tt.alive && centertest.Set(e, "rolecall-lock-platform").ARN != l.arn:
				t.Errorf("%s: the lock of a holder that lives was broken", name)
			case !tt.alive && err != nil:
				t.Errorf("%s: %v", name, err)
			case !tt.alive && (took < leaseLasts || took > leaseLasts+time.Minute):
				t.Errorf("%s: taken over after %s, want two minutes of watching", name, took)
			}
			if err == nil {
				release(t, his)
			}
		})
	}
}

// What bears the name of a lock and is none, and what the cache calls a lock, is
// neither broken nor taken over nor given back.
func TestOnlyALockIsBroken(t *testing.T) {
	centertest.CleanEnvironment(t)
	const lock = "rolecall-lock-platform"
	tag := map[string]string{access.LockTag: "platform"}
	for name, tt := range map[string]struct {
		set      emulator.EstatePermissionSet
		assigned bool
		cache    bool // the cache calls the set a lock
	}{
		"without the tag": {set: emulator.EstatePermissionSet{Name: lock}},
		"with an owner":   {set: emulator.EstatePermissionSet{Name: lock, Tags: map[string]string{access.LockTag: "platform", access.OwnerTag: "other"}}},
		"with a policy":   {set: emulator.EstatePermissionSet{Name: lock, Tags: tag, AWSManagedPolicies: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}}},
		"with an inline policy": {set: emulator.EstatePermissionSet{Name: lock, Tags: tag,
			InlinePolicy: json.RawMessage(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)}},
		"assigned":           {set: emulator.EstatePermissionSet{Name: lock, Tags: tag}, assigned: true},
		"by the cache alone": {set: emulator.EstatePermissionSet{Name: "Admin"}, cache: true},
		"by cache and tag":   {set: emulator.EstatePermissionSet{Name: "Admin", Tags: tag}, cache: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := centertest.NewWorld("platform", 1)
			w.Estate.PermissionSets = append(w.Estate.PermissionSets, tt.set)
			if tt.assigned {
				w.Estate.Groups = append(w.Estate.Groups, emulator.EstateGroup{DisplayName: "Some", Source: "AWS"})
				w.Estate.Assignments = append(w.Estate.Assignments, emulator.EstateAssignment{PermissionSet: lock, Group: "Some", Accounts: []string{w.Names[0]}})
			}
			e := centertest.Start(t, emulator.Options{Estate: w.Estate})
			time.Sleep(time.Hour) // nothing about it is new
			o := centertest.OptionsFor(e.Transport(), emulator.ManagementKey)
			arn := centertest.Set(e, tt.set.Name).ARN
			if tt.cache {
				o.Cache = centertest.Lying{arn: {Name: lock, Marked: true, Lock: true}}
			}
			c := centertest.Connect(t, o)
			held, found, err := Read(t.Context(), c, "platform")
			if tt.cache != (err == nil && !found) && found {
				t.Errorf("%s: found %+v", name, held)
			}
			if found || tt.cache {
				held.ARN, held.Owner = arn, "platform" // as if it had been read and approved
				if broken, err := Break(t.Context(), c, held, BreakOptions{}); broken {
					t.Errorf("%s: broken, %v", name, err)
				}
			}
			l, err := Take(t.Context(), c, Options{Owner: "platform", Holder: "joe"})
			if (err == nil) != tt.cache {
				t.Errorf("%s: lock: %v", name, err)
			}
			if err == nil {
				release(t, l)
			} else if centertest.CodeOf(err) != identitycenter.CodeNotALock {
				t.Errorf("%s: err = %v, want %s", name, err, identitycenter.CodeNotALock)
			}
			if centertest.Set(e, tt.set.Name).ARN != arn {
				t.Errorf("%s: the permission set is gone", name)
			}
		})
	}
}

// A set that was made a moment ago may be a lock whose tag is late, so nobody takes
// the lock; but it is not broken.
func TestAYoungSetOfALocksNameIsNotBroken(t *testing.T) {
	centertest.CleanEnvironment(t)
	e := centertest.Start(t, emulator.Options{Estate: centertest.NewWorld("platform", 1).Estate})
	c := centertest.Client(t, e, emulator.ManagementKey)
	arn, _, err := c.CreatePermissionSet(t.Context(), access.PermissionSet{Name: "rolecall-lock-platform"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Take(t.Context(), c, Options{Owner: "platform", Holder: "joe"}); centertest.CodeOf(err) != identitycenter.CodeLocked {
		t.Errorf("err = %v, want that it counts as held", err)
	}
	if _, _, err := Read(t.Context(), c, "platform"); centertest.CodeOf(err) != identitycenter.CodeNotALock {
		t.Errorf("err = %v, want that unlock takes it for none", err)
	}
	if _, err := Break(t.Context(), c, Info{Owner: "platform", ARN: arn}, BreakOptions{}); centertest.CodeOf(err) != identitycenter.CodeNotALock {
		t.Errorf("err = %v, want that it is not broken", err)
	}
	if centertest.Set(e, "rolecall-lock-platform").ARN == "" {
		t.Error("the permission set is gone")
	}
}

// A lock of which somebody made something else meanwhile is not given back.
func TestAReleaseDeletesNothingButTheLock(t *testing.T) {
	centertest.CleanEnvironment(t)
	e := centertest.Start(t, emulator.Options{Estate: centertest.NewWorld("platform", 1).Estate})
	c := centertest.Client(t, e, emulator.ManagementKey)
	l := take(t, c, Options{Owner: "platform", Holder: "jane"})
	if err := c.TagResource(t.Context(), l.arn, []access.Tag{{Key: access.OwnerTag, Value: "other"}}); err != nil {
		t.Fatal(err)
	}
	if err := l.Release(t.Context()); centertest.CodeOf(err) != identitycenter.CodeNotALock {
		t.Errorf("err = %v, want %s", err, identitycenter.CodeNotALock)
	}
	if centertest.Set(e, "rolecall-lock-platform").ARN != l.arn {
		t.Error("the permission set is gone")
	}
}

// refusing is an AWS that refuses to create a permission set for a reason of its
// own: as often as it is told to, or, with -1, always.
type refusing struct {
	next  http.RoundTripper
	with  string
	times int
}

func (q *refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	if q.times == 0 || !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".CreatePermissionSet") {
		return q.next.RoundTrip(r)
	}
	q.times--
	body := fmt.Sprintf(`{"__type":%q,"Message":"not now"}`, q.with)
	return &http.Response{StatusCode: http.StatusBadRequest, Request: r, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}, nil
}

// A conflict says neither that the name is taken nor that it is not: whoever looks
// knows, whatever AWS's message says and whatever the cache calls the lock.
func TestAConflictIsLookedAt(t *testing.T) {
	inBubble(t, func(t *testing.T, e *emulator.Emulator) {
		jane := centertest.Client(t, e, emulator.ManagementKey)
		mine := take(t, jane, Options{Owner: "platform", Holder: "jane"})
		o := centertest.OptionsFor(&refusing{e.Transport(), "ConflictException", -1}, emulator.ManagementKey)
		o.Cache = centertest.Lying{mine.arn: {Name: "Admin", Marked: true}}
		if _, err := Take(t.Context(), centertest.Connect(t, o), Options{Owner: "platform", Holder: "joe"}); centertest.CodeOf(err) != identitycenter.CodeLocked {
			t.Errorf("err = %v, want that jane holds the lock", err)
		}
		o = centertest.OptionsFor(&refusing{e.Transport(), "ConflictException", 2}, emulator.ManagementKey)
		his, err := Take(t.Context(), centertest.Connect(t, o), Options{Owner: "data", Holder: "joe"})
		if err != nil {
			t.Fatalf("err = %v, want that a conflict that passes is waited for", err)
		}
		for _, l := range []*Lock{mine, his} {
			release(t, l)
		}
	})
}

// Without room for the lock's permission set there is no lock, unless somebody
// holds it.
func TestNoRoomForTheLock(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w := centertest.NewWorld("platform", 1)
		w.Estate.Quotas.PermissionSets = 1
		e := centertest.Start(t, emulator.Options{Estate: w.Estate})
		jane, joe := centertest.Client(t, e, emulator.ManagementKey), centertest.Client(t, e, emulator.ManagementKey)
		mine, err := Take(t.Context(), jane, Options{Owner: "platform", Holder: "jane"})
		if err != nil || !mine.Held() {
			t.Fatalf("held %v, %v", mine, err)
		}
		if _, err := Take(t.Context(), joe, Options{Owner: "platform", Holder: "joe"}); centertest.CodeOf(err) != identitycenter.CodeLocked {
			t.Errorf("err = %v, want that jane holds the lock", err)
		}
		full := centertest.Connect(t, centertest.OptionsFor(&refusing{e.Transport(), "ServiceQuotaExceededException", -1}, emulator.ManagementKey))
		if _, err := Take(t.Context(), full, Options{Owner: "platform", Holder: "joe"}); centertest.CodeOf(err) != identitycenter.CodeLocked {
			t.Errorf("err = %v, want that jane holds the lock, whatever AWS looks at first", err)
		}
		his := take(t, joe, Options{Owner: "data", Holder: "joe"})
		if notes := his.Notes(); his.Held() || len(notes) != 1 || notes[0].Code != identitycenter.CodeNoLock {
			t.Errorf("held %t, notes %v, want none and that it is said", his.Held(), notes)
		}
		release(t, his)
		release(t, mine)
		noneLeft(t, e)
	})
}

// Whoever breaks the lock of a run that lives keeps others from it until that run
// has stopped: two runs never write at once, whatever the first one waits for.
func TestABrokenLockIsGuardedUntilItsRunHasStopped(t *testing.T) {
	inBubble(t, func(t *testing.T, e *emulator.Emulator) {
		jane, joe, ann := centertest.Client(t, e, emulator.ManagementKey), centertest.Client(t, e, emulator.ManagementKey), centertest.Client(t, e, emulator.ManagementKey)
		l := take(t, jane, Options{Owner: "platform", Holder: "jane"})
		time.Sleep(renewEvery + 10*time.Second)
		held, _, err := Read(t.Context(), joe, "platform")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() {
			_, err := Break(t.Context(), joe, held, BreakOptions{Holder: "joe"})
			done <- err
		}()
		time.Sleep(time.Second)
		for range 100 {
			if his, err := Take(t.Context(), ann, Options{Owner: "platform", Holder: "ann"}); err == nil {
				if l.mayWrite() == nil {
					t.Error("two may write at once")
				}
				release(t, his)
				break
			}
			time.Sleep(time.Second)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if l.mayWrite() == nil {
			t.Error("the run whose lock was broken may still write")
		}
		if err := l.Release(t.Context()); centertest.CodeOf(err) != identitycenter.CodeLockLost {
			t.Errorf("err = %v, want that the lock was lost", err)
		}
	})
}

// A run that is over knows that it was not alone to its end.
func TestALostLockIsSeenAtTheEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, e *emulator.Emulator) {
		jane, joe := centertest.Client(t, e, emulator.ManagementKey), centertest.Client(t, e, emulator.ManagementKey)
		l := take(t, jane, Options{Owner: "platform", Holder: "jane"})
		if err := l.Check(t.Context()); err != nil {
			t.Errorf("err = %v, want that the lock is held", err)
		}
		held, _, err := Read(t.Context(), joe, "platform")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Break(t.Context(), joe, held, BreakOptions{Now: true}); err != nil {
			t.Fatal(err)
		}
		if err := l.Check(t.Context()); centertest.CodeOf(err) != identitycenter.CodeLockLost {
			t.Errorf("err = %v, want that the lock was lost", err)
		}
		if err := l.Release(t.Context()); centertest.CodeOf(err) != identitycenter.CodeLockLost {
			t.Errorf("err = %v, want that the lock was lost", err)
		}
	})
}
