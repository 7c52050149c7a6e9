package cli

import (
	"fmt"
	"os"
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

func TestStyle(t *testing.T) {
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a character device, as a terminal is
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	file, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, c := range map[string]struct {
		out     *os.File
		noColor bool
		env     map[string]string
		want    render.Style
	}{
		"a terminal":      {device, false, nil, render.Style{Color: true, Width: 80}},
		"its width":       {device, false, map[string]string{"COLUMNS": "120"}, render.Style{Color: true, Width: 120}},
		"no width at all": {device, false, map[string]string{"COLUMNS": "wide"}, render.Style{Color: true, Width: 80}},
		"--no-color":      {device, true, nil, render.Style{Width: 80}},
		"NO_COLOR":        {device, false, map[string]string{"NO_COLOR": "1"}, render.Style{Width: 80}},
		"a dumb terminal": {device, false, map[string]string{"TERM": "dumb"}, render.Style{}},
		"a file":          {file, false, map[string]string{"COLUMNS": "120"}, render.Style{}},
	} {
		a := &app{noColor: c.noColor, sys: System{Getenv: func(n string) string { return c.env[n] }}}
		if got := a.style(c.out); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
