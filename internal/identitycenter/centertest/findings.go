package centertest

import (
	"flag"
	"fmt"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// TB is what is needed of a test, which a property is not.
type TB interface {
	T
	Errorf(format string, args ...any)
	Cleanup(func())
}

// CheckFinding makes sure that an error is one finding with a hint.
func CheckFinding(t TB, err error, code diag.Code, contains string) {
	t.Helper()
	list := diag.FromError(err)
	if len(list) != 1 {
		t.Fatal(fmt.Sprintf("err = %v, want one finding", err))
	}
	d := list[0]
	if d.Code != code || d.Hint == "" || d.Severity != diag.Error {
		t.Errorf("finding %+v, want the code %s and a hint", d, code)
	}
	if text := d.Summary + d.Detail + d.Hint; !strings.Contains(text, contains) {
		t.Errorf("%q is not said: %s", contains, text)
	}
}

// FewerChecks lowers the number of cases of a costly property, unless
// -rapid.checks says how many.
func FewerChecks(t TB, n string) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f == checks })
	if given {
		return
	}
	usual := checks.Value.String()
	if err := checks.Value.Set(n); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = checks.Value.Set(usual) }) // it was valid before
}
