package centertest

import (
	"errors"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// CleanEnvironment keeps the machine's own AWS settings out of a test.
func CleanEnvironment(t interface {
	Setenv(name, value string)
	TempDir() string
},
) {
	for _, name := range []string{"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID",
		"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE"} { // the last is parsed by each client, and no test needs it
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

// BeforeBubbles prepares a process whose tests run the command in bubbles of virtual
// time, for its TestMain: it starts what waits for signals, whose goroutine belongs to
// no bubble, and keeps the machine's own AWS settings out.
func BeforeBubbles() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	signal.Stop(signals)
	for name, value := range map[string]string{
		"AWS_PROFILE": "", "AWS_REGION": "", "AWS_ENDPOINT_URL": "", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CA_BUNDLE": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		if err := os.Setenv(name, value); err != nil {
			panic(err) // no test would test what it says
		}
	}
}

// CodeOf returns the code of an error that is one finding.
func CodeOf(err error) diag.Code {
	if list := diag.FromError(err); len(list) == 1 {
		return list[0].Code
	}
	return ""
}

// Set returns the permission set of a name as the emulator has it.
func Set(e *emulator.Emulator, name string) emulator.StatePermissionSet {
	for _, p := range e.State().Instances[0].PermissionSets {
		if p.Name == name {
			return p
		}
	}
	return emulator.StatePermissionSet{}
}

// Lying is a cache that claims whatever it was told to.
type Lying map[string]identitycenter.CachedSet

// Load claims.
func (l Lying) Load(string) (map[string]identitycenter.CachedSet, error) { return l, nil }

// Save refuses.
func (l Lying) Save(string, map[string]identitycenter.CachedSet) error { return os.ErrPermission }

// Refused is nil.
func (l Lying) Refused() error { return nil }

// Lossy loses the answer to the next call of an operation, after AWS has carried
// it out.
type Lossy struct {
	inner     http.RoundTripper
	mu        sync.Mutex
	operation string
}

// ConnectLossy returns a client whose answers can be lost.
func ConnectLossy(t T, e *emulator.Emulator) (*Lossy, *identitycenter.Client) {
	t.Helper()
	l := &Lossy{inner: e.Transport()}
	return l, Connect(t, OptionsFor(l, emulator.ManagementKey))
}

// Lose loses the next answer of an operation.
func (l *Lossy) Lose(operation string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.operation = operation
}

// RoundTrip passes a call on.
func (l *Lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.inner.RoundTrip(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && l.operation != "" && strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+l.operation) {
		l.operation = ""
		resp.Body.Close()
		return nil, errors.New("read tcp: connection reset by peer")
	}
	return resp, err
}
