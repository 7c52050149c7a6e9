package lease

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// lockText is the description of the lock's permission set.
type lockText struct {
	Holder  string    `json:"holder"`
	Run     string    `json:"run"` // tells one run from another
	Since   time.Time `json:"since"`
	Renewed time.Time `json:"renewed"`

	skew time.Duration
}

// maxDescription is AWS's limit on a description, in characters.
const maxDescription = 700

// String writes the text in ASCII, because descriptions take Latin-1 only; a
// holder's name that is too long is cut.
func (t lockText) String() string {
	for {
		text := t.ascii()
		if len(text) <= maxDescription || t.Holder == "" {
			return text
		}
		_, size := utf8.DecodeLastRuneInString(t.Holder)
		t.Holder = t.Holder[:len(t.Holder)-size]
	}
}

func (t lockText) ascii() string {
	text, err := json.Marshal(t)
	if err != nil {
		panic(fmt.Sprintf("encode a lock: %v", err)) // it has only strings and times
	}
	var b strings.Builder
	for _, r := range string(text) {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// fewTries is how often taking the lock is tried again after an answer that
// says nothing about who has it; whoever waits for the lock goes on for as long.
const fewTries = 6

// errNoRoom says that AWS has no room for the lock's permission set, and that
// nobody holds the lock.
var errNoRoom = errors.New("no room for the lock")

// watch is what a taker has seen of a lock: the same text for as long. It goes by
// the taker's own monotonic clock, because whatever a lock says of time was
// written by others, and by their clocks.
type watch struct {
	arn, text string
	since     time.Time
	changed   bool // it was renewed, or another came, while it was watched
}

// unchanged returns for how long a lock has been seen as it is, by a look that
// was sent at a time.
func (w *watch) unchanged(held Info, sent time.Time) time.Duration {
	if w.arn == held.ARN && w.text == held.text {
		return sent.Sub(w.since)
	}
	*w = watch{arn: held.ARN, text: held.text, since: time.Now(), changed: w.arn != ""}
	return 0
}

// acquire creates the lock's set. One that nobody renews is removed and taken
// over: whoever made it stopped writing long before.
func (l *Lock) acquire(ctx context.Context, o Options) error {
	began := time.Now()
	var w watch
	for tries := 0; ; {
		held, err := l.attempt(ctx, &w)
		pause := 5*time.Second + rand.N(10*time.Second) // contenders do not come all at once
		waits := time.Since(began) < o.Wait
		switch {
		case err != nil && mayHaveHappened(err) && (tries < fewTries || waits):
			tries++
			pause, _ = identitycenter.Backoff(tries, err)
		case err != nil:
			return err
		case held == nil:
			return nil
		case !waits && (w.changed || !held.Stale):
			return heldBy(*held)
		default:
			left := max(0, leaseLasts-time.Since(w.since))
			if o.Watching != nil {
				o.Watching(*held, left)
			}
			pause = min(pause, left+time.Second)
		}
		if err := identitycenter.Sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// attempt tries once to take the lock; it returns who holds it instead, or nil.
func (l *Lock) attempt(ctx context.Context, w *watch) (*Info, error) {
	refused := l.create(ctx)
	full := identitycenter.ErrorCode(refused) == "ServiceQuotaExceededException"
	if refused == nil || !full && !mayHaveHappened(refused) {
		return nil, refused
	}
	sent := time.Now()
	held, found, err := findLock(ctx, l.c, l.owner, refused)
	switch {
	case err != nil:
		return nil, err
	case !found && full:
		return nil, errNoRoom
	case !found:
		return nil, refused
	case held.run == l.text.Run: // our own create, whose answer was lost
		l.arn = held.ARN
		return nil, l.renew(ctx)
	case w.unchanged(held, sent) < leaseLasts:
		return &held, nil
	}
	if _, err := remove(ctx, l.c, held); err != nil {
		return nil, err
	}
	if err := l.create(ctx); err != nil {
		return nil, err // another contender may have been faster: the next attempt looks
	}
	l.notes = append(l.notes, takenOver(held))
	return nil, nil
}

// mayHaveHappened says that the answer to a call was lost, or that AWS asks to
// come again: then looking tells what is.
func mayHaveHappened(err error) bool {
	return identitycenter.IsLost(err) || identitycenter.IsThrottle(err) || identitycenter.IsConflict(err)
}

// create makes the lock's set. Once it is on its way the call is not
// interrupted: its answer says what there is to give back.
func (l *Lock) create(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(identitycenter.Unguarded(context.WithoutCancel(ctx)), createWithin)
	defer cancel()
	sent := nowInstant()
	l.text.Since = sent.wall.Add(l.text.skew).UTC()
	l.text.Renewed = l.text.Since
	arn, skew, err := l.c.CreatePermissionSet(ctx, access.PermissionSet{
		Name: access.LockSetPrefix + l.owner, Description: l.text.String(), Tags: []access.Tag{{Key: access.LockTag, Value: l.owner}},
	})
	if err != nil {
		return err
	}
	l.arn, l.renewed, l.text.skew = arn, sent, skew
	return nil
}
