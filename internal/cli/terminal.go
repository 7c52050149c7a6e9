package cli

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"

	"github.com/rolecall-dev/rolecall/internal/render"
)

// defaultWidth is a terminal's that does not say how wide it is.
const defaultWidth = 80

// terminal says whether a person watches what is written to w.
func (a *app) terminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && a.sys.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// style returns how text for w is set: color and width for terminals only.
func (a *app) style(w io.Writer) render.Style {
	if !a.terminal(w) {
		return render.Style{Verbose: a.verbose}
	}
	return render.Style{Verbose: a.verbose, Color: !a.noColor && a.sys.Getenv("NO_COLOR") == "", Width: a.width(w.(*os.File))}
}

// width returns how many columns a terminal has: as COLUMNS says, else as it says itself.
func (a *app) width(f *os.File) int {
	if n, err := strconv.Atoi(a.sys.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
		return n
	}
	return defaultWidth
}
