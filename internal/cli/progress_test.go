package cli

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/render"
)

// A terminal sees the lines drawn again in place; nothing of them stays.
func TestMeterOnATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		m := &meter{out: &out, live: true, start: time.Now()}
		m.show(func() []string { t.Error("shown before its time"); return nil })
		time.Sleep(patience)
		m.show(func() []string { return []string{"one", "two", "sum"} })
		m.show(func() []string { t.Error("drawn again at once"); return nil })
		time.Sleep(redraw)
		m.show(func() []string { return []string{"sum"} })
		m.above("stays\n")
		m.end()
		up := "\x1b[1A\x1b[K"
		want := "one\ntwo\nsum" + "\r\x1b[K" + up + up + "sum" + "\r\x1b[K" + "stays\n"
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("drawn (-want +got):\n%s", diff)
		}
	})
}

// Elsewhere there is a line every ten seconds, and none for short work.
func TestMeterElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		m := &meter{out: &out, start: time.Now()}
		for i := range 25 {
			m.show(func() []string { return []string{"detail", fmt.Sprintf("after %ds", i)} })
			time.Sleep(time.Second)
		}
		m.end()
		if diff := cmp.Diff("after 10s\nafter 20s\n", out.String()); diff != "" {
			t.Errorf("written (-want +got):\n%s", diff)
		}
	})
}

func TestMeterFitsTheTerminal(t *testing.T) {
	m := &meter{style: render.Style{Width: 10}}
	for line, want := range map[string]string{"short": "short", "123456789": "123456789", "1234567890": "12345678…", "äöüäöüäöüäöü": "äöüäöüäö…"} {
		if got := m.fitted(line); got != want {
			t.Errorf("fitted(%q) = %q, want %q", line, got, want)
		}
	}
}
