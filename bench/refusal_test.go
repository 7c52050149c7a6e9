package main

import (
	"bytes"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
)

// refusals measures what AWS refuses for good: it is asked once, and what it
// said is told at once.
func refusals(m *meter) {
	nameTaken(m)
	policyMissing(m)
	policyNotInAccount(m)
	denied(m)
}

func small(m *meter) *cloud {
	c := newCloud(m.T, 2, emulator.EstateContents{}, emulator.Options{})
	c.write(groups(1, 1))
	c.apply()
	return c
}

// told keeps how often the refused operation was called, and how long the
// command ran after the first refusal, though nothing was left to do.
func told(m *meter, c *cloud, d done, what, operation, says string, jobs time.Duration) {
	m.Helper()
	if d.code == 0 || !strings.Contains(d.stdout, says) {
		m.Errorf("%s: exit code %d, want a refusal that says %q:\n%s", what, d.code, says, d.stdout)
	}
	m.atMost(what+": calls that are refused", d.calls["sso-admin."+operation], 1, 1)
	var asked time.Time
	for _, call := range c.em.Calls() {
		if call.Operation == operation {
			asked = call.Time
		}
	}
	after := time.Since(asked)
	m.reach(after <= jobs+time.Second, what+": from the call to the end of the command", seconds(after), seconds(jobs), "at once")
}

// nameTaken: somebody makes a set of that name just before rolecall does. Any
// earlier, and the plan would show it.
func nameTaken(m *meter) {
	c := small(m)
	c.write(append(groups(1, 1), group{name: "Taken"}))
	file := filepath.Join(c.dir, "saved.plan")
	c.must(0, "plan", c.dir, "--out", file)
	time.Sleep(rest)
	d := c.rolecallBy(m.Context(), &faster{c}, nil, "apply", file)
	d.calls["sso-admin.CreatePermissionSet"] -= 2 // the lock, and somebody's
	told(m, c, d, "duplicate name", "CreatePermissionSet", "already exists", 0)
}

// faster is a way to AWS on which somebody else makes the set Taken first.
type faster struct{ c *cloud }

func (f *faster) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".CreatePermissionSet") {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(text))
		if bytes.Contains(text, []byte(`"Name":"Taken"`)) {
			f.c.hand("CreatePermissionSet", map[string]any{"Name": "Taken"})
		}
	}
	return f.c.em.Transport().RoundTrip(r)
}

// policyMissing: AWS has no managed policy of that name.
func policyMissing(m *meter) {
	c := small(m)
	c.write(append(groups(1, 1), group{name: "New", policies: []string{"NoSuchPolicy"}}))
	time.Sleep(rest)
	d := c.rolecall("apply", c.dir, "--auto-approve")
	told(m, c, d, "missing AWS managed policy", "AttachManagedPolicyToPermissionSet", "NoSuchPolicy", 0)
}

// policyNotInAccount: the account has no customer managed policy of that name,
// which only the job finds out.
func policyNotInAccount(m *meter) {
	c := small(m)
	c.write(append(groups(1, 1), group{name: "New", accounts: 1, customer: []string{"nowhere"}}))
	time.Sleep(rest)
	d := c.rolecall("apply", c.dir, "--auto-approve")
	told(m, c, d, "customer managed policy missing in the account", "CreateAccountAssignment", "nowhere", latency)
}

// denied: the caller may not do it.
func denied(m *meter) {
	c := small(m)
	const key = "AKIAEMULATORNOASSIGN"
	if err := c.em.Change(emulator.Change{Caller: &emulator.EstateCaller{AccessKey: key, Denied: []string{"sso:CreateAccountAssignment"}}}); err != nil {
		m.Fatal(err)
	}
	c.key = key
	c.write(groups(1, 2))
	time.Sleep(rest)
	d := c.rolecall("apply", c.dir, "--auto-approve")
	told(m, c, d, "denied action", "CreateAccountAssignment", "sso:CreateAccountAssignment", 0)
	if d.code != 4 {
		m.Errorf("denied action: exit code %d, want 4", d.code)
	}
}
