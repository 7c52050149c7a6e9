package cli

import (
	"os"
	"syscall"
	"testing"
	"unsafe"
)

// What a program writes to is a terminal only where a person may watch it; how wide it is,
// the terminal says, unless COLUMNS does.
func TestTerminal(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	watched, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("there are no terminals here: %v", err)
	}
	defer watched.Close()
	for _, c := range []struct {
		name          string
		file          *os.File
		columns       uint16
		env           map[string]string
		width         int
		color, person bool
	}{
		{"nothing", null, 0, nil, 0, false, false},
		{"a terminal", watched, 123, nil, 123, true, true},
		{"one that says nothing", watched, 0, nil, defaultWidth, true, true},
		{"COLUMNS", watched, 123, map[string]string{"COLUMNS": "60"}, 60, true, true},
		{"no color", watched, 123, map[string]string{"NO_COLOR": "1"}, 123, false, true},
		{"a dumb one", watched, 123, map[string]string{"TERM": "dumb"}, 0, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			size := [4]uint16{24, c.columns}
			if c.file == watched {
				if _, _, code := syscall.Syscall(syscall.SYS_IOCTL, watched.Fd(), syscall.TIOCSWINSZ, uintptr(unsafe.Pointer(&size))); code != 0 {
					t.Fatal(code)
				}
			}
			a := &app{sys: System{Getenv: func(name string) string { return c.env[name] }}}
			if got := a.style(c.file); got.Width != c.width || got.Color != c.color || a.terminal(c.file) != c.person {
				t.Errorf("width %d, color %t, a terminal %t", got.Width, got.Color, a.terminal(c.file))
			}
		})
	}
}
