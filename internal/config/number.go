package config

import (
	"fmt"
	"regexp"

	"github.com/zclconf/go-cty/cty"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// A number has no zeros at its beginning and only one spelling: 012345678901 is
// 12345678901, and 1.10 is 1.1. Where a text belongs, a number that is written in
// another way than it would become is not what somebody meant; in place of an
// account none is.

// readAccounts reads a list of accounts, whose ids are texts.
func (l *loader) readAccounts(n node, key string) access.List[access.Text] {
	return readEach(l, n, key, "a list of strings", (*loader).readAccount)
}

func (l *loader) readAccount(n node, key string) access.Text {
	n = l.settle(n)
	if v := l.number(n); v != cty.NilVal {
		at := n.place()
		l.unread[at] = true
		l.report(diag.Diagnostic{Code: CodeNumber, Range: at, Summary: "an account id is a text, and this is a number", Hint: access.QuoteAccount(v.AsBigFloat())})
		return access.Text{Range: at}
	}
	return l.readElement(n, key)
}

// number returns the value of a settled node that is a number, or NilVal.
func (l *loader) number(n node) cty.Value {
	if n.broken() {
		return cty.NilVal
	}
	v := l.scalar(n)
	if v == cty.NilVal || v.Type() != cty.Number || v.IsNull() || !v.IsKnown() {
		return cty.NilVal
	}
	return v
}

// numeral is a number as files have it.
var numeral = regexp.MustCompile(`^-?[0-9][0-9.eE+-]*$`)

// checkNumeral refuses a number in place of a text that would become another text
// than it is written as.
func (l *loader) checkNumeral(n node, text string) bool {
	if l.number(n) == cty.NilVal {
		return true
	}
	at := n.place()
	src := l.sources[at.File]
	if at.Start.Byte < 0 || at.End.Byte > len(src) || at.Start.Byte >= at.End.Byte {
		return true
	}
	written := string(src[at.Start.Byte:at.End.Byte])
	if written == text || !numeral.MatchString(written) {
		return true
	}
	l.unread[at] = true
	l.report(diag.Diagnostic{Code: CodeNumber, Range: at,
		Summary: fmt.Sprintf("a text belongs here, and the number %s would become %q", written, text),
		Hint:    fmt.Sprintf("Write %q, in quotes.", written)})
	return false
}
