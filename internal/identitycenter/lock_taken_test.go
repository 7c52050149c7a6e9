package identitycenter

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
)

// tell writes into a lock what a holder with a wrong clock would write.
func tell(t *testing.T, c *Client, arn string, renewed time.Time, run string) {
	t.Helper()
	text := lockText{Holder: "wrong clock", Run: run, Since: renewed, Renewed: renewed}
	if _, err := c.sso.UpdatePermissionSet(lockCall(t.Context()), &ssoadmin.UpdatePermissionSetInput{
		InstanceArn: &c.instance.ARN, PermissionSetArn: &arn, Description: aws.String(text.String()),
	}); err != nil {
		t.Error(err)
	}
}

// A holder that lives keeps its lock, however old its clock makes it look; one
// that is dead loses it, however young. Only what the taker sees counts.
func TestStalenessIsByTheTakersClock(t *testing.T) {
	cleanEnvironment(t)
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
			e := start(t, emulator.Options{Estate: newWorld("platform", 1).estate})
			holder, joe := connect(t, e, emulator.ManagementKey), connect(t, e, emulator.ManagementKey)
			l, err := holder.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "holder"})
			if err != nil {
				t.Fatal(err)
			}
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
			his, err := joe.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "joe", Wait: tt.wait})
			close(done)
			took := time.Since(began)
			switch {
			case tt.alive && codeOf(err) != CodeLocked:
				t.Errorf("%s: err = %v, want that the lock is held", name, err)
			case tt.alive && set(e, lockName("platform")).ARN != l.arn:
				t.Errorf("%s: the lock of a holder that lives was broken", name)
			case !tt.alive && err != nil:
				t.Errorf("%s: %v", name, err)
			case !tt.alive && (took < leaseLasts || took > leaseLasts+time.Minute):
				t.Errorf("%s: taken over after %s, want two minutes of watching", name, took)
			}
			if err == nil {
				if err := his.Release(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// What bears the name of a lock and is none, and what the cache calls a lock, is
// neither broken nor taken over nor given back.
func TestOnlyALockIsBroken(t *testing.T) {
	cleanEnvironment(t)
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
			w := newWorld("platform", 1)
			w.estate.PermissionSets = append(w.estate.PermissionSets, tt.set)
			if tt.assigned {
				w.estate.Groups = append(w.estate.Groups, emulator.EstateGroup{DisplayName: "Some", Source: "AWS"})
				w.estate.Assignments = append(w.estate.Assignments, emulator.EstateAssignment{PermissionSet: lock, Group: "Some", Accounts: []string{w.names[0]}})
			}
			e := start(t, emulator.Options{Estate: w.estate})
			time.Sleep(time.Hour) // nothing about it is new
			o := optionsFor(e.Transport(), emulator.ManagementKey)
			arn := set(e, tt.set.Name).ARN
			if tt.cache {
				o.Cache = lying{arn: {Name: lock, Marked: true, Lock: true}}
			}
			c, err := Connect(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			held, found, err := c.ReadLock(t.Context(), "platform")
			if tt.cache != (err == nil && !found) && found {
				t.Errorf("%s: found %+v", name, held)
			}
			if found || tt.cache {
				held.ARN, held.Owner = arn, "platform" // as if it had been read and approved
				if broken, err := c.BreakLock(t.Context(), held, BreakOptions{}); broken {
					t.Errorf("%s: broken, %v", name, err)
				}
			}
			l, err := c.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "joe"})
			if (err == nil) != tt.cache {
				t.Errorf("%s: lock: %v", name, err)
			}
			if err == nil {
				if err := l.Release(t.Context()); err != nil {
					t.Error(err)
				}
			} else if codeOf(err) != CodeNotALock {
				t.Errorf("%s: err = %v, want %s", name, err, CodeNotALock)
			}
			if set(e, tt.set.Name).ARN != arn {
				t.Errorf("%s: the permission set is gone", name)
			}
		})
	}
}

// A set that was made a moment ago may be a lock whose tag is late, so nobody takes
// the lock; but it is not broken.
func TestAYoungSetOfALocksNameIsNotBroken(t *testing.T) {
	cleanEnvironment(t)
	e := start(t, emulator.Options{Estate: newWorld("platform", 1).estate})
	c := connect(t, e, emulator.ManagementKey)
	out, err := c.sso.CreatePermissionSet(t.Context(), &ssoadmin.CreatePermissionSetInput{InstanceArn: &c.instance.ARN, Name: aws.String(lockName("platform"))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "joe"}); codeOf(err) != CodeLocked {
		t.Errorf("err = %v, want that it counts as held", err)
	}
	if _, _, err := c.ReadLock(t.Context(), "platform"); codeOf(err) != CodeNotALock {
		t.Errorf("err = %v, want that unlock takes it for none", err)
	}
	if _, err := c.BreakLock(t.Context(), LockInfo{Owner: "platform", ARN: aws.ToString(out.PermissionSet.PermissionSetArn)}, BreakOptions{}); codeOf(err) != CodeNotALock {
		t.Errorf("err = %v, want that it is not broken", err)
	}
	if set(e, lockName("platform")).ARN == "" {
		t.Error("the permission set is gone")
	}
}

