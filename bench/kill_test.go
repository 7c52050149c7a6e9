package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
)

// Between these two configs is a change of nearly every kind: users and groups
// made, changed and removed, members moved, policies and attributes changed,
// accounts added and taken away.
const (
	configBefore = `
users = [
  { display_name = "Ann", email = "ann@x.com", given_name = "A", family_name = "N", groups = ["Alpha"] },
  { display_name = "Bob", email = "bob@x.com", given_name = "B", family_name = "B", groups = ["Alpha", "Beta"] },
]
access_groups = [
  { name = "Alpha", description = "a", accounts_names = ["account-000", "account-001", "account-002", "account-003"], aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    customer_managed_policies = ["edge"], permissions_boundary = "edge", tags = { team = "a" } },
  { name = "Beta", description = "b", accounts_names = ["account-000", "account-001"], aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] },
  { name = "Delta", description = "d", accounts_names = ["account-000", "account-001", "account-002"], aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] },
]
`
	configAfter = `
users = [
  { display_name = "Anna", email = "ann@x.com", given_name = "A", family_name = "N", groups = ["Alpha"] },
  { display_name = "Cat", email = "cat@x.com", given_name = "C", family_name = "C", groups = ["Alpha", "Gamma"] },
]
removed_users = ["bob@x.com"]
access_groups = [
  { name = "Alpha", description = "other", accounts_names = ["account-002", "account-003", "account-004", "account-005"], aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"],
    session_duration = "PT2H", tags = { stage = "b" },
    inline_policies = [{ name = "p", statements = [{ effect = "Deny", actions = ["s3:*"], resources = ["*"] }] }] },
  { name = "Gamma", description = "c", accounts_names = ["account-000", "account-001", "account-002"], aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] },
  { name = "Delta", description = "d", accounts_names = ["account-000", "account-001", "account-002"], aws_managed_policies = ["arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"] },
]
`
)

// neighbor owns a group and a set, and gave somebody else's group access.
func neighbor() emulator.EstateContents {
	return emulator.EstateContents{
		Users:  []emulator.EstateUser{{UserName: "dan@x.com"}},
		Groups: []emulator.EstateGroup{{DisplayName: "Theirs", Description: "theirs [rolecall:data]", Members: []string{"dan@x.com"}}, {DisplayName: "Nobodys"}},
		PermissionSets: []emulator.EstatePermissionSet{{Name: "Theirs", Tags: map[string]string{"rolecall:owner": "data"}, OutdatedIn: []string{"account-000"}},
			{Name: "Nobodys"}},
		Assignments: []emulator.EstateAssignment{{PermissionSet: "Theirs", Accounts: []string{"account-000", "account-001"}, Group: "Theirs"},
			{PermissionSet: "Nobodys", Accounts: []string{"account-000"}, Group: "Nobodys"}},
	}
}

func killable(m *meter) *cloud {
	c := newCloud(m.T, 6, neighbor(), emulator.Options{})
	c.writeText(configBefore)
	c.apply()
	c.writeText(configAfter)
	time.Sleep(rest)
	return c
}

// letThrough are the guards that the change between the two configs meets.
var letThrough = []string{"--allow-removals", "--allow-lockout"}

// killPoints kills an apply at random calls and has another one finish its work.
func killPoints(m *meter) {
	calm := killable(m)
	total := 0
	for _, n := range calm.apply(letThrough...).calls {
		total += n
	}
	want := calm.instance()
	points, random := m.size(1000, 25), rand.New(rand.NewPCG(4, uint64(total)))
	converged := 0
	for range points {
		at, answered := 1+random.IntN(total), random.IntN(2) == 0
		wait := random.IntN(2) == 0
		if killOnce(m, want, at, answered, wait) {
			converged++
		}
	}
	m.reach(converged == points, fmt.Sprintf("apply killed at %s random points of its %d calls, and run again: the same final state", number(points), total),
		number(converged), number(points), "every one converges")
}

// mortal is a process's way to AWS: it ends with the process.
type mortal struct {
	inner    http.RoundTripper
	mu       sync.Mutex
	left     int  // calls until death
	answered bool // the last call has its effect
	die      func()
}

func (p *mortal) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	p.left--
	left := p.left
	p.mu.Unlock()
	switch {
	case left > 0:
		return p.inner.RoundTrip(r)
	case left == 0 && p.answered:
		if answer, err := p.inner.RoundTrip(r); err == nil {
			_, _ = io.Copy(io.Discard, answer.Body) // nobody is there to read it
			answer.Body.Close()
		}
	}
	if left == 0 {
		p.die()
	}
	return nil, syscall.ECONNRESET
}

// killOnce kills an apply at a call, with the jobs that it began still under
// way, runs another at once, and says whether that made everything as it would
// have been. The dead run's lock is waited for, or broken.
func killOnce(m *meter, want emulator.StateInstance, at int, answered, wait bool) bool {
	c := killable(m)
	ctx, cancel := context.WithCancel(m.Context())
	var process sync.WaitGroup
	p := &mortal{inner: c.em.Transport(), left: at, answered: answered, die: cancel}
	process.Go(func() {
		defer cancel() // a run may need fewer calls than another
		c.rolecallBy(ctx, p, nil, append([]string{"apply", c.dir, "--auto-approve"}, letThrough...)...)
	})
	<-ctx.Done()
	defer process.Wait()
	what := fmt.Sprintf("killed at call %d, answered %t, wait %t", at, answered, wait)
	again := append([]string{"apply", c.dir, "--auto-approve"}, letThrough...)
	if !wait {
		c.rolecall("unlock", c.dir, "--auto-approve", "--now")
	}
	d := c.rolecall(again...)
	for tries := 0; wait && d.code == 1 && strings.Contains(d.stderr, "holds the lock") && tries < 10; tries++ {
		time.Sleep(30 * time.Second)
		d = c.rolecall(again...)
	}
	if d.code != 0 {
		m.Errorf("%s: exit code %d\n%s", what, d.code, d.stderr)
		return false
	}
	if d := c.rolecall("plan", c.dir, "--detailed-exitcode", "--deep"); d.code != 0 {
		m.Errorf("%s: something is left to do\n%s", what, d.stdout)
		return false
	}
	if diff := sameButForIDs(want, c.instance()); diff != "" {
		m.Errorf("%s (-undisturbed +killed):\n%s", what, diff)
		return false
	}
	return true
}
