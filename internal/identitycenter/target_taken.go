package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// showsLate is how long a value may be refused as taken while nobody is seen to
// have it, before that is final. AWS does not say how long its indexes lag.
const showsLate = 15 * time.Second

// isUniqueness says that a conflict is about a value that AWS gives out once; the
// other kind passes by itself.
func isUniqueness(err error) bool {
	var conflict *storetypes.ConflictException
	return isConflict(err) && !(errors.As(err, &conflict) && conflict.Reason == storetypes.ConflictExceptionReasonConcurrentModification)
}

// freedValue is a name or an address that a user had.
type freedValue struct{ user, what, value string }

const (
	userNameOf = "user name"
	addressOf  = "e-mail address"
)

func freedValueOf(id, what, value string) freedValue {
	return freedValue{id, what, strings.ToLower(value)}
}

// noteFreed remembers what a user of this run no longer has: AWS may show it for
// a while.
func (t *Target) noteFreed(was, now access.User) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !strings.EqualFold(was.Username, now.Username) {
		t.freed[freedValueOf(was.ID, userNameOf, was.Username)] = true
	}
	if !strings.EqualFold(was.Email, now.Email) {
		t.freed[freedValueOf(was.ID, addressOf, was.Email)] = true
	}
}

// noteUnanswered remembers that a creation may have been done.
func (t *Target) noteUnanswered(ch plan.Change, o object, err error) {
	if t.Classify(ch, err).Cause != apply.Transient {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.unanswered[o] = true
}

func (t *Target) wasUnanswered(o object) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.unanswered[o]
}

// holderOf settles a conflict over the user name or the address of a user by a
// look at who has them: somebody else keeps them, and waiting mends nothing;
// what this run itself has freed AWS may still show.
func (t *Target) holderOf(ctx context.Context, ch plan.Change, own string, conflict error) error {
	want := *ch.After.User
	for _, value := range []struct {
		what, text string
		look       func(context.Context, string) (access.User, error)
	}{{userNameOf, want.Username, t.c.userByName}, {addressOf, want.Email, t.c.userByEmail}} {
		if value.text == "" {
			continue
		}
		have, err := value.look(ctx, value.text)
		switch {
		case isNoName(err):
			continue
		case err != nil:
			return err
		case have.ID == own:
			continue
		case t.takes(func(*shown) bool { return t.freed[freedValueOf(have.ID, value.what, value.text)] }):
			return unseen{conflict}
		}
		return taken{conflict, fmt.Sprintf("the %s %q is that of the user %q, id %s", value.what, value.text, have.Username, have.ID)}
	}
	if t.wasUnanswered(object{plan.User, want.Username}) || t.frees(want) {
		return unseen{conflict}
	}
	return t.nobodyHas(ch, conflict)
}

// frees says whether this run freed a value that a user is to have.
func (t *Target) frees(want access.User) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for f := range t.freed {
		if f == freedValueOf(f.user, userNameOf, want.Username) || f == freedValueOf(f.user, addressOf, want.Email) {
			return true
		}
	}
	return false
}

// groupWithName settles a conflict over a group's new name.
func (t *Target) groupWithName(ctx context.Context, ch plan.Change, own, name string, conflict error) error {
	have, err := t.c.groupByName(ctx, name)
	switch {
	case isNotFound(err), err == nil && have.ID == own:
		return t.nobodyHas(ch, conflict)
	case err != nil:
		return err
	}
	return taken{conflict, fmt.Sprintf("the name %q is that of the group with the id %s", have.Name, have.ID)}
}

// nobodyHas is a conflict over a value that nobody is seen to have: for a short
// time AWS may show late what others freed or made.
func (t *Target) nobodyHas(ch plan.Change, conflict error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	since, again := t.refused[ch.ID]
	if !again {
		since = time.Now()
		t.refused[ch.ID] = since
	}
	if time.Since(since) < showsLate {
		return unseen{conflict}
	}
	return taken{conflict, "AWS says that it is taken, and shows nobody who has it"}
}
