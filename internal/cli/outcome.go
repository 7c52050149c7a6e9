package cli

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/quota"
	"github.com/rolecall-dev/rolecall/internal/render"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

// outcome is how a command ended.
type outcome struct {
	code     ExitCode
	findings diag.List    // what there is to say beside the result
	within   diag.List    // findings that the text has already
	sources  diag.Sources // of the findings' places
	calls    []quota.Use
	data     any  // for --json
	text     text // for people, on stdout; may be nil
}

// text writes a result for people.
type text func(io.Writer, render.Style) error

// say returns the text that is the same in every style.
func say(format string, args ...any) text {
	return func(w io.Writer, _ render.Style) error {
		_, err := fmt.Fprintf(w, format, args...)
		return err
	}
}

// failed returns the outcome of an error.
func failed(err error) outcome {
	o := outcome{code: exitOf(err), findings: diag.FromError(err)}
	switch {
	case o.findings != nil:
	case o.code == Interrupted:
		o.findings = diag.List{{Severity: diag.Error, Code: CodeInterrupted, Summary: "interrupted: nothing was written",
			Hint: "Run it again."}}
	default:
		o.findings = diag.List{{Severity: diag.Error, Code: CodeFailed, Summary: err.Error(),
			Hint: "This should have been explained. Please report it, with the command line."}}
	}
	return o
}

// refuse returns the outcome of one finding that the command line caused.
func refuse(d diag.Diagnostic) outcome {
	d.Severity = diag.Error
	return outcome{code: Failed, findings: diag.List{d}}
}

// command makes a cobra command of a function that returns its outcome.
func (a *app) command(do func(*cobra.Command, []string) outcome) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		a.finish(cmd, do(cmd, args))
		return nil
	}
}

// jsonFlag adds --json to a command.
func (a *app) jsonFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&a.json, "json", false, "print one JSON document to stdout, and progress as JSON lines to stderr")
}

// verboseFlag adds --verbose to a command.
func (a *app) verboseFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&a.verbose, "verbose", "v", false, "show AWS ids beside names, the cost of the run, and longer explanations")
}

// finish prints the outcome and keeps its exit code.
func (a *app) finish(cmd *cobra.Command, o outcome) ExitCode {
	a.code = o.code
	if a.json {
		a.print(a.envelope(cmd, o))
		return a.code
	}
	a.show(o.findings, o.sources)
	a.tell(o.text)
	return a.code
}

// show writes findings to stderr. Nobody is left to tell where that fails.
func (a *app) show(findings diag.List, sources diag.Sources) {
	_ = render.Diagnostics(a.sys.Stderr, shown(findings), sources, a.style(a.sys.Stderr))
}

// shown returns findings without what may be secret in an address. Whoever makes a
// finding of somebody else's words does so already; this is for what nobody
// thought of.
func shown(findings diag.List) diag.List {
	out := slices.Clone(findings)
	for i, d := range out {
		out[i] = trust.Finding(d)
	}
	return out
}

// tell writes a result for people to stdout.
func (a *app) tell(t text) {
	if t == nil {
		return
	}
	var b bytes.Buffer
	if err := t(&b, a.style(a.sys.Stdout)); err != nil {
		panic(err) // a buffer takes everything
	}
	a.print(b.Bytes())
}

// print writes a result; one that does not arrive is no success.
func (a *app) print(text []byte) {
	if _, err := a.sys.Stdout.Write(text); err != nil && a.code == Done {
		fmt.Fprintf(a.sys.Stderr, "rolecall: write the result: %v\n", err)
		a.code = Failed
	}
}

func (a *app) envelope(cmd *cobra.Command, o outcome) []byte {
	var b bytes.Buffer
	e := render.Envelope{Command: cmd.Name(), ExitCode: int(o.code), Findings: shown(append(o.findings, o.within...)), Calls: o.calls, Data: o.data}
	if err := render.JSON(&b, e); err != nil {
		panic(err) // everything in it is plain data
	}
	return b.Bytes()
}
