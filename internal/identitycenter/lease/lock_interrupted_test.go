package lease

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// interrupting cancels a context when an operation is about to be sent, or when
// its answer is there.
type interrupting struct {
	next      http.RoundTripper
	operation string
	after     bool
	cancel    context.CancelFunc
}

func (i interrupting) RoundTrip(r *http.Request) (*http.Response, error) {
	hit := strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+i.operation)
	if hit && !i.after {
		i.cancel()
	}
	answer, err := i.next.RoundTrip(r)
	if hit && i.after {
		i.cancel()
	}
	if ctxErr := r.Context().Err(); ctxErr != nil && err == nil {
		answer.Body.Close() // as net/http does: a canceled call has no answer
		return nil, ctxErr
	}
	return answer, err
}

// Whoever interrupts a run while it takes the lock leaves none behind, although
// the call that makes it was under way.
func TestInterruptedWhileTakingTheLock(t *testing.T) {
	for _, after := range []bool{false, true} {
		e := centertest.Start(t, emulator.Options{Estate: centertest.NewWorld("platform", 1).Estate})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		o := centertest.OptionsFor(interrupting{e.Transport(), "CreatePermissionSet", after, cancel}, emulator.ManagementKey)
		c, err := identitycenter.Connect(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Take(ctx, c, Options{Owner: "platform", Holder: "jane"}); !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v, want context.Canceled", err)
		}
		if sets := e.State().Instances[0].PermissionSets; len(sets) != 0 {
			t.Errorf("left behind: %v", sets)
		}
	}
}
