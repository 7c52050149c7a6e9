package source

import "github.com/rolecall-dev/rolecall/internal/diag"

// The kinds of findings that any file of a config can have, and those of its
// expressions. Package config documents them.
const (
	CodeNotFound        diag.Code = "config.not-found"
	CodeUnreadable      diag.Code = "config.unreadable"
	CodeTooLarge        diag.Code = "config.too-large"
	CodeTooDeep         diag.Code = "config.too-deep"
	CodeSyntax          diag.Code = "config.syntax"
	CodeMisplacedKey    diag.Code = "config.misplaced-key"
	CodeDuplicateKey    diag.Code = "config.duplicate-key"
	CodeWrongType       diag.Code = "config.wrong-type"
	CodeNumber          diag.Code = "config.number"
	CodeNotConstant     diag.Code = "config.not-constant"
	CodeReference       diag.Code = "config.reference"
	CodeCycle           diag.Code = "config.cycle"
	CodeEvaluation      diag.Code = "config.evaluation"
	CodeUnknownFunction diag.Code = "config.unknown-function"
	CodeRefusedFunction diag.Code = "config.refused-function"
	CodeOutsideFolder   diag.Code = "config.outside-folder"
	CodeTooMuch         diag.Code = "config.too-much"
)
