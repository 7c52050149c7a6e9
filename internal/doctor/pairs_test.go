package doctor_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/internal/doctor"
)

// Where two things are broken at once, at least one is named, and a person
// without access is never told that all is right.
func TestTwoCausesAtOnce(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		kind := kinds()[chance.IntN(4)]
		var able []stage
		for _, s := range stages() {
			if (s.subject == "" || s.subject == doctor.Person) && s.name == "" && s.account == "" && slices.Contains(s.kinds, kind) {
				able = append(able, s)
			}
		}
		a, b := able[chance.IntN(len(able))], able[chance.IntN(len(able))]
		if a.estate != nil && b.estate != nil {
			continue // an estate that cannot be
		}
		t.Run(a.cause+" and "+b.cause+"/"+string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { twice(t, kind, a, b) })
		})
	}
}

func twice(t *testing.T, kind idp.Kind, a, b stage) {
	w := newWorld(t, kind, func(e *emulator.Estate) {
		for _, s := range []stage{a, b} {
			if s.estate != nil {
				s.estate(e)
			}
		}
	})
	for _, s := range []stage{a, b} {
		if s.act != nil && !w.tried(s.act) {
			t.Skip("the one leaves nothing for the other to break")
		}
	}
	w.scan = a.scan || b.scan
	r := w.diagnose(doctor.Person, jane, production, w.connector())
	if got := causes(r); len(got) == 0 || strings.Contains(r.Answer, "No cause") {
		t.Errorf("%s and %s: it names %v: %q", a.cause, b.cause, got, cmp.Or(r.Answer, "nothing"))
	}
}

// tried says whether the world could be changed so.
func (w *world) tried(act func(*world)) (ok bool) {
	w.soft = true
	defer func() {
		w.soft = false
		if p := recover(); p != nil {
			if _, ok = p.(impossible); !ok {
				panic(p)
			}
			ok = false
		}
	}()
	act(w)
	return true
}

// impossible is what [world.must] panics with while changes are only tried.
type impossible struct{}
