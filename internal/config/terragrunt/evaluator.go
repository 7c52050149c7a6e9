package terragrunt

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Options change how expressions are evaluated.
type Options struct {
	// Getenv is what get_env asks; without it get_env is refused.
	Getenv func(name string) (value string, ok bool)
	// BlockHint says what to do about a block that does not belong in locals.
	BlockHint func(block string) string
	// EvaluateAll makes the evaluator evaluate what it would leave as syntax. Tests
	// compare the two.
	EvaluateAll bool
}

// Evaluator evaluates the expressions of one config.
type Evaluator struct {
	*source.Reader
	opts      Options
	files     map[string]*File // by path within the folder; nil where one is broken
	outcomes  map[hcl.Expression]*outcome
	library   map[string]function.Function
	meter     *meter
	costs     map[string]cost          // of functions
	resolving []*local                 // the locals being resolved, the outermost first
	index     map[any]map[string]Field // of objects into which names lead, by expression or result
	denied    error                    // why an expression is refused, even if try() hides it
	at        diag.Range               // the expression that is evaluated
	overAt    diag.Range               // where the limit was met between evaluations
	namesRead map[readName]bool
	slips     []slip
	near      map[missed]string
}

// New returns an Evaluator of the files that a Reader reads.
func New(r *source.Reader, opts Options) *Evaluator {
	return &Evaluator{Reader: r, opts: opts, files: map[string]*File{}, outcomes: map[hcl.Expression]*outcome{}, index: map[any]map[string]Field{}, meter: &meter{}, costs: costs(), namesRead: map[readName]bool{}, near: map[missed]string{}}
}
