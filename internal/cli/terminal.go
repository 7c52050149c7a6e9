package cli

import (
	"io"
	"os"
	"strconv"

	"github.com/rolecall-dev/rolecall/internal/render"
)

// defaultWidth is a terminal's where COLUMNS does not say it.
const defaultWidth = 80

// terminal says whether a person watches what is written to w.
func (a *app) terminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok || a.sys.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// style returns how text for w is set: color and width for terminals only.
func (a *app) style(w io.Writer) render.Style {
	if !a.terminal(w) {
		return render.Style{Verbose: a.verbose}
	}
	s := render.Style{Verbose: a.verbose, Color: !a.noColor && a.sys.Getenv("NO_COLOR") == "", Width: defaultWidth}
	if n, err := strconv.Atoi(a.sys.Getenv("COLUMNS")); err == nil && n > 0 {
		s.Width = n
	}
	return s
}