// A lock of which somebody made something else meanwhile is not given back.
func TestAReleaseDeletesNothingButTheLock(t *testing.T) {
	cleanEnvironment(t)
	e := start(t, emulator.Options{Estate: newWorld("platform", 1).estate})
	c := connect(t, e, emulator.ManagementKey)
	l, err := c.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "jane"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.sso.TagResource(t.Context(), &ssoadmin.TagResourceInput{InstanceArn: &c.instance.ARN, ResourceArn: &l.arn,
		Tags: awsTags([]access.Tag{{Key: access.OwnerTag, Value: "other"}})}); err != nil {
		t.Fatal(err)
	}
	if err := l.Release(t.Context()); codeOf(err) != CodeNotALock {
		t.Errorf("err = %v, want %s", err, CodeNotALock)
	}
	if set(e, lockName("platform")).ARN != l.arn {
		t.Error("the permission set is gone")
	}
}

// quotaFirst is an AWS that looks at the quota before it looks at the name.
type quotaFirst struct{ next http.RoundTripper }

func (q quotaFirst) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".CreatePermissionSet") {
		return q.next.RoundTrip(r)
	}
	const body = `{"__type":"ServiceQuotaExceededException","Message":"no more"}`
	return &http.Response{StatusCode: http.StatusBadRequest, Request: r, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}, nil
}

// Without room for the lock's permission set there is no lock, unless somebody
// holds it.
func TestNoRoomForTheLock(t *testing.T) {
	cleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("platform", 1)
		w.estate.Quotas.PermissionSets = 1
		e := start(t, emulator.Options{Estate: w.estate})
		jane, joe := connect(t, e, emulator.ManagementKey), connect(t, e, emulator.ManagementKey)
		mine, err := jane.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "jane"})
		if err != nil || !mine.Held() {
			t.Fatalf("held %v, %v", mine, err)
		}
		if _, err := joe.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "joe"}); codeOf(err) != CodeLocked {
			t.Errorf("err = %v, want that jane holds the lock", err)
		}
		full, err := Connect(t.Context(), optionsFor(quotaFirst{e.Transport()}, emulator.ManagementKey))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := full.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "joe"}); codeOf(err) != CodeLocked {
			t.Errorf("err = %v, want that jane holds the lock, whatever AWS looks at first", err)
		}
		his, err := joe.Lock(t.Context(), LockOptions{Owner: "data", Holder: "joe"})
		if err != nil {
			t.Fatal(err)
		}
		if notes := his.Notes(); his.Held() || len(notes) != 1 || notes[0].Code != CodeNoLock {
			t.Errorf("held %t, notes %v, want none and that it is said", his.Held(), notes)
		}
		if err := his.Release(t.Context()); err != nil {
			t.Error(err)
		}
		if err := mine.Release(t.Context()); err != nil {
			t.Error(err)
		}
		if n := len(e.State().Instances[0].PermissionSets); n != 0 {
			t.Errorf("%d permission sets are left", n)
		}
	})
}

// Whoever breaks the lock of a run that lives keeps others from it until that run
// has stopped: two runs never write at once, whatever the first one waits for.
func TestABrokenLockIsGuardedUntilItsRunHasStopped(t *testing.T) {
	cleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		e := start(t, emulator.Options{Estate: newWorld("platform", 1).estate})
		jane, joe, ann := connect(t, e, emulator.ManagementKey), connect(t, e, emulator.ManagementKey), connect(t, e, emulator.ManagementKey)
		l, err := jane.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "jane"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(renewEvery + 10*time.Second)
		held, _, err := joe.ReadLock(t.Context(), "platform")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() {
			_, err := joe.BreakLock(t.Context(), held, BreakOptions{Holder: "joe"})
			done <- err
		}()
		time.Sleep(time.Second)
		for range 100 {
			if his, err := ann.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "ann"}); err == nil {
				if l.mayWrite() == nil {
					t.Error("two may write at once")
				}
				if err := his.Release(t.Context()); err != nil {
					t.Error(err)
				}
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
		if err := l.Release(t.Context()); codeOf(err) != CodeLockLost {
			t.Errorf("err = %v, want that the lock was lost", err)
		}
	})
}

// A run that is over knows that it was not alone to its end.
func TestALostLockIsSeenAtTheEnd(t *testing.T) {
	cleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		e := start(t, emulator.Options{Estate: newWorld("platform", 1).estate})
		jane, joe := connect(t, e, emulator.ManagementKey), connect(t, e, emulator.ManagementKey)
		l, err := jane.Lock(t.Context(), LockOptions{Owner: "platform", Holder: "jane"})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Check(t.Context()); err != nil {
			t.Errorf("err = %v, want that the lock is held", err)
		}
		held, _, err := joe.ReadLock(t.Context(), "platform")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := joe.BreakLock(t.Context(), held, BreakOptions{Now: true}); err != nil {
			t.Fatal(err)
		}
		if err := l.Check(t.Context()); codeOf(err) != CodeLockLost {
			t.Errorf("err = %v, want that the lock was lost", err)
		}
		if err := l.Release(t.Context()); codeOf(err) != CodeLockLost {
			t.Errorf("err = %v, want that the lock was lost", err)
		}
	})
}
