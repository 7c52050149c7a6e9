package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/lease"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/write"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// ledger sees every write that reaches AWS. A writer's term begins when it
// takes the lock; once a later term has written, an earlier one must not.
type ledger struct {
	mu                   sync.Mutex
	terms, latest        int
	writes, writersAgain int
}

func (l *ledger) begin() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.terms++
	return l.terms
}

func (l *ledger) wrote(term int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes++
	if term < l.latest {
		l.writersAgain++
	}
	l.latest = max(l.latest, term)
}

// contender is a process that stops for a while, or dies, wherever it is.
type contender struct {
	inner  http.RoundTripper
	ledger *ledger
	mu     sync.Mutex
	term   int
	until  time.Time
	dead   bool
}

func (c *contender) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	wait, dead, term := time.Until(c.until), c.dead, c.term
	c.mu.Unlock()
	if dead {
		return nil, syscall.ECONNRESET
	}
	if wait > 0 {
		select {
		case <-time.After(wait):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".CreateGroup") {
		c.ledger.wrote(term)
	}
	return c.inner.RoundTrip(r)
}

func (c *contender) set(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

// contenders has many runs fight for one lock. Some stop for minutes while they
// hold it and wake up after others took over; some die with it.
func contenders(m *meter) {
	n := m.size(100, 20)
	c := newCloud(m.T, 1, emulator.EstateContents{}, emulator.Options{})
	l := &ledger{}
	var wg sync.WaitGroup
	var paused, died, refused int
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		start, fate := time.Duration(random.IntN(600))*time.Second, random.IntN(5)
		wg.Go(func() {
			time.Sleep(start)
			stopped := contend(m, c, l, fmt.Sprintf("contender-%03d", i), fate)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case fate == pauses:
				paused++
			case fate == dies:
				died++
			}
			refused += stopped
		})
	}
	wg.Wait()
	time.Sleep(5 * time.Minute) // the dead learn that their lock is gone; in virtual time nothing else ends them
	m.reach(l.writersAgain == 0, fmt.Sprintf("%d contenders for the lock, %d of them paused for 3 minutes, %d dead with it: writes of one who had lost it (of %d)", n, paused, died, l.writes),
		fmt.Sprint(l.writersAgain), "0", "never two writers")
	if refused < paused || l.writes < 2*n {
		m.Errorf("%d writes were refused, and %d made: too few to say anything", refused, l.writes)
	}
}

// The fates of a contender; any other is to work undisturbed.
const (
	pauses = 0
	dies   = 1
)

// contend takes the lock and writes; it gives how many writes were refused.
func contend(m *meter, c *cloud, l *ledger, name string, fate int) (refused int) {
	way := &contender{inner: c.em.Transport(), ledger: l}
	client, err := identitycenter.Connect(m.Context(), identitycenter.Options{Region: region, HTTPClient: &http.Client{Transport: way},
		Credentials: credentials.NewStaticCredentialsProvider(c.key, "secret", "")})
	if err != nil {
		m.Errorf("%s: %v", name, err)
		return 0
	}
	lock, err := lease.Take(m.Context(), client, lease.Options{Owner: "platform", Holder: name, Wait: 24 * time.Hour})
	if err != nil {
		m.Errorf("%s: %v", name, err)
		return 0
	}
	term := l.begin()
	way.set(func() { way.term = term })
	target := write.New(client, write.Options{Owner: "platform"})
	for i := range 4 {
		if i == 2 && fate == pauses {
			way.set(func() { way.until = time.Now().Add(3 * time.Minute) })
			time.Sleep(3 * time.Minute)
		}
		if i == 2 && fate == dies {
			way.set(func() { way.dead = true })
			return refused
		}
		name := fmt.Sprintf("%s-%d", name, i)
		change := plan.Change{Kind: plan.Group, Action: plan.Create, Key: plan.Key{Group: name}, After: &plan.Value{Group: &access.Group{Name: name, Owner: "platform"}}}
		if _, err := target.Start(m.Context(), change); err != nil {
			refused++
		}
		time.Sleep(2 * time.Second)
	}
	if err := lock.Release(m.Context()); err != nil && !errors.Is(err, syscall.ECONNRESET) && refused == 0 {
		m.Errorf("%s: %v", name, err)
	}
	return refused
}
