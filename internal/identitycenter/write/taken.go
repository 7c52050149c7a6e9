package write

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// A conflict over a name is resolved by a look at who has it.

// showsLate is how long a value may be refused as taken while nobody is seen to
// have it, before that is final. AWS does not say how long its indexes lag.
const showsLate = 15 * time.Second

// freedValue is a name or an address that a user had; user "" is any.
type freedValue struct {
	user  string // id
	what  identitycenter.UserAttribute
	value string
}

func freedValueOf(id string, what identitycenter.UserAttribute, value string) freedValue {
	return freedValue{id, what, strings.ToLower(value)}
}

// noteFreed remembers what a user of this run no longer has: AWS may show it for
// a while.
func (t *Target) noteFreed(was, now access.User) {
	for what, pair := range map[identitycenter.UserAttribute][2]string{identitycenter.ByUserName: {was.Username, now.Username}, identitycenter.ByEmail: {was.Email, now.Email}} {
		if !strings.EqualFold(pair[0], pair[1]) {
			t.freed.put(freedValueOf(was.ID, what, pair[0]), true)
			t.freed.put(freedValueOf("", what, pair[0]), true)
		}
	}
}

// unanswer remembers that a creation which failed may have been done.
func (t *Target) unanswer(o object, err error) error {
	if passing(err) {
		t.unanswered.put(o, true)
	}
	return err
}

// whoHas resolves a conflict over the user name or the address of a user:
// somebody else keeps them, and waiting mends nothing; what this run itself has
// freed AWS may still show.
func (t *Target) whoHas(ctx context.Context, ch plan.Change, own string, conflict error) error {
	want, frees := *ch.After.User, false
	for _, by := range []struct {
		what         identitycenter.UserAttribute
		words, value string
	}{{identitycenter.ByUserName, "user name", want.Username}, {identitycenter.ByEmail, "e-mail address", want.Email}} {
		if by.value == "" {
			continue
		}
		frees = frees || t.freed.has(freedValueOf("", by.what, by.value))
		have, _, err := t.c.UserBy(ctx, by.what, by.value)
		switch {
		case identitycenter.IsNotFound(err):
			continue
		case err != nil:
			return err
		case have.ID == own:
			continue
		case t.freed.has(freedValueOf(have.ID, by.what, by.value)):
			return unseen(conflict)
		}
		return t.taken(ch, fmt.Sprintf("the %s %q already belongs to the user %q, id %s", by.words, by.value, have.Username, have.ID), conflict)
	}
	if frees {
		return unseen(conflict)
	}
	return t.nobodyHas(ch, object{plan.User, want.Username}, conflict)
}

// groupWithName resolves a conflict over a group's new name.
func (t *Target) groupWithName(ctx context.Context, ch plan.Change, own, name string, conflict error) error {
	have, _, err := t.c.GroupBy(ctx, name)
	switch {
	case identitycenter.IsNotFound(err), err == nil && have.ID == own:
		return t.nobodyHas(ch, object{}, conflict)
	case err != nil:
		return err
	}
	return t.taken(ch, fmt.Sprintf("the name %q already belongs to the group with the id %s", have.Name, have.ID), conflict)
}

// nobodyHas is a conflict over a value that nobody is seen to have: a creation
// whose answer was lost will show, and for a short time AWS may show late what
// others freed or made.
func (t *Target) nobodyHas(ch plan.Change, o object, conflict error) error {
	since := t.refused.update(ch.ID, func(since time.Time) time.Time {
		if since.IsZero() {
			since = time.Now()
		}
		return since
	})
	if t.unanswered.has(o) || time.Since(since) < showsLate {
		return unseen(conflict)
	}
	return t.taken(ch, "AWS says that it is taken, and shows nobody who has it", conflict)
}

// unseen is a conflict with something that cannot be seen yet.
func unseen(conflict error) error {
	return &judged{conflict.Error() + " (it is not visible yet)", apply.Verdict{Cause: apply.Propagation}}
}

// taken is a conflict over a name with something that is not what was wanted.
func (t *Target) taken(ch plan.Change, why string, conflict error) error {
	d := t.nameTaken(ch, why, conflict)
	d.Code = identitycenter.CodeChanged
	return &judged{why + ": " + conflict.Error(), apply.Verdict{Cause: apply.Permanent, Finding: d}}
}

func (t *Target) nameTaken(ch plan.Change, why string, err error) diag.Diagnostic {
	name, what := ch.Key.PermissionSet, "permission set"
	hint := "It was created since the plan, or by another owner. Plan again: the plan says what happens to it and what the options are. Another name avoids it."
	switch ch.Kind {
	case plan.Group:
		name, what = ch.Key.Group, "group"
	case plan.User:
		name, what = ch.Key.User, "user"
	}
	d := t.c.Finding(err)
	d.Code, d.Summary, d.Detail = identitycenter.CodeNameTaken, fmt.Sprintf("cannot %s %s %q: %s", ch.Action, what, name, why), identitycenter.ErrorMessage(err)
	d.Hint = hint
	return d
}
