package cli

import (
	"os"
	"syscall"
	"testing"
	"unsafe"

	"github.com/rolecall-dev/rolecall/internal/render"
)

// What a program writes to is a terminal only where a person may watch it, which a device
// like /dev/null is not; how wide it is, COLUMNS says, or else the terminal itself.
func TestStyle(t *testing.T) {
	open := func(name string) *os.File {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|syscall.O_NOCTTY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	terminal, null, file := open("/dev/ptmx"), open(os.DevNull), open(t.TempDir()+"/file")
	for name, c := range map[string]struct {
		out     *os.File
		columns uint16 // that the terminal says; 0 where it says nothing
		noColor bool
		env     map[string]string
		want    render.Style
	}{
		"a terminal":      {terminal, 123, false, nil, render.Style{Color: true, Width: 123}},
		"it says nothing": {terminal, 0, false, nil, render.Style{Color: true, Width: 80}},
		"COLUMNS":         {terminal, 123, false, map[string]string{"COLUMNS": "60"}, render.Style{Color: true, Width: 60}},
		"no width in it":  {terminal, 123, false, map[string]string{"COLUMNS": "wide"}, render.Style{Color: true, Width: 123}},
		"--no-color":      {terminal, 123, true, nil, render.Style{Width: 123}},
		"NO_COLOR":        {terminal, 123, false, map[string]string{"NO_COLOR": "1"}, render.Style{Width: 123}},
		"a dumb terminal": {terminal, 123, false, map[string]string{"TERM": "dumb"}, render.Style{}},
		"a device":        {null, 0, false, map[string]string{"COLUMNS": "120"}, render.Style{}},
		"a file":          {file, 0, false, map[string]string{"COLUMNS": "120"}, render.Style{}},
	} {
		if c.out == terminal {
			size := [4]uint16{24, c.columns}
			if _, _, code := syscall.Syscall(syscall.SYS_IOCTL, terminal.Fd(), syscall.TIOCSWINSZ, uintptr(unsafe.Pointer(&size))); code != 0 {
				t.Fatal(code)
			}
		}
		a := &app{noColor: c.noColor, sys: System{Getenv: func(n string) string { return c.env[n] }}}
		if got := a.style(c.out); got != c.want || a.terminal(c.out) != (c.want.Width > 0) {
			t.Errorf("%s: %+v, want %+v; a terminal: %t", name, got, c.want, a.terminal(c.out))
		}
	}
}
